"""Pages that want a browser, a cookie or a captcha instead of giving what was asked for. Pure.

Such a page is reported, never got round.
"""

from __future__ import annotations

import re

#: A page with more visible text than this is an article that speaks of captchas, not one that asks for it. Characters.
LONGEST_CHALLENGE_TEXT = 1_000
#: Marks are looked for in this many characters of the page.
_LOOKED_AT = 200_000

_SCRIPTS = re.compile(r"<(script|style|noscript)\b[^<>]*>(.*?)</\1\s*>", re.I | re.S)
_TAGS = re.compile(r"<[^<>]*>")
_SETS_COOKIE = re.compile(r"document\s*\.\s*cookie\s*=", re.I)
_RELOADS = re.compile(r"location\s*(?:\.\s*(?:reload|href|replace|assign)|=)", re.I)
_MARKS = re.compile(
    r"<title>\s*just a moment|challenge-platform|cf[-_]chl|cf-browser-verification|_incapsula_|incapsula incident"
    r"|g-recaptcha|recaptcha/api|h-captcha|hcaptcha\.com|cf-turnstile|ddos-guard|anti-?ddos"
    r"|checking your browser|checking if the site connection is secure|enable javascript and cookies"
    r"|verify (?:that )?you are (?:a )?human|\bcaptcha\b|datadome|px-captcha",
    re.I,
)


def is_challenge(page: str) -> bool:
    page = page[:_LOOKED_AT]
    if "<" not in page:
        return False
    scripts = " ".join(match[2] for match in _SCRIPTS.finditer(page))
    visible = " ".join(_TAGS.sub(" ", _SCRIPTS.sub(" ", page)).split())
    if len(visible) > LONGEST_CHALLENGE_TEXT:
        return False
    if _SETS_COOKIE.search(scripts) and _RELOADS.search(scripts) and len(visible) < 300:
        return True
    return bool(_MARKS.search(page))
