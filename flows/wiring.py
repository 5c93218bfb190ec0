"""Builds the adapters from the settings. Imports neither Prefect nor torch: each function imports what it needs.

The console, the flows and the child processes all get their parts here, so that they get the same ones.
"""

from __future__ import annotations

import logging
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from casework import Recipients
from flows.settings import Rule, Settings, secret
from flows.settings_index import Index
from records.alert_rules import AlertRule
from records.assessment import Harm
from records.crawl import CrawlLimits
from records.errors import SettingsError
from records.message import Channel
from records.ports import Assessor, Deliverer, Encoder, Narrator, SearchIndex
from records.retention import RetentionTerms
from records.risk import RiskTable
from records.topics import TOPICS
from records.trend import TrendSettings

if TYPE_CHECKING:
    from alerts.letterhead import Letterhead
    from alerts.mail import SmtpServer
    from models.weights import Weights
    from store import Store
    from store.database import Database

log = logging.getLogger(__name__)

KEY_BYTES = 32
LEAST_TOKEN_CHARACTERS = 20


def key(settings: Settings, name: str) -> bytes:
    """A secret key of this installation, made at its first use, readable by its owner alone."""
    path = settings.home / "keys" / f"{name}.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under another name first: two processes may both be the first.
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    value = path.read_bytes()
    if len(value) != KEY_BYTES:
        raise SettingsError(str(path), f"should hold {KEY_BYTES} bytes; restore it from a backup")
    return value


def store_url(settings: Settings) -> str | None:
    """The address of the database, with its password; None for SQLite in the home."""
    store = settings.store
    url = secret(store.url, store.url_file, "store.url")
    password = secret(None, store.password_file, "store.password")
    if url is None or password is None:
        return url
    from store.address import with_password

    return with_password(url, password)


def database(settings: Settings) -> Database:
    """The database of the store as it stands, of whatever schema. Close it."""
    from store.core import database_at

    return database_at(store_url(settings), settings.home)


def open_store(settings: Settings) -> Store:
    """The system of record, migrated to this code's schema."""
    from store import open_store as open_

    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open_(
        store_url(settings),
        home=settings.home,
        author_key=key(settings, "author"),
        terms=retention_terms(settings),
        trend_window_hours=settings.risk.trend_window_hours,
    )


def retention_terms(settings: Settings) -> RetentionTerms:
    days = settings.keep
    return RetentionTerms(
        not_health=timedelta(days=days.not_health_days),
        unread=timedelta(days=days.unread_days),
        captures=timedelta(days=days.capture_days),
        texts=timedelta(days=days.text_days),
        cases=timedelta(days=days.case_days),
        runs=timedelta(days=days.run_days),
    )


def open_index(settings: Settings) -> SearchIndex:
    """The search index. Nothing is opened, and no cluster asked, before the first call."""
    if settings.index.engine == "elasticsearch":
        return _elasticsearch_index(settings.index)
    from index.sqlite import SqliteIndex

    return SqliteIndex(settings.home / "index")


def _elasticsearch_index(wanted: Index) -> SearchIndex:
    from index.elastic_connection import Access
    from index.elasticsearch import ElasticsearchIndex, Layout

    if wanted.ca_file is not None and not wanted.ca_file.is_file():
        raise SettingsError("index.ca_file", f"there is no file {wanted.ca_file}")
    access = Access(
        addresses=wanted.addresses,
        user=wanted.user,
        password=secret(wanted.password, wanted.password_file, "index.password") or "",
        api_key=secret(wanted.api_key, wanted.api_key_file, "index.api_key") or "",
        ca_file=wanted.ca_file,
        search_seconds=wanted.search_seconds,
        write_seconds=wanted.write_seconds,
    )
    return ElasticsearchIndex(access, Layout(wanted.prefix, wanted.shards, wanted.replicas))


def crawl_limits(settings: Settings) -> CrawlLimits:
    return CrawlLimits(user_agent=settings.user_agent, **settings.crawl.model_dump())


def encoder(settings: Settings) -> Encoder:
    from models.encoder import load_encoder

    return load_encoder(settings.models.encoder, settings.home, settings.models.precision)


def assessor(settings: Settings, using: Encoder | None = None) -> Assessor:
    """With the desk's heads; with all the shipped ones where the desk's were learnt for another program."""
    from models import versions
    from models.assessor import load_assessor

    heads = heads_folder(settings)
    folder = versions.folder_to_load(heads)
    if folder != versions.folder_in_use(heads):
        log.warning(
            "the shipped heads are in use: the desk's version %s does not fit this program", versions.in_use(heads)
        )
    return load_assessor(
        using or encoder(settings),
        filter_threshold=settings.models.filter_threshold,
        heads_folder=folder,
        home=settings.department.province,
    )


def heads_folder(settings: Settings) -> Path:
    """Where the desk's heads are, version beside version (models/versions.py)."""
    return settings.home / "models" / "heads"


def narrator(settings: Settings) -> Narrator:
    from models.narration import StreamNarrator

    return StreamNarrator(
        window=timedelta(days=settings.narratives.window_days),
        similarity=settings.narratives.similarity,
        weights=narration_weights(settings),
    )


def narration_weights(settings: Settings) -> Weights:
    """What narration judges pairs of items by: learnt from what people arranged, or as shipped."""
    from models import versions, weights

    return weights.load(versions.folder_in_use(heads_folder(settings)))


def risk_table(settings: Settings) -> RiskTable:
    return {harm: getattr(settings.risk, harm.value) for harm in Harm}


def trend_settings(settings: Settings) -> TrendSettings:
    return TrendSettings(
        window_hours=settings.risk.trend_window_hours,
        short_hours=settings.risk.trend_short_hours,
        least_items=settings.risk.trend_least_items,
        factor=settings.risk.trend_factor,
        chance=settings.risk.trend_chance,
        cool_down_hours=settings.risk.trend_cool_down_hours,
    )


def alert_rules(settings: Settings) -> tuple[AlertRule, ...]:
    return tuple(_rule(rule) for rule in settings.alerts.rules)


def _rule(rule: Rule) -> AlertRule:
    return AlertRule(**{name: getattr(rule, name) for name in Rule.model_fields})


def default_recipients(settings: Settings) -> Recipients:
    """Where an alert goes when its rule names nobody. Without configuration: to files, under these names."""
    mail = settings.mail.recipients or (() if settings.mail.host else ("canh-bao@localhost",))
    return Recipients(slack=(settings.slack.channel or "#tin3c",), mail=mail)


def console_address(settings: Settings) -> str:
    """Where links in messages lead."""
    if settings.console.public_address:
        return settings.console.public_address
    host = "[::1]" if settings.console.host == "::1" else settings.console.host
    return f"http://{host}:{settings.console.port}"


def metrics_token(settings: Settings) -> str | None:
    """What /metrics wants to see. Raises SettingsError when it is short enough to be guessed."""
    token = secret(None, settings.console.metrics_token_file, "console.metrics_token")
    if token is not None and len(token) < LEAST_TOKEN_CHARACTERS:
        raise SettingsError("console.metrics_token_file", f"holds fewer than {LEAST_TOKEN_CHARACTERS} characters")
    return token


def letterhead(settings: Settings) -> Letterhead:
    """Who our messages are from, and where their links lead."""
    from alerts.letterhead import Letterhead

    return Letterhead(
        department=settings.department.name,
        console_address=console_address(settings),
        topic_names={key: names.vietnamese for key, names in TOPICS.items()},
    )


def deliverers(settings: Settings) -> dict[Channel, Deliverer]:
    """One for each channel; what is not configured goes to files under TIN3C_HOME/messages."""
    from alerts.files import FileDeliverer
    from alerts.mail import MailDeliverer
    from alerts.slack import SlackDeliverer

    head = letterhead(settings)
    found: dict[Channel, Deliverer] = {
        channel: FileDeliverer(channel, settings.home / "messages", head) for channel in Channel
    }
    if token := secret(settings.slack.token, settings.slack.token_file, "slack.token"):
        found[Channel.SLACK] = SlackDeliverer(token, head, settings.slack.base_url)
    if settings.mail.host:
        found[Channel.MAIL] = MailDeliverer(smtp_server(settings), head)
    return found


def smtp_server(settings: Settings) -> SmtpServer:
    """Where mail is handed over. Raises SettingsError when no host is configured."""
    from alerts.mail import SmtpServer

    mail = settings.mail
    if not mail.host:
        raise SettingsError("mail.host", "is missing: mail cannot be sent")
    return SmtpServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        security=mail.security,
        user=mail.user,
        password=secret(mail.password, mail.password_file, "mail.password") or "",
    )
