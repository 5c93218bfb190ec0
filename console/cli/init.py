"""`tin3c init`: asks for what only the department knows, writes tin3c.toml, and offers the known sources, each off."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from console.cli.exits import FAILED
from records.address import is_mail_address
from records.errors import InputError
from records.text import fold, normalize


def init(
    province: Annotated[str | None, typer.Option(help="The province's name, as in 'Lạng Sơn'.")] = None,
    department: Annotated[str | None, typer.Option(help="The department's name.")] = None,
    contact: Annotated[str | None, typer.Option(help="A mail or web address for the sites that we read.")] = None,
    slack_channel: Annotated[str | None, typer.Option(help="A Slack channel for alerts; '' for none.")] = None,
    slack_token_file: Annotated[Path | None, typer.Option(help="A file that holds the Slack app's token.")] = None,
    mail_host: Annotated[str | None, typer.Option(help="The mail server for alerts; '' for none.")] = None,
    mail_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port; 587 when not given.")] = None,
    mail_user: Annotated[str, typer.Option(help="The user name at the mail server.")] = "",
    mail_password_file: Annotated[Path | None, typer.Option(help="A file that holds its password.")] = None,
    mail_sender: Annotated[str | None, typer.Option(help="The address that alerts come from.")] = None,
    recipient: Annotated[list[str] | None, typer.Option(help="Who gets alerts by mail; may be repeated.")] = None,
    with_sources: Annotated[bool, typer.Option("--sources/--no-sources", help="Offer the known sources.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace tin3c.toml; the old one is kept beside it.")] = False,
) -> None:
    """Set up this home: asks what is not given as an option. Nothing is read from the web yet.

    Without a terminal nothing is asked: --province and --contact must be given, the rest has its default.
    """
    from flows.settings import FILE_NAME, build, home_folder

    home = home_folder()
    path = home / FILE_NAME
    if path.exists() and not force:
        typer.echo(f"{path} is there already. Edit it, or run `tin3c init --force` (the old one is kept).", err=True)
        raise typer.Exit(FAILED)
    ask = _Asking(nothing_left=None not in (province, contact, slack_channel, mail_host), terminal=sys.stdin.isatty())
    province = ask.needed("--province", province, "Province (tỉnh, thành phố)", _province)
    department = ask.with_default("--department", department, "Department", f"Sở Y tế {province}")
    contact = ask.needed("--contact", contact, "Contact address for the sites that we read (mail or web)", _contact)
    values: dict[str, Any] = {"department": {"name": department, "province": province, "contact": contact}}
    if channel := ask.with_default("--slack-channel", slack_channel, "Slack channel for alerts (empty for none)", ""):
        token_file = ask.needed("--slack-token-file", slack_token_file, "File with the Slack token", _secret_file)
        values["slack"] = {"channel": channel, "token_file": token_file}
    if host := ask.with_default("--mail-host", mail_host, "Mail server for alerts (empty for none)", "", _host):
        sender = ask.needed("--mail-sender", mail_sender, "Alerts are sent from", _mailbox)
        given = " ".join(recipient) if recipient else None
        to = ask.needed("--recipient", given, "Alerts are sent to (addresses, spaces between)", _mailboxes).split()
        values["mail"] = {"host": host, "sender": sender, "recipients": to}
        values["mail"] |= {"port": mail_port} if mail_port else {}
        values["mail"] |= {"user": mail_user} if mail_user else {}
        if mail_password_file:
            password_file = ask.needed("--mail-password-file", mail_password_file, "", _secret_file)
            values["mail"] |= {"password_file": password_file}
    settings = build({"home": home}, values)
    _write(path, values)
    typer.echo(f"Wrote {path}. Everything can be changed there.", err=True)
    if with_sources:
        _offer_sources(settings, province)
    typer.echo("Next: `tin3c sources check --enable` reads each source once and switches on those that work,", err=True)
    typer.echo("then `tin3c watch --once`, and `tin3c up` for every day. `tin3c doctor` says what is amiss.", err=True)


class _Asking:
    """Answers from options, or from the person at the terminal, asked again until they can be used.

    `nothing_left`: all that would be asked was given, and defaults go without saying.
    """

    def __init__(self, *, nothing_left: bool, terminal: bool) -> None:
        self._nothing_left = nothing_left
        self._terminal = terminal

    def needed(self, option: str, given: str | Path | None, question: str, checked: Callable[[str], str]) -> str:
        if given is not None:
            return _checked(option, str(given), checked)
        if not self._terminal:
            raise InputError(f"{option} is missing, and there is no terminal to ask at")
        answer: str = typer.prompt(question, err=True, value_proc=lambda text: _checked("", text, checked))
        return answer

    def with_default(
        self, option: str, given: str | None, question: str, default: str, checked: Callable[[str], str] = normalize
    ) -> str:
        """`default` where it is not given and cannot be asked; checked only where it says something."""

        def unless_empty(text: str) -> str:
            return checked(text.strip()) if text.strip() else ""

        if given is None and (self._nothing_left or not self._terminal):
            return default
        if given is not None:
            return _checked(option, given, unless_empty)
        answer: str = typer.prompt(
            question,
            default=default,
            show_default=bool(default),
            err=True,
            value_proc=lambda text: _checked("", text, unless_empty),
        )
        return answer


def _checked(option: str, text: str, checked: Callable[[str], str]) -> str:
    """Raises BadParameter: a prompt then asks again, and an option ends the command."""
    try:
        return checked(text.strip())
    except ValueError as problem:
        raise typer.BadParameter(f"{option}: {problem}" if option else str(problem)) from problem


def _province(name: str) -> str:
    from flows.settings import known_province

    found = known_province(name)
    if fold(found) not in fold(name):
        typer.echo(f"{name} belongs to {found} since July 2025.", err=True)
    return found


def _contact(text: str) -> str:
    from flows.settings import checked_contact

    if not text:
        raise ValueError("a site that we trouble must be able to reach you")
    return checked_contact(text)


def _mailbox(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError(f"{text!r} is no mail address")
    return text


def _mailboxes(text: str) -> str:
    if not text:
        raise ValueError("at least one mail address is wanted")
    return " ".join(_mailbox(one) for one in text.replace(",", " ").split())


def _host(text: str) -> str:
    from flows.settings import checked_host

    return checked_host(text)


def _secret_file(text: str) -> str:
    """Its absolute path: the service may be started in another folder."""
    path = Path(text).expanduser().resolve()
    try:
        content = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ValueError(f"{path} cannot be read: {reason}") from error
    if not content:
        raise ValueError(f"{path} is empty")
    return str(path)


def _write(path: Path, values: dict[str, Any]) -> None:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Tin3C's settings. Every key is described in docs/settings.md; what is not here"))
    document.add(tomlkit.comment("has its default. TIN3C_SECTION__KEY in the environment stands over this file."))
    for section, keys in values.items():
        table = tomlkit.table()
        for key, value in keys.items():
            table.add(key, value)
        document.add(section, table)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}")
        path.rename(kept)
        typer.echo(f"Kept the old settings as {kept.name}.", err=True)
    draft = path.with_suffix(".new")
    draft.write_text(tomlkit.dumps(document), "utf-8")
    draft.chmod(0o600)
    draft.replace(path)


def _offer_sources(settings: Any, province: str) -> None:
    """Put the known sources on the list, switched off. Those that are on it already are left as they are."""
    from crawlers import suggested_sources
    from flows import wiring

    store = wiring.open_store(settings)
    try:
        known = {source.id for source in store.sources.all()}
        offered = [source for source in suggested_sources(province) if source.id not in known]
        for source in offered:
            store.sources.save(source, datetime.now(UTC))
    finally:
        store.close()
    typer.echo(f"Put {len(offered)} known sources on the list; each is off until it was checked.", err=True)
