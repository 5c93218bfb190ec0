"""The settings: tin3c.toml under TIN3C_HOME, and over it TIN3C_SECTION__KEY from the environment.

A key that is not here is an error. Every setting is described in docs/settings.md (a test holds the two together).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from flows.settings_errors import settings_error
from flows.settings_index import Index
from flows.settings_section import LOOPBACK, Section
from records.address import is_mail_address, is_web_address
from records.assessment import Harm
from records.errors import SettingsError
from records.risk import DEFAULT_TABLE, Level

ENVIRONMENT_PREFIX = "TIN3C_"
FILE_NAME = "tin3c.toml"
#: Environment variables with our prefix that are not settings.
NOT_SETTINGS = frozenset({"TIN3C_HOME"})
#: Say what the tests run on; a process that a test starts has them too.
_OF_TESTS = "TIN3C_TEST_"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"


class Department(Section):
    name: str = "Sở Y tế"
    province: str = Field("", description="One of the 34, kept under today's name.")
    contact: str = Field(
        "", description="A mail or web address that the user agent names, so that a site can reach us."
    )

    @field_validator("province")
    @classmethod
    def _is_a_province(cls, name: str) -> str:
        return known_province(name) if name.strip() else ""

    @field_validator("contact")
    @classmethod
    def _can_be_reached(cls, contact: str) -> str:
        return checked_contact(contact) if contact else ""


class Crawl(Section):
    delay_seconds: float = Field(1.0, ge=0, description="Between two requests to one host.")
    timeout_seconds: float = Field(30.0, gt=0)
    run_limit_seconds: float = Field(1800.0, gt=0)
    largest_body_bytes: int = Field(8_000_000, gt=0)
    extraction_limit_seconds: float = Field(5.0, gt=0)
    retries: int = Field(2, ge=0)
    longest_wait_seconds: float = Field(60.0, ge=0)
    concurrent_hosts: int = Field(16, ge=1)


class Models(Section):
    encoder: str = Field("builtin", description='"builtin", or a sentence-transformers model name or path.')
    precision: Literal["auto", "bfloat16", "float32"] = "auto"
    batch_items: int = Field(256, ge=1, description="Items per assessing task.")
    filter_threshold: float | None = Field(
        None, ge=0, le=1, description="Health probability under which the filter stops; the trained one when absent."
    )
    learn_corrections: int = Field(
        50, ge=0, description="The weekly learning waits for so many new corrections; 0 switches it off."
    )


class Narratives(Section):
    window_days: int = Field(14, ge=1)
    similarity: float | None = Field(None, ge=0, le=1, description="To join a narrative; the trained one when absent.")


class Store(Section):
    url: SecretStr | None = Field(None, description="An SQLAlchemy URL; SQLite under TIN3C_HOME when absent.")
    url_file: Path | None = Field(None, description="A file that holds it, instead of url.")
    password_file: Path | None = Field(None, description="A file that holds the password that the URL leaves out.")

    @model_validator(mode="after")
    def _one_address(self) -> Store:
        if self.url is not None and self.url_file is not None:
            raise ValueError("url and url_file are both given")
        if self.password_file is not None and self.url is None and self.url_file is None:
            raise ValueError("password_file is given without url or url_file")
        return self


class RiskSettings(Section):
    none: tuple[Level, Level, Level, Level, Level, Level] = DEFAULT_TABLE[Harm.NONE]
    low: tuple[Level, Level, Level, Level, Level, Level] = DEFAULT_TABLE[Harm.LOW]
    medium: tuple[Level, Level, Level, Level, Level, Level] = DEFAULT_TABLE[Harm.MEDIUM]
    high: tuple[Level, Level, Level, Level, Level, Level] = DEFAULT_TABLE[Harm.HIGH]
    trend_window_hours: int = Field(24, ge=1)
    trend_short_hours: int = Field(6, ge=1)
    trend_least_items: int = Field(3, ge=1, description="Fewer recent items than this never rise.")
    trend_factor: float = Field(2.0, gt=1, description="Rising: this many times the baseline.")
    trend_chance: float = Field(
        0.01, gt=0, lt=1, description="Rising: no more probable than this where nothing happens."
    )
    trend_cool_down_hours: int = Field(24, ge=0)


class Rule(Section):
    """One alert rule. Conditions that are given hold together; values of one condition are alternatives."""

    name: str
    level: Level | None = Field(None, description="This level or higher.")
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = Field((), description="Words or phrases with their marks, as whole words.")
    spike: bool = Field(False, description="Only while the trend rises.")
    slack: tuple[str, ...] = Field((), description="Slack channels; the default one when neither is given.")
    mail: tuple[str, ...] = Field((), description="Mail addresses; the default ones when neither is given.")

    @model_validator(mode="after")
    def _wants_a_condition(self) -> Rule:
        if not (self.level or self.topics or self.places or self.sources or self.keywords or self.spike):
            raise ValueError("a rule without any condition would alert on everything")
        return self


class Alerts(Section):
    rules: tuple[Rule, ...] = (Rule(name="nguy cơ cao", level=Level.HIGH),)

    @field_validator("rules")
    @classmethod
    def _names_are_unique(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if len({rule.name for rule in rules}) != len(rules):
            raise ValueError("two rules have the same name")
        return rules


class Slack(Section):
    token: SecretStr | None = None
    token_file: Path | None = None
    channel: str = ""
    base_url: str = "https://slack.com/api/"

    @field_validator("base_url")
    @classmethod
    def _the_token_travels_safely(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ValueError("must be https, except on a loopback host")
        return address if address.endswith("/") else address + "/"


class Mail(Section):
    host: str = Field("", description="The server's name alone.")
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field("starttls", description='"none" only to a loopback host.')
    user: str = ""
    password: SecretStr | None = None
    password_file: Path | None = None
    sender: str = ""
    recipients: tuple[str, ...] = Field((), description="Alerts go here.")
    digest_recipients: tuple[str, ...] = Field((), description="Digests go here.")

    @field_validator("host")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        return checked_host(host) if host else ""

    @field_validator("sender")
    @classmethod
    def _is_a_sender(cls, sender: str) -> str:
        if sender and not is_mail_address(parseaddr(sender)[1]):
            raise ValueError("must be a mail address, such as tin3c@vi-du.vn")
        return sender

    @field_validator("recipients", "digest_recipients")
    @classmethod
    def _are_mail_addresses(cls, recipients: tuple[str, ...]) -> tuple[str, ...]:
        for number, one in enumerate(recipients, 1):
            if not is_mail_address(parseaddr(one)[1]):
                raise ValueError(f"number {number} is no mail address")
        return recipients

    @model_validator(mode="after")
    def _security(self) -> Mail:
        if self.security == "none" and self.host and self.host not in LOOPBACK:
            raise ValueError("mail.security = none is allowed to a loopback host only")
        if self.host and not self.sender:
            raise ValueError("mail.sender is missing: mail.host needs it")
        return self


class Console(Section):
    host: Literal["127.0.0.1", "localhost", "::1"] = "127.0.0.1"
    port: int = Field(8033, ge=0, le=65535, description="0 takes a free one.")
    language: Literal["vi", "en"] = "vi"
    public_address: str = Field("", description="How a proxy with TLS shows the console; links in messages lead there.")
    metrics_token_file: Path | None = Field(None, description="Without it /metrics answers this machine only.")

    @field_validator("public_address")
    @classmethod
    def _is_a_site(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (
            parts.scheme != "https" or not parts.hostname or f"https://{parts.netloc}" != address.rstrip("/")
        ):
            raise ValueError("must be https://, a name and perhaps a port, nothing else")
        if "@" in parts.netloc or "*" in parts.netloc:
            raise ValueError("must name one site, without a user")
        return address.rstrip("/").lower().removesuffix(":443")


class Schedule(Section):
    watch_minutes: int = Field(15, ge=1)
    digest_day: str = Field("07:00", pattern=rf"^{_TIME}$", description="a time from 00:00 to 23:59")
    digest_week: str = Field(
        "mon 07:00",
        pattern=rf"^(mon|tue|wed|thu|fri|sat|sun) {_TIME}$",
        description="a day (mon, tue, wed, thu, fri, sat, sun) and a time from 00:00 to 23:59",
    )


class Workers(Section):
    """Of `tin3c deploy` and `tin3c worker`; `watch` by itself is one process."""

    pool: str = Field("tin3c", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Prefect's work pool.")
    limit: int = Field(8, ge=1, description="Flow runs of the pool at the same time, on all machines.")
    collect: int = Field(2, ge=1, description="Parts of a run's collection: so many workers can crawl at once.")
    assess: int = Field(1, ge=0, description="Workers besides that a run asks for to assess.")


class Keep(Section):
    not_health_days: int = Field(90, ge=1)
    unread_days: int = Field(90, ge=1)
    capture_days: int = Field(365, ge=1)
    text_days: int = Field(1095, ge=1)
    case_days: int = Field(1825, ge=1)
    run_days: int = Field(90, ge=1)
    least_free_bytes: int = Field(1_000_000_000, ge=0, description="Collecting stops below this; alerting does not.")


class Log(Section):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = Field("warning", description="Of our own lines.")
    file: Path | None = Field(None, description="Standard error when absent.")
    largest_bytes: int = Field(10_000_000, ge=0, description="Then the file is turned over; 0 leaves it to logrotate.")
    files: int = Field(5, ge=1, description="Turned-over files that are kept.")


class Settings(Section):
    home: Path
    department: Department = Department()
    crawl: Crawl = Crawl()
    models: Models = Models()
    narratives: Narratives = Narratives()
    store: Store = Store()
    index: Index = Index()
    risk: RiskSettings = RiskSettings()
    alerts: Alerts = Alerts()
    slack: Slack = Slack()
    mail: Mail = Mail()
    console: Console = Console()
    schedule: Schedule = Schedule()
    workers: Workers = Workers()
    keep: Keep = Keep()
    log: Log = Log()

    @property
    def user_agent(self) -> str:
        contact = self.department.contact or "no contact given"
        return f"Tin3C/0.1 (health information monitoring; {contact})"


def home_folder() -> Path:
    """TIN3C_HOME, or `tin3c` in the user's data folder."""
    if given := os.environ.get("TIN3C_HOME"):
        return Path(given).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tin3c"


def known_province(name: str) -> str:
    """Today's name of the province `name`. Raises ValueError, which offers those that are written alike."""
    from models.places import province_of, provinces_near

    if found := province_of(name):
        return found
    near = provinces_near(name)
    raise ValueError(
        f"{name!r} is none of the 34 provinces" + (f"; is one of these meant: {', '.join(near)}?" if near else "")
    )


def checked_contact(text: str) -> str:
    """Raises ValueError for what is neither a mail nor a web address, or could break a header."""
    if not (is_mail_address(text) or (is_web_address(text) and text.isprintable() and " " not in text)):
        raise ValueError("must be a mail address (phong@vi-du.vn) or a web address (https://vi-du.vn)")
    return text


def checked_host(name: str) -> str:
    """Raises ValueError for what is not a host's name, or an IP address, alone."""
    if not re.fullmatch(r"[\w.-]+|[0-9a-fA-F:]+", name):
        raise ValueError("must be the server's name alone, such as mail.vi-du.vn; its port is mail.port")
    return name


def load(home: Path | None = None, file: Path | None = None) -> Settings:
    """The settings of `home`. Raises SettingsError, which names the key or the variable, and what is allowed.

    `file`: read in the place of the home's own.
    """
    home = home or home_folder()
    layer, variables = _from_environment()
    return build(_from_file(file or home / FILE_NAME) | {"home": home}, layer, environment=variables)


def build(*layers: dict[str, Any], environment: Mapping[tuple[str, ...], str] | None = None) -> Settings:
    """Settings from nested dicts, the later over the earlier. Raises SettingsError.

    `environment`: the variables that (section, key) come from, for the error's words.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _over(merged, layer)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise settings_error(first, Settings, environment or {}, FILE_NAME) from error


def _over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _over(merged[key], value) if both else value
    return merged


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), f"is not written as TOML wants it: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(str(path), "is not UTF-8") from error
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read: {error.strerror}") from error
    if "home" in values:
        raise SettingsError("home", "is not a setting of the file: set TIN3C_HOME")
    return values


def _from_environment() -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
    """(the values, the variable that each (section, key) comes from)"""
    layer: dict[str, Any] = {}
    variables: dict[tuple[str, ...], str] = {}
    for name, value in sorted(os.environ.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS or name.startswith(_OF_TESTS):
            continue
        section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        field = Settings.model_fields.get(section)
        if not key or section == "home" or field is None:
            raise SettingsError(name, "is not a setting; they are TIN3C_SECTION__KEY", "in the environment")
        layer.setdefault(section, {})[key] = _parsed(value)
        variables[section, key] = name
    return layer, variables


def _parsed(value: str) -> Any:
    """Lists and tables are written as in TOML; anything else is taken as it stands."""
    if value[:1] in "[{" and value:
        try:
            return tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            return value
    return value


def secret(value: SecretStr | None, file: Path | None, key: str) -> str | None:
    """The secret, from the setting or from its file. Raises SettingsError when the file cannot be read."""
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{key}_file", f"cannot be read: {error.strerror}") from error
