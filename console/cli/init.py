"""`tin3c init`: asks for what only the department knows, writes tin3c.toml, and offers the known sources, each off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from records.text import normalize


def init(
    province: Annotated[str | None, typer.Option(help="The province's name, as in 'Lạng Sơn'.")] = None,
    department: Annotated[str | None, typer.Option(help="The department's name.")] = None,
    contact: Annotated[str | None, typer.Option(help="A mail or web address for the sites that we read.")] = None,
    slack_channel: Annotated[str | None, typer.Option(help="A Slack channel for alerts; '' for none.")] = None,
    slack_token_file: Annotated[Path | None, typer.Option(help="A file that holds the Slack app's token.")] = None,
    mail_host: Annotated[str | None, typer.Option(help="The mail server for alerts; '' for none.")] = None,
    mail_user: Annotated[str, typer.Option(help="The user name at the mail server.")] = "",
    mail_password_file: Annotated[Path | None, typer.Option(help="A file that holds its password.")] = None,
    mail_sender: Annotated[str | None, typer.Option(help="The address that alerts come from.")] = None,
    recipient: Annotated[list[str] | None, typer.Option(help="Who gets alerts by mail; may be repeated.")] = None,
    with_sources: Annotated[bool, typer.Option("--sources/--no-sources", help="Offer the known sources.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace tin3c.toml; the old one is kept beside it.")] = False,
) -> None:
    """Set up this home: asks what is not given as an option. Nothing is read from the web yet."""
    from flows.settings import FILE_NAME, build, home_folder

    home = home_folder()
    path = home / FILE_NAME
    if path.exists() and not force:
        typer.echo(f"{path} is there already. Edit it, or run `tin3c init --force` (the old one is kept).", err=True)
        raise typer.Exit(1)
    typer.echo(f"Setting up {home}. Everything can be changed later in {FILE_NAME}.", err=True)
    province = normalize(province or typer.prompt("Province (tỉnh, thành phố)"))
    department = normalize(department or typer.prompt("Department", default=f"Sở Y tế {province}"))
    contact = contact or typer.prompt("Contact address for the sites that we read (mail or web)")
    if slack_channel is None:
        slack_channel = typer.prompt("Slack channel for alerts (empty for none)", default="", show_default=False)
    if slack_channel and slack_token_file is None:
        slack_token_file = Path(typer.prompt("File with the Slack token"))
    if mail_host is None:
        mail_host = typer.prompt("Mail server for alerts (empty for none)", default="", show_default=False)
    if mail_host:
        mail_sender = mail_sender or typer.prompt("Alerts are sent from")
        recipient = recipient or typer.prompt("Alerts are sent to (addresses, spaces between)").split()
    values: dict[str, Any] = {"department": {"name": department, "province": province, "contact": contact}}
    if slack_channel:
        values["slack"] = {"channel": slack_channel, "token_file": str(slack_token_file)}
    if mail_host:
        values["mail"] = {"host": mail_host, "sender": mail_sender, "recipients": recipient}
        values["mail"] |= {"user": mail_user} if mail_user else {}
        values["mail"] |= {"password_file": str(mail_password_file)} if mail_password_file else {}
    settings = build({"home": home}, values)
    _write(path, values)
    typer.echo(f"Wrote {path}.", err=True)
    if with_sources:
        _offer_sources(settings, province)
    typer.echo("Next: `tin3c sources check --enable` reads each source once and switches on those that work,", err=True)
    typer.echo("then `tin3c watch --once`, and `tin3c up` for every day. `tin3c doctor` says what is amiss.", err=True)


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
