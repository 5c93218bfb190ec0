"""`tin3c models fetch|train|evaluate`; learn, list and rollback are in learn.py."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli import learn
from records.errors import InputError

if TYPE_CHECKING:
    from flows.settings import Settings
    from models.train_claims import Learnt
    from records.claim import ClaimPair
    from records.ports import Encoder

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The encoder and the heads.")
app.command("learn")(learn.learn)
app.command("list")(learn.list_versions)
app.command("rollback")(learn.rollback)
app.command("drift")(learn.drift)

_Json = Annotated[bool, typer.Option("--json", help="One JSON object on the last line.")]
_Shared = Annotated[Path | None, typer.Option(help="The folder of the local-only data; ../shared/data where it is.")]


@app.command()
def fetch(as_json: _Json = False) -> None:
    """Build the built-in encoder, or load the one of the settings, so that it is there when it is needed."""
    settings, encoder, seconds = _encoder()
    size = sum(file.stat().st_size for file in (settings.home / "models").rglob("*") if file.is_file())
    facts = {
        "encoder": encoder.version,
        "dimensions": encoder.dimensions,
        "bytes": size,
        "seconds": round(seconds, 1),
    }
    _tell(facts, f"{encoder.version}: {size / 1e6:,.0f} MB, ready after {seconds:.0f} s", as_json)


@app.command()
def train(
    shared: _Shared = None,
    output: Annotated[Path | None, typer.Option(help="Where the heads go; TIN3C_HOME/models/heads.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Where vectors are kept between trainings.")] = None,
    head: Annotated[list[str] | None, typer.Option(help="Only these heads; claims: the matching of claims.")] = None,
    as_json: _Json = False,
) -> None:
    """Learn the heads: from the project's texts, the desk's corrections, and the local-only data where it is."""
    from flows import wiring
    from models import training, versions

    settings, encoder, _ = _encoder()
    folder = shared or shared_folder()
    if folder is None:
        typer.echo("No ../shared/data here: " + ", ".join(training.FROM_SHARED) + " stay as shipped.", err=True)
    claims = _learn_claims(settings, encoder, cache) if not head or "claims" in head else None
    if head == ["claims"]:
        facts: dict[str, Any] = {
            "learnt": ["claims"] if claims and claims.taken else [],
            "figures": {"claims": _figures(claims)},
        }
        _tell(facts | {"claims": claims.why if claims else "no_words"}, _learnt_claims_line(claims), as_json)
        return
    if output is None and head and folder:
        # It would weigh the n-grams and draw the landmarks anew, which the other heads do not know.
        if {*training.FROM_SHARED} & {*head}:
            raise InputError(f"{', '.join(training.FROM_SHARED)} are trained with all the others, or into an --output")
        folder = None
    with nullcontext(output) if output else versions.trained(wiring.heads_folder(settings)) as into:
        trained = training.train(
            encoder,
            into,
            cache or settings.home / "models" / "vectors",
            shared=folder,
            corrections=_corrections(settings),
            names=head or (),
            progress=_progress,
        )
    if output is None:
        _use_trained(settings)
    facts = {
        "learnt": [each.name for each in trained.heads],
        "kept": list(trained.kept),
        "figures": trained.figures,
        "seconds": round(trained.seconds, 1),
    }
    if claims:
        facts["figures"] = trained.figures | {"claims": claims.figures}
        facts["claims"] = claims.why
    learnt = ", ".join([each.name for each in trained.heads]) or "nothing"
    said = f"learnt in {trained.seconds:.0f} s: {learnt}; kept: {', '.join(trained.kept) or 'none'}"
    _tell(facts, f"{said}\n{_learnt_claims_line(claims)}" if claims else said, as_json)


@app.command()
def evaluate(
    shared: _Shared = None,
    cache: Annotated[Path | None, typer.Option(help="Where vectors are kept between runs.")] = None,
    cards: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the figures into the model cards that lie here.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all figures and hashes here, as the tests read them.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Measure every head out of fold, with the hashes of corpora, code and weights."""
    from models import cards as model_cards
    from models import evaluation, measuring

    began = time.monotonic()
    settings, encoder, _ = _encoder()
    vectors = cache or settings.home / "models" / "vectors"
    facts = measuring.measure(encoder, vectors, shared or shared_folder(), _progress)
    facts["claims"] = _measure_claims(settings, encoder, cache)
    if output is not None:
        output.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if cards is not None:
        changed = model_cards.write(cards, facts)
        typer.echo(f"{len(changed)} of {len(model_cards.NAMES)} cards changed in {cards}.", err=True)
    typer.echo(f"Measured in {time.monotonic() - began:.0f} s.", err=True)
    table = "\n".join(f"{name:12} {evaluation.line(each)}" for name, each in facts["figures"].items())
    _tell(facts, f"{table}\n{'claims':12} {_claims_line(facts['claims'])}", as_json)


def _use_trained(settings: Settings) -> None:
    """What was trained by hand is in use from now on, not a version that `learn` had made."""
    from datetime import UTC, datetime

    from flows import wiring
    from models import versions

    heads = wiring.heads_folder(settings)
    if versions.in_use(heads) != versions.BASE:
        versions.use(heads, versions.BASE, datetime.now(UTC), "trained")


def _encoder() -> tuple[Settings, Encoder, float]:
    """(settings, the encoder with its weights loaded, seconds that took)."""
    from flows.settings import load
    from models.encoder import load_encoder

    began = time.monotonic()
    settings = load()
    encoder = load_encoder(settings.models.encoder, settings.home, settings.models.precision)
    encoder.encode(["xin chào"])
    return settings, encoder, time.monotonic() - began


def _learn_claims(settings: Settings, encoder: Encoder, cache: Path | None) -> Learnt | None:
    """The matching of known claims, learnt anew where the desk has confirmed or rejected any, and that is better."""
    from flows.claims import model_file, model_in_use
    from models.matching import FAMILY
    from models.train_claims import Learnt, learn
    from models.vectors import VectorCache

    pairs = _pairs(settings)
    if not pairs:
        return None
    if not encoder.version.startswith(FAMILY):
        # What it learnt of these vectors would be applied to those of the built-in encoder, if that came back.
        return Learnt("other_encoder", {})
    vectors = VectorCache(encoder, cache or settings.home / "models" / "vectors")
    return learn(model_file(settings.home), vectors, pairs, model_in_use(settings.home))


def _measure_claims(settings: Settings, encoder: Encoder, cache: Path | None) -> dict[str, Any]:
    from flows.claims import model_in_use
    from models.train_claims import evaluate
    from models.vectors import VectorCache

    vectors = VectorCache(encoder, cache or settings.home / "models" / "vectors")
    return evaluate(model_in_use(settings.home), vectors)


def _figures(claims: Learnt | None) -> dict[str, Any] | None:
    return claims.figures if claims else None


_WHY_CLAIMS = {
    "better": "learnt anew: better on the desk's held-out words, and not worse on the measuring part",
    "other_encoder": "as before: they are learnt with the built-in encoder alone",
    "too_few": "as before: the desk has confirmed or rejected too few to measure it on",
    "not_better": "as before: not better on the desk's held-out words",
    "worse_on_fixed": "as before: the new one is worse than the one in use on the measuring part",
    "worse_than_shipped": "as before: the new one is worse than the shipped one on the measuring part",
}


def _learnt_claims_line(claims: Learnt | None) -> str:
    if claims is None:
        return "known claims: nobody has confirmed or rejected any"
    return "; ".join(filter(None, (f"known claims: {_WHY_CLAIMS[claims.why]}", _claims_line(claims.figures))))


def _claims_line(figures: dict[str, Any]) -> str:
    shown = {name: figures[name] for name in ("joint", "words") if name in figures}
    return " · ".join(
        f"{name}: suggested recall@3 {each['recall_at_3']}, strong precision {each.get('precision', 0)} at recall"
        f" {each['recall']}, in vain {each['suggested_in_vain']}"
        for name, each in shown.items()
    )


def _pairs(settings: Settings) -> tuple[ClaimPair, ...]:
    """The officers' words on narratives and known claims, where there is a store yet."""
    if settings.store.url is None and not any(settings.home.glob("*.db")):
        return ()
    from flows import wiring

    with wiring.open_store(settings) as store:
        return store.reader.claim_pairs()


def _corrections(settings: Settings) -> tuple[Any, ...]:
    """The officers' words on items that a head can learn from, where there is a store yet."""
    if settings.store.url is None and not any(settings.home.glob("*.db")):
        return ()
    from flows import wiring
    from models.learning import usable

    with wiring.open_store(settings) as store:
        return tuple(usable(store.reader.corrections())[0])


def shared_folder() -> Path | None:
    """The local-only data beside the project, where it is."""
    import models

    beside = Path(models.__file__).resolve().parent.parent.parent / "shared" / "data"
    return beside if beside.is_dir() else None


def _progress(text: str) -> None:
    typer.echo(text, err=True)


def _tell(facts: dict[str, Any], text: str, as_json: bool) -> None:
    sys.stdout.write((json.dumps(facts, ensure_ascii=False) if as_json else text) + "\n")
