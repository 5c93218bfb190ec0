"""The words on screen: English in the code, Vietnamese from locale/vi/LC_MESSAGES/console.po.

The catalogue is compiled in memory when the console starts, so that no compiled file can lag behind its source.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("vi", "en")
DOMAIN = "console"
LOCALE_FOLDER = Path(__file__).parent / "locale"


def mark(message: str) -> str:
    """`message` as it stands: marks it for the catalogue where it is translated later."""
    return message


def catalogue_path(language: str) -> Path:
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(language: str) -> NullTranslations:
    """The translations into `language`. English is the language of the messages themselves: it has no catalogue."""
    path = catalogue_path(language)
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)
