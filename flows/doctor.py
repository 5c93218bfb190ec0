"""What works, what does not, and what to do about it. Looks, and changes nothing but what looking needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from flows import claims, drift, prefect_server, wiring
from flows.parts import Parts
from flows.settings import FILE_NAME, secret
from models import versions, weights
from records.calendar import local
from records.errors import DeliveryError, SearchUnavailable, SettingsError, Tin3CError
from records.source import SourceState

_REFUSED_SHOWN = 5


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"  # works, and somebody should know
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` says what to do; "" where there is nothing to do."""

    about: str
    health: Health
    what: str
    advice: str = ""


def examine(parts: Parts) -> Iterator[Finding]:
    """All findings, the foundations first. A check that breaks is itself a finding."""
    for check in (
        _home,
        _settings,
        _store,
        _sources,
        _models,
        _assessments,
        _drift,
        _index,
        _messages,
        _slack,
        _mail,
        _prefect,
    ):
        yield from _guarded(check, parts)


def _guarded(check: Callable[[Parts], Iterator[Finding]], parts: Parts) -> Iterator[Finding]:
    about = check.__name__.strip("_")
    try:
        yield from check(parts)
    except SettingsError as error:
        yield Finding(about, Health.BAD, str(error), f"Correct it in {FILE_NAME} or in the environment.")
    except Tin3CError as error:
        yield Finding(about, Health.BAD, str(error), "Mend this first; what follows may depend on it.")
    except Exception as error:
        yield Finding(about, Health.BAD, f"{type(error).__name__}: {error}", "This is a bug or a broken installation.")


def _home(parts: Parts) -> Iterator[Finding]:
    home = parts.settings.home
    home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        yield Finding("home", Health.BAD, f"{home} cannot be written", "Give this user the right to write there.")
        return
    free = shutil.disk_usage(home).free
    least = parts.settings.keep.least_free_bytes
    if free < least:
        what = f"only {free / 1e9:.1f} GB are free at {home}: nothing is collected, alerts go on"
        yield Finding("home", Health.BAD, what, f"Make room: {least / 1e9:.1f} GB are wanted (keep.least_free_bytes).")
    elif free < 2 * least:
        what = f"{free / 1e9:.1f} GB are free at {home}; below {least / 1e9:.1f} GB nothing is collected"
        yield Finding("home", Health.NOTE, what, "Make room soon.")
    else:
        yield Finding("home", Health.GOOD, f"{home}, {free / 1e9:.0f} GB free")


def _settings(parts: Parts) -> Iterator[Finding]:
    settings = parts.settings
    if not (settings.home / FILE_NAME).exists():
        yield Finding("settings", Health.NOTE, f"no {FILE_NAME}: the defaults hold", "Run `tin3c init`.")
    elif not settings.department.contact:
        advice = "Set department.contact, so that a site that we trouble can reach you."
        yield Finding("settings", Health.NOTE, "the user agent names no contact", advice)
    else:
        yield Finding("settings", Health.GOOD, f"{FILE_NAME} is read; the user agent is {settings.user_agent!r}")


def _store(parts: Parts) -> Iterator[Finding]:
    counts = parts.store.reader.counts()
    entries = parts.store.reader.verify_trail()
    facts = parts.store.facts()
    what = f"{facts.engine}, {facts.place}, {facts.bytes / 1e6:.1f} MB, schema {facts.schema} (the newest)"
    yield Finding("store", Health.GOOD, what)
    yield Finding("store", Health.GOOD, f"{counts['items']} items, {counts['narratives']} narratives")
    yield Finding("trail", Health.GOOD, f"{entries} entries, the chain of hashes holds")


_STATE_ADVICE = {
    SourceState.NEVER: "Run `tin3c watch --once`.",
    SourceState.EMPTY: "Look at the page: has it moved?",
    SourceState.NOT_A_FEED: "Run `tin3c sources check` and add the new address.",
    SourceState.CHALLENGE: "The site wants a browser. We do not go round that: ask the site, or take it off.",
    SourceState.REFUSED: "The site, or its robots.txt, does not let us read. Ask it to, or take the source off.",
    SourceState.FAILING: "If it lasts: is the site up, the network there? The address may have changed.",
}


def _sources(parts: Parts) -> Iterator[Finding]:
    sources = [health for health in parts.store.sources.health(datetime.now(UTC)) if health.source.enabled]
    if not sources:
        yield Finding(
            "sources", Health.BAD, "no source is switched on", "`tin3c sources add ADDRESS`, or `check --enable`."
        )
        return
    working = 0
    for health in sources:
        if health.state in {SourceState.WORKING, SourceState.UNCHANGED}:
            working += 1
        else:
            what = f"{health.source.name}: {health.state.value}. {health.detail}".rstrip()
            never = health.state is SourceState.NEVER
            yield Finding("sources", Health.NOTE if never else Health.BAD, what, _STATE_ADVICE[health.state])
    if working:
        yield Finding("sources", Health.GOOD, f"{working} of {len(sources)} sources work")
    elif any(health.state is not SourceState.NEVER for health in sources):
        yield Finding("sources", Health.BAD, f"none of {len(sources)} sources works", "See each above.")


def _models(parts: Parts) -> Iterator[Finding]:
    encoder = parts.encoder
    yield Finding("models", Health.GOOD, f"encoder {encoder.version}, {encoder.dimensions} dimensions")
    yield Finding("models", Health.GOOD, f"assessor {parts.assessor.version}")
    learnt = wiring.narration_weights(parts.settings) != weights.SHIPPED
    yield Finding("models", Health.GOOD, f"narratives are told apart as {'people taught' if learnt else 'shipped'}")
    heads = wiring.heads_folder(parts.settings)
    if not versions.fits(versions.folder_in_use(heads)):
        what = f"the shipped heads are in use: the desk's version {versions.in_use(heads)} does not fit this program"
        advice = "`tin3c models learn --again` or `tin3c models train` makes a new one from the desk's corrections."
        yield Finding("models", Health.NOTE, what, advice)
    if problem := claims.unfit_model(parts.settings.home):
        what = f"known claims are matched by the shipped model, not by what the desk taught: {problem}"
        advice = (
            f"`tin3c models train --head claims` learns it anew; else delete {claims.model_file(parts.settings.home)}."
        )
        yield Finding("models", Health.NOTE, what, advice)


def _assessments(parts: Parts) -> Iterator[Finding]:
    shown = 3
    if failures := parts.store.assessment_queue.failures(limit=shown):
        number = parts.store.reader.counts()["not_assessable"]
        which = "; ".join(f"{failure.item_id}: {failure.problem}" for failure in failures)
        advice = "Report it with the item's address; `tin3c reconsider --failed` tries again, and so do new models."
        yield Finding("assessments", Health.BAD, f"{number} items cannot be assessed: {which}", advice)


def _drift(parts: Parts) -> Iterator[Finding]:
    found = drift.look(parts.store.reader, datetime.now(UTC))
    if not any(week.judged for week in found.weeks[:-1]):
        return  # nothing to compare with yet
    for share in found.moved:
        low, high = share.interval
        what = f"{share.name}: {share.now:.0%} ({low:.0%} to {high:.0%}) in the last 7 days, {share.before:.0%} before"
        advice = "Look at some of these items and correct what is wrong; `tin3c models drift` shows every share."
        yield Finding("drift", Health.NOTE, what, advice)
    if not found.moved:
        yield Finding("drift", Health.GOOD, "the last 7 days are like the weeks before")


def _index(parts: Parts) -> Iterator[Finding]:
    counts = parts.store.reader.counts()
    behind = counts["index_queue"]
    if rejected := counts["index_rejected"]:
        reasons = "; ".join(f"{one.id}: {one.reason}" for one in parts.store.index_queue.aside(3))
        what = f"the search engine would not take {rejected} documents, such as {reasons}"
        yield Finding("index", Health.BAD, what, "Mend the cause, then `tin3c index rebuild`.")
    try:
        state = parts.index.state()
    except SearchUnavailable as error:
        advice = "Alerts go out all the same. When it is back, search catches up by itself."
        yield Finding("index", Health.BAD, f"{error}; {behind} items wait for it", advice)
        return
    if not state.healthy:
        yield Finding("index", Health.BAD, state.detail, "See the cluster's own health and its logs.")
    if state.rebuilding:
        advice = "Until `tin3c index rebuild` has ended, the old one is searched. Killed? Run it again: it goes on."
        yield Finding("index", Health.NOTE, "a new index is being made", advice)
    if behind:
        yield Finding("index", Health.NOTE, f"search is behind by {behind} items", "The next run catches up.")
    else:
        yield Finding("index", Health.GOOD, f"{state.detail}; {state.documents} documents, nothing waits")


def _messages(parts: Parts) -> Iterator[Finding]:
    counts = parts.store.outbox.counts()
    if refused := counts.get("refused", 0):
        advice = (
            "Mend the channel, then `tin3c doctor --retry-messages`, or the button of the console's page /messages."
        )
        yield Finding("messages", Health.BAD, f"{refused} messages were refused by their server", advice)
        for one in parts.store.outbox.undelivered(_REFUSED_SHOWN):
            if one.retry_at is None:
                to, since = one.message.to, local(one.message.created_at)
                what = f"{to.channel} to {to.recipient}, since {since:%H:%M %d/%m/%Y}: {one.problem}"
                yield Finding("messages", Health.BAD, what)
    yield Finding(
        "messages", Health.GOOD, f"{counts.get('delivered', 0)} delivered, {counts.get('waiting', 0)} waiting"
    )


def _slack(parts: Parts) -> Iterator[Finding]:
    slack = parts.settings.slack
    token = secret(slack.token, slack.token_file, "slack.token")
    if not token:
        yield Finding(
            "slack", Health.NOTE, "not configured: alerts go to files", "Set slack.token_file and slack.channel."
        )
        return
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    try:
        answer = WebClient(token=token, base_url=slack.base_url, timeout=10).auth_test()
    except SlackApiError as error:
        reason = error.response["error"]
        yield Finding(
            "slack", Health.BAD, f"Slack refuses the token: {reason}", "Install the app again and set its token."
        )
        return
    except OSError as error:
        yield Finding("slack", Health.BAD, f"Slack does not answer: {error}", "Check the network.")
        return
    yield Finding("slack", Health.GOOD, f"the token works, team {answer['team']}")


def _mail(parts: Parts) -> Iterator[Finding]:
    if not parts.settings.mail.host:
        yield Finding("mail", Health.NOTE, "not configured: alerts go to files", "Set mail.host and mail.sender.")
        return
    from alerts.mail import check

    try:
        check(wiring.smtp_server(parts.settings))
    except DeliveryError as error:
        what = f"{parts.settings.mail.host}: {error}"
        yield Finding("mail", Health.BAD, what, "Check mail.host, mail.port, mail.security, the password, the network.")
        return
    yield Finding("mail", Health.GOOD, f"{parts.settings.mail.host} answers and takes our name")


def _prefect(parts: Parts) -> Iterator[Finding]:
    address = prefect_server.permanent_address(parts.settings)
    if address:
        yield Finding("prefect", Health.GOOD, "the server of `tin3c up` answers")
    else:
        yield Finding("prefect", Health.NOTE, "`tin3c up` is not running: each `watch` starts a server of its own")
