"""Settings: the file, the environment over it, and no key that we do not know."""

import re
from pathlib import Path

import pytest

from flows.settings import Settings, build, load
from records.errors import SettingsError
from records.risk import Level

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [n for n in os.environ if n.startswith("TIN3C_")]:
        monkeypatch.delenv(name)


def test_the_environment_stands_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tin3c.toml").write_text(
        '[crawl]\ndelay_seconds = 2\nretries = 5\n[mail]\nrecipients = ["a@vi-du.vn"]\n'
    )
    monkeypatch.setenv("TIN3C_CRAWL__DELAY_SECONDS", "0.5")
    monkeypatch.setenv("TIN3C_MAIL__RECIPIENTS", '["b@vi-du.vn", "c@vi-du.vn"]')
    settings = load(tmp_path)
    assert settings.crawl.delay_seconds == 0.5
    assert settings.crawl.retries == 5
    assert settings.mail.recipients == ("b@vi-du.vn", "c@vi-du.vn")
    assert settings.home == tmp_path


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[crawl]\ndelay = 1\n", "crawl.delay"),
        ("[crawler]\ndelay_seconds = 1\n", "crawler"),
        ("[crawl]\ndelay_seconds = -1\n", "crawl.delay_seconds"),
        ('home = "/tmp"\n', "home"),
        ('[[alerts.rules]]\nname = "tất cả"\n', "alerts.rules 1"),
        ('[mail]\nhost = "mail.vi-du.vn"\nsender = "a@vi-du.vn"\nsecurity = "none"\n', "mail"),
        ('[slack]\nbase_url = "http://slack.vi-du.vn/"\n', "slack.base_url"),
        ('[console]\nhost = "0.0.0.0"\n', "console.host"),
        ("[crawl\n", "tin3c.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "tin3c.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert key in caught.value.key


@pytest.mark.parametrize("name", ["TIN3C_CRAWL__SPEED", "TIN3C_CRAWLER__DELAY_SECONDS", "TIN3C_CRAWL", "TIN3C_HOME__X"])
def test_an_unknown_variable_with_our_prefix_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=name):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ndelay_seconds = -1\n", "crawl.delay_seconds (tin3c.toml): must be 0 or more, not -1"),
        ('[crawl]\nretries = "hai"\n', "crawl.retries (tin3c.toml): must be a whole number, not 'hai'"),
        ("[crawl]\ndelay_secs = 1\n", "crawl.delay_secs (tin3c.toml): is not a setting; is delay_seconds meant?"),
        ("[mail]\nport = 70000\n", "mail.port (tin3c.toml): must be from 1 to 65535, not 70000"),
        ('[mail]\nrecipients = "a@vi-du.vn"\n',
         """mail.recipients (tin3c.toml): must be a list, such as ["a", "b"], not 'a@vi-du.vn'"""),
        ('[mail]\nrecipients = ["a@vi-du.vn", "b"]\n', "mail.recipients (tin3c.toml): number 2 is no mail address"),
        ('[models]\nprecision = "half"\n',
         "models.precision (tin3c.toml): must be one of: auto, bfloat16, float32, not 'half'"),
        ('[schedule]\ndigest_day = "25:00"\n',
         "schedule.digest_day (tin3c.toml): must be a time from 00:00 to 23:59, not '25:00'"),
        ('[[alerts.rules]]\nname = "a"\nspike = true\n[[alerts.rules]]\nname = "b"\nlevel = "cao"\n',
         "alerts.rules 2.level (tin3c.toml): must be one of: low, medium, high, critical, not 'cao'"),
        ("[[alerts.rules]]\nspike = true\n", "alerts.rules 1.name (tin3c.toml): is missing"),
        ('[risk]\nlow = ["low"]\n', "risk.low 2 (tin3c.toml): is missing: every position wants a value"),
        ("crawl = 3\n", "crawl (tin3c.toml): must be a section with keys of its own, not 3"),
        ('[department]\ncontact = "phòng truyền thông"\n',
         "department.contact (tin3c.toml): must be a mail address (phong@vi-du.vn) or a web address (https://vi-du.vn)"),
        ('[department]\nprovince = "Lạng Sown"\n',
         "department.province (tin3c.toml): 'Lạng Sown' is none of the 34 provinces; "
         "is one of these meant: Lạng Sơn, Tây Ninh?"),
        ("[slack]\ntoken = 12345\n", "slack.token (tin3c.toml): must be a text in quotation marks"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_plain_words(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tin3c.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert str(caught.value) == said


def test_a_wrong_variable_is_named_as_it_stands_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tin3c.toml").write_text("[crawl]\ndelay_seconds = 2\n")
    monkeypatch.setenv("TIN3C_CRAWL__DELAY_SECONDS", "bí mật")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert str(caught.value) == "TIN3C_CRAWL__DELAY_SECONDS (in the environment): must be a number, not 'bí mật'"


def test_a_province_is_kept_under_todays_name(tmp_path: Path) -> None:
    assert build({"home": tmp_path, "department": {"province": "tỉnh Hà Giang"}}).department.province == "Tuyên Quang"


def test_the_default_table_is_the_designs(tmp_path: Path) -> None:
    risk = build({"home": tmp_path}).risk
    assert risk.high == (Level.MEDIUM, Level.HIGH, Level.HIGH, Level.CRITICAL, Level.CRITICAL, Level.CRITICAL)
    assert risk.medium == (Level.LOW, Level.LOW, Level.MEDIUM, Level.MEDIUM, Level.HIGH, Level.HIGH)


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"`([a-z]+(?:\.[a-z_]+){1,2})`", (ROOT / "docs/settings.md").read_text("utf-8")))
    documented -= {"tin3c.toml"}
    existing = set()
    for section, field in Settings.model_fields.items():
        if section == "home":
            continue
        model = field.annotation
        assert model is not None
        existing |= {f"{section}.{key}" for key in model.model_fields}  # type: ignore[attr-defined]
    existing.remove("alerts.rules")
    from flows.settings import Rule

    existing |= {f"alerts.rules.{key}" for key in Rule.model_fields}
    assert documented == existing
