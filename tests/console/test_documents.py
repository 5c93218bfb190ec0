"""The documents name every command, and no command that does not exist."""

import re
from pathlib import Path

import typer
from typer.main import get_command

ROOT = Path(__file__).parents[2]


def _commands(command: typer.core.TyperCommand | object, prefix: str) -> set[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return {prefix}
    return {name for key, child in inner.items() for name in _commands(child, f"{prefix} {key}")}


def test_every_command_is_documented_and_nothing_else() -> None:
    from console.cli.main import app

    text = (ROOT / "docs/command-line.md").read_text("utf-8")
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `tin3c"))
    documented = set(re.findall(r"`(tin3c [a-z]+(?: [a-z]+)?)`", table))
    assert documented == _commands(get_command(app), "tin3c")


def test_help_needs_no_heavy_import() -> None:
    import subprocess
    import sys

    program = "import sys, console.cli.main; print([m for m in ('torch', 'prefect', 'scrapy', 'sklearn', 'fastapi', "
    program += "'sqlalchemy', 'sentence_transformers') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
