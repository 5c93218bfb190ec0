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
        ('[[alerts.rules]]\nname = "tất cả"\n', "alerts.rules.0"),
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
    with pytest.raises(SettingsError, match=name if name != "TIN3C_CRAWL__SPEED" else "crawl.speed"):
        load(tmp_path)


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
