"""The tables. How they come to be in a database is in migrations/; a test holds the two together.

Over 400 lines on purpose: the schema is one thing to read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    or_,
    text,
)

from store.database import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# A row number that SQLite never gives twice: the width is its own, and PostgreSQL's is larger.
_Number = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str) -> Column[Any]:
    return Column(name, String, primary_key=True)


def _needed(name: str, kind: Any = String, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


def _of_item(**options: Any) -> Column[Any]:
    return Column("item_id", String, ForeignKey("items.id", ondelete="CASCADE"), nullable=False, **options)


def _json(name: str, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, JSON(none_as_null=True), nullable=nullable, **options)


sources = Table(
    "sources",
    metadata,
    _key("id"),
    _needed("name"),
    _needed("address"),
    _needed("kind"),
    _needed("owner"),
    Column("feed_address", String),
    Column("region", String),
    _needed("platform"),
    _needed("enabled", Boolean),
    _needed("prominent", Boolean),
    _needed("every_minutes", Integer),
    Column("link_pattern", String),
    _needed("expected_items", Integer),
    _needed("legal_basis", Text),
    _needed("note", Text),
    # Off the list; its items still name it.
    Column("removed_at", UtcDateTime),
    # How its last reading went.
    _needed("state"),
    _needed("detail", Text),
    Column("state_since", UtcDateTime),
    Column("last_read", UtcDateTime),
    Column("last_new_item", UtcDateTime),
    _needed("failures_in_a_row", Integer),
    # How often the crawling process ended at its host alone; until when it is left alone for that.
    _needed("deaths", Integer, server_default=text("0")),
    Column("apart_until", UtcDateTime),
)

fetch_states = Table(
    "fetch_states",
    metadata,
    _key("address"),
    Column("etag", String),
    Column("last_modified", String),
    Column("body_sha256", String),
    Column("fetched_at", UtcDateTime),
)

items = Table(
    "items",
    metadata,
    _key("id"),
    _needed("canonical", unique=True),
    Column("source_id", String, ForeignKey("sources.id"), nullable=False),
    _needed("address"),
    _needed("title", Text),
    _needed("summary", Text),
    _needed("text", Text),
    Column("published", UtcDateTime),
    _needed("first_seen", UtcDateTime),
    _needed("last_seen", UtcDateTime),
    _needed("version", Integer),
    _needed("version_seen", UtcDateTime),
    _needed("stage"),
    # Of title and own text: kept when the text is not.
    _needed("text_hash"),
    # Of title, summary and text as the feed gave them.
    _needed("entry_hash"),
    # Of the item's own text without its title; None while only a summary is known.
    Column("own_text_hash", String),
    # The feed carries the whole text: there is no page to read.
    _needed("whole_in_feed", Boolean),
    Column("author_hash", String),
    Column("reactions", BigInteger),
    Column("comments", BigInteger),
    Column("shares", BigInteger),
    Column("views", BigInteger),
    Column("capture_sha256", String),
    # What the run that finishes it counts it as; None once a finished run reported it, or it was assessed.
    Column("pending_fate", String),
    # Grows with every change that the index has to follow.
    _needed("revision", BigInteger),
    # NOT_HEALTH, and on their way back from there, only; of a comment that is to come back, since when.
    Column("health_probability", Float),
    Column("judged_at", UtcDateTime),
    Column("narrative_id", String, ForeignKey("narratives.id")),
    Column("similarity", Float),
    Column("near_duplicate_of", String),
    # Published, or else first seen.
    _needed("moment", UtcDateTime),
    # Who is assessing it, and until when nobody else does.
    Column("claimed_by", String),
    Column("claimed_until", UtcDateTime),
    # Of a comment: the title of what it stands under, and the item that it answers, which may not be there.
    _needed("context", Text, server_default=text("''")),
    Column("parent_id", String),
    # The back-fill that brought it; None once a source shows it.
    Column("backfill", String),
    # Brought by a back-fill that is to alert nobody, and not shown by any source since.
    _needed("quiet", Boolean, server_default=false()),
    Index(None, "stage", "narrative_id", "first_seen", "id"),
    Index(None, "source_id", "first_seen"),
    Index(None, "first_seen", "stage", "id", "narrative_id"),
    Index(None, "narrative_id", "moment"),
)
# The items that are in narratives, by time, with all that a topic's usual hours are counted from.
_PLACED = items.c.narrative_id.is_not(None)
Index(
    "ix_items_placed",
    *(items.c.moment, items.c.narrative_id, items.c.quiet, items.c.published),
    sqlite_where=_PLACED,
    postgresql_where=_PLACED,
)

item_versions = Table(
    "item_versions",
    metadata,
    _of_item(primary_key=True),
    Column("version", Integer, primary_key=True),
    _needed("title", Text),
    _needed("text", Text),
    _needed("seen_at", UtcDateTime),
    _needed("text_hash"),
    Column("capture_sha256", String),
)

page_queue = Table(
    "page_queue",
    metadata,
    _of_item(primary_key=True),
    _needed("due_at", UtcDateTime, index=True),
    _needed("attempts", Integer),
    # The run that was given the task, and its crawling process: a run is not given it twice while that lives.
    Column("handed_to", String),
    Column("handed_by", String),
    # The readings after 6 hours, 24 hours and 7 days are counted from here; `rereads` of them are done.
    Column("reread_from", UtcDateTime),
    _needed("rereads", Integer),
    Column("problem", Text),
)

captures = Table(
    "captures",
    metadata,
    _of_item(primary_key=True),
    _key("sha256"),
    _needed("address"),
    _needed("fetched_at", UtcDateTime),
    _needed("status", Integer),
    _needed("content_type"),
    _needed("bytes", BigInteger),
    _json("headers"),
    # None while the body is only staged.
    Column("warc_file", String),
    Column("warc_offset", BigInteger),
    # A narrative with a case that rests on it, though its item was judged not health since and has left it.
    Column("evidence_of", String),
)

warc_files = Table(
    "warc_files",
    metadata,
    _key("name"),
    _needed("bytes", BigInteger),
    # Records in it that no row names any more: store/segments.py writes it anew without them.
    _needed("dropped", BigInteger, server_default=text("0")),
)

runs = Table(
    "runs",
    metadata,
    _key("run_id"),
    _needed("now", UtcDateTime),
    _needed("started_at", UtcDateTime, index=True),
    Column("finished_at", UtcDateTime),
    _needed("narratives_new", Integer),
    _needed("narratives_grown", Integer),
    _needed("cases_opened", Integer),
    _needed("messages_delivered", Integer),
    _needed("messages_waiting", Integer),
    _needed("index_behind", Integer),
    # Why it did not collect, or stopped collecting (records.run.HeldBack).
    Column("held_back", String),
)

run_sources = Table(
    "run_sources",
    metadata,
    _key("run_id"),
    _key("source_id"),
    _needed("state"),
    _needed("detail", Text),
    # The counts of a finished run; run_fates holds those of one that goes on.
    _json("fates"),
)

run_fates = Table("run_fates", metadata, _key("run_id"), _key("item_id"), _needed("source_id"), _needed("fate"))

leases = Table("leases", metadata, _key("name"), _needed("holder"), _needed("expires_at", UtcDateTime))

# At most one row: where this store was copied to. It is then not worked on any more.
moved = Table("moved", metadata, _key("place"), _needed("at", UtcDateTime))

work_parts = Table(
    "work_parts",
    metadata,
    _key("id"),
    # A run that collects, or a back-fill.
    _needed("job", index=True),
    _needed("number", Integer),
    _json("order"),
    _needed("size", BigInteger),
    Column("holder", String),
    Column("held_until", UtcDateTime),
    _needed("attempts", Integer),
    Column("problem", Text),
    Column("finished_at", UtcDateTime),
    _json("counts", nullable=True),
)

backfills = Table(
    "backfills",
    metadata,
    _key("id"),
    _needed("location", Text),
    Column("source_id", String, ForeignKey("sources.id"), nullable=False),
    _needed("run_id"),
    _needed("now", UtcDateTime),
    _needed("alert", Boolean),
    # Its items are narrated from here on: not while others are still to come before them.
    Column("read_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
)

assessments = Table(
    "assessments",
    metadata,
    _of_item(primary_key=True),
    _needed("version", Integer),
    _needed("health", Boolean),
    _needed("attention", Boolean),
    Column("topic", String),
    _needed("kind"),
    _needed("stance"),
    _needed("harm"),
    _json("probabilities"),
    _json("places"),
    _json("reasons"),
    _needed("model_version"),
    _needed("full", Boolean),
    _needed("assessed_at", UtcDateTime),
)

assessment_failures = Table(
    "assessment_failures",
    metadata,
    _of_item(primary_key=True),
    # Of the item: a later one is tried.
    _needed("version", Integer),
    _needed("model_version"),
    _needed("problem", Text),
    _needed("at", UtcDateTime),
    # What the item is counted as when it is assessed after all.
    Column("fate", String),
)

# Items whose assessing process ended: assessed one by one.
assessment_deaths = Table(
    "assessment_deaths",
    metadata,
    _of_item(primary_key=True),
    # Of the item: a later one is no suspect.
    _needed("version", Integer),
    _needed("deaths", Integer),
)

# What the machine said of the items first seen on a day, counted when it was over.
counted_days = Table(
    "counted_days",
    metadata,
    # Its first moment in Viet Nam.
    Column("day", UtcDateTime, primary_key=True),
    _needed("health", Integer),
    _needed("not_health", Integer),
    _needed("attention", Integer),
    _json("kinds"),
)

vectors = Table(
    "vectors",
    metadata,
    _of_item(primary_key=True),
    _needed("version", Integer),
    _needed("encoder"),
    _needed("vector", LargeBinary),  # float16, little-endian, L2-normalised
)

corrections = Table(
    "corrections",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    _needed("item_id", index=True),
    _needed("about"),
    _needed("model_said"),
    _needed("person_said"),
    _needed("actor"),
    _needed("at", UtcDateTime),
    _needed("reason", Text),
)

claims = Table(
    "claims",
    metadata,
    _key("id"),
    _needed("text", Text),
    _needed("verdict"),
    _needed("explanation", Text),
    _json("sources"),
    Column("topic", String),
    _needed("decided_at", UtcDateTime),
    _json("wordings", server_default=text("'[]'")),
    _needed("decided_by", server_default=text("''")),
    Column("valid_until", UtcDateTime),
    _needed("response", Text, server_default=text("''")),
    Column("withdrawn_at", UtcDateTime),
    _needed("version", Integer, server_default=text("1")),
)

claim_versions = Table(
    "claim_versions",
    metadata,
    Column("claim_id", String, ForeignKey("claims.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    _json("claim"),
    _needed("actor"),
    _needed("at", UtcDateTime),
)

claim_matches = Table(
    "claim_matches",
    metadata,
    Column("narrative_id", String, ForeignKey("narratives.id"), primary_key=True),
    Column("claim_id", String, ForeignKey("claims.id"), primary_key=True, index=True),
    _needed("decision"),
    _needed("actor"),
    _needed("at", UtcDateTime),
    Column("similarity", Float),
)

narratives = Table(
    "narratives",
    metadata,
    _key("id"),
    _needed("label", Text),
    _json("words"),
    Column("topic", String),
    _json("places"),
    _needed("items", Integer),
    Column("first_published", UtcDateTime),
    _needed("first_seen", UtcDateTime),
    _needed("last_seen", UtcDateTime, index=True),
    _needed("first_source_id"),
    _json("kinds"),
    _json("stances"),
    _json("risk", nullable=True),
    # Of the risk, for the inbox; level_rank is -1 before it was judged.
    Column("level", String),
    _needed("level_rank", Integer),
    Column("harm", String),
    Column("spread", Integer),
    _needed("rising", Boolean, server_default=false()),
    # All its items are quiet.
    _needed("quiet", Boolean, server_default=false()),
    Column("merged_into", String),
    # Counted, not timed: two changes can have the same "now".
    _needed("revision", Integer),
    _needed("judged_revision", Integer),
    Column("harm_confirmed", String),
    Column("harm_confirmed_by", String),
    Column("harm_confirmed_at", UtcDateTime),
    Column("acts_marked_by", String),
    # Who gave it its label, when a person did: then it stays.
    Column("named_by", String),
    Index(None, "level_rank", "last_seen", "id"),
    Index(None, "topic", "level_rank", "last_seen"),
)
#: Has to be judged: it changed since it was, or rises. The index is of these alone, and of use to those who ask in its
#: own words.
TO_JUDGE = or_(narratives.c.revision > narratives.c.judged_revision, narratives.c.rising)
Index("ix_narratives_to_judge", narratives.c.id, sqlite_where=TO_JUDGE, postgresql_where=TO_JUDGE)

narrative_merges = Table(
    "narrative_merges",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    _needed("narrative_id", index=True),
    _needed("into"),
    _needed("similarity", Float),
    Column("item_id", String),
    _needed("actor"),
    _needed("at", UtcDateTime),
    _json("moved"),
    Column("undone_at", UtcDateTime),
    Column("undone_by", String),
    # A person moved some of the items only; `item_id` is then the other narrative's, when they began it.
    _needed("partial", Boolean, server_default=false()),
)

# Pairs of items that a person said to be of one narrative, or of two; some of each side of what was moved.
narrative_words = Table(
    "narrative_words",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("merge", _Number, ForeignKey("narrative_merges.number"), nullable=False, index=True),
    _needed("one"),
    _needed("other"),
    _needed("together", Boolean),
    _needed("actor"),
    _needed("at", UtcDateTime),
    _needed("undone", Boolean, server_default=false()),
)

cases = Table(
    "cases",
    metadata,
    _key("id"),
    Column("narrative_id", String, ForeignKey("narratives.id"), nullable=False, unique=True),
    _needed("stage", index=True),
    _needed("level"),
    _needed("opened_at", UtcDateTime),
    _needed("opened_by"),
    _needed("version", Integer),
    Column("owner", String),
    Column("acknowledged_at", UtcDateTime),
    Column("set_aside_reason", String),
    _needed("note", Text),
    Column("look_again_at", UtcDateTime),
    Column("merged_into", String),
    Column("thread", String),
)

statements = Table(
    "statements",
    metadata,
    _key("id"),
    Column("case_id", String, ForeignKey("cases.id"), nullable=False, index=True),
    _needed("text", Text),
    _needed("stage"),
    _needed("drafted_by"),
    _needed("asked_at", UtcDateTime),
    Column("decided_by", String),
    Column("decided_at", UtcDateTime),
    _needed("note", Text),
)

trail = Table(
    "trail",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    _needed("at", UtcDateTime),
    _needed("actor"),
    _needed("act"),
    _needed("subject", index=True),
    _json("detail"),
    _needed("previous_hash"),
    _needed("hash"),
)

notes = Table("notes", metadata, _key("sha256"), _needed("text", Text), _needed("kept_at", UtcDateTime))

outbox = Table(
    "outbox",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    _needed("key", unique=True),
    _needed("channel"),
    _needed("recipient"),
    _needed("thread"),
    _json("notice"),
    _needed("created_at", UtcDateTime),
    _needed("attempts", Integer),
    # waiting, delivered, refused
    _needed("status"),
    _needed("retry_at", UtcDateTime),
    # Set while a delivery is under way: still set when the next begins, it was cut off.
    Column("sending_at", UtcDateTime),
    Column("problem", Text),
    Column("external_id", String),
    Column("external_channel", String),
    Column("delivered_at", UtcDateTime),
    Index(None, "status", "retry_at"),
    Index(None, "thread", "channel", "recipient", "number"),
)

index_queue = Table(
    "index_queue", metadata, _key("item_id"), _needed("revision", BigInteger), _needed("deleted", Boolean)
)

index_rejected = Table(
    "index_rejected",
    metadata,
    _key("item_id"),
    _needed("revision", BigInteger),
    _needed("reason", Text),
    _needed("at", UtcDateTime),
)
