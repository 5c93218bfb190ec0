"""The first tables."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("topic", sa.String()),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_table(
        "corrections",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("model_said", sa.String(), nullable=False),
        sa.Column("person_said", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_item_id"), "corrections", ["item_id"], unique=False)
    op.create_table(
        "fetch_states",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("etag", sa.String()),
        sa.Column("last_modified", sa.String()),
        sa.Column("body_sha256", sa.String()),
        sa.Column("fetched_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_fetch_states")),
    )
    op.create_table(
        "index_queue",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_index_queue")),
    )
    op.create_table(
        "index_rejected",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_index_rejected")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "narrative_merges",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("narrative_id", sa.String(), nullable=False),
        sa.Column("into", sa.String(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("item_id", sa.String()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("moved", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undone_at", UtcDateTime()),
        sa.Column("undone_by", sa.String()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_narrative_merges")),
    )
    op.create_index(op.f("ix_narrative_merges_narrative_id"), "narrative_merges", ["narrative_id"], unique=False)
    op.create_table(
        "narratives",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("topic", sa.String()),
        sa.Column("places", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("first_published", UtcDateTime()),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("first_source_id", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("stances", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("risk", sa.JSON(none_as_null=True)),
        sa.Column("level", sa.String()),
        sa.Column("level_rank", sa.Integer(), nullable=False),
        sa.Column("harm", sa.String()),
        sa.Column("spread", sa.Integer()),
        sa.Column("rising", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("merged_into", sa.String()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("judged_revision", sa.Integer(), nullable=False),
        sa.Column("harm_confirmed", sa.String()),
        sa.Column("harm_confirmed_by", sa.String()),
        sa.Column("harm_confirmed_at", UtcDateTime()),
        sa.Column("acts_marked_by", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narratives")),
    )
    op.create_index(op.f("ix_narratives_last_seen"), "narratives", ["last_seen"], unique=False)
    op.create_index(
        op.f("ix_narratives_level_rank_last_seen_id"), "narratives", ["level_rank", "last_seen", "id"], unique=False
    )
    op.create_index(
        op.f("ix_narratives_topic_level_rank_last_seen"),
        "narratives",
        ["topic", "level_rank", "last_seen"],
        unique=False,
    )
    op.create_table(
        "notes",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_notes")),
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("notice", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("retry_at", UtcDateTime(), nullable=False),
        sa.Column("sending_at", UtcDateTime()),
        sa.Column("problem", sa.Text()),
        sa.Column("external_id", sa.String()),
        sa.Column("external_channel", sa.String()),
        sa.Column("delivered_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(op.f("ix_outbox_status_retry_at"), "outbox", ["status", "retry_at"], unique=False)
    op.create_index(
        op.f("ix_outbox_thread_channel_recipient_number"),
        "outbox",
        ["thread", "channel", "recipient", "number"],
        unique=False,
    )
    op.create_table(
        "run_fates",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "item_id", name=op.f("pk_run_fates")),
    )
    op.create_table(
        "run_sources",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("fates", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "source_id", name=op.f("pk_run_sources")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("now", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("narratives_new", sa.Integer(), nullable=False),
        sa.Column("narratives_grown", sa.Integer(), nullable=False),
        sa.Column("cases_opened", sa.Integer(), nullable=False),
        sa.Column("messages_delivered", sa.Integer(), nullable=False),
        sa.Column("messages_waiting", sa.Integer(), nullable=False),
        sa.Column("index_behind", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_started_at"), "runs", ["started_at"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("feed_address", sa.String()),
        sa.Column("region", sa.String()),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("prominent", sa.Boolean(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("link_pattern", sa.String()),
        sa.Column("expected_items", sa.Integer(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("state_since", UtcDateTime()),
        sa.Column("last_read", UtcDateTime()),
        sa.Column("last_new_item", UtcDateTime()),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    op.create_table(
        "trail",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trail")),
    )
    op.create_index(op.f("ix_trail_subject"), "trail", ["subject"], unique=False)
    op.create_table(
        "warc_files",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_warc_files")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("narrative_id", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("acknowledged_at", UtcDateTime()),
        sa.Column("set_aside_reason", sa.String()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("look_again_at", UtcDateTime()),
        sa.Column("merged_into", sa.String()),
        sa.Column("thread", sa.String()),
        sa.ForeignKeyConstraint(["narrative_id"], ["narratives.id"], name=op.f("fk_cases_narrative_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("narrative_id", name=op.f("uq_cases_narrative_id")),
    )
    op.create_index(op.f("ix_cases_stage"), "cases", ["stage"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("canonical", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published", UtcDateTime()),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_seen", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("entry_hash", sa.String(), nullable=False),
        sa.Column("own_text_hash", sa.String()),
        sa.Column("whole_in_feed", sa.Boolean(), nullable=False),
        sa.Column("author_hash", sa.String()),
        sa.Column("reactions", sa.BigInteger()),
        sa.Column("comments", sa.BigInteger()),
        sa.Column("shares", sa.BigInteger()),
        sa.Column("views", sa.BigInteger()),
        sa.Column("capture_sha256", sa.String()),
        sa.Column("pending_fate", sa.String()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("health_probability", sa.Float()),
        sa.Column("judged_at", UtcDateTime()),
        sa.Column("narrative_id", sa.String()),
        sa.Column("similarity", sa.Float()),
        sa.Column("near_duplicate_of", sa.String()),
        sa.Column("moment", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["narrative_id"], ["narratives.id"], name=op.f("fk_items_narrative_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_items_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("canonical", name=op.f("uq_items_canonical")),
    )
    op.create_index(
        op.f("ix_items_first_seen_stage_id_narrative_id"),
        "items",
        ["first_seen", "stage", "id", "narrative_id"],
        unique=False,
    )
    op.create_index(op.f("ix_items_moment"), "items", ["moment"], unique=False)
    op.create_index(op.f("ix_items_narrative_id_moment"), "items", ["narrative_id", "moment"], unique=False)
    op.create_index(op.f("ix_items_source_id_first_seen"), "items", ["source_id", "first_seen"], unique=False)
    op.create_index(
        op.f("ix_items_stage_narrative_id_first_seen_id"),
        "items",
        ["stage", "narrative_id", "first_seen", "id"],
        unique=False,
    )
    op.create_table(
        "assessments",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("health", sa.Boolean(), nullable=False),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("harm", sa.String(), nullable=False),
        sa.Column("probabilities", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("places", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reasons", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("assessed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_assessments_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_assessments")),
    )
    op.create_table(
        "captures",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("warc_file", sa.String()),
        sa.Column("warc_offset", sa.BigInteger()),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_captures_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "sha256", name=op.f("pk_captures")),
    )
    op.create_table(
        "item_versions",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("capture_sha256", sa.String()),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_versions_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_item_versions")),
    )
    op.create_table(
        "page_queue",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handed_to", sa.String()),
        sa.Column("reread_from", UtcDateTime()),
        sa.Column("rereads", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_page_queue_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_page_queue")),
    )
    op.create_index(op.f("ix_page_queue_due_at"), "page_queue", ["due_at"], unique=False)
    op.create_table(
        "statements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_statements_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_case_id"), "statements", ["case_id"], unique=False)
    op.create_table(
        "vectors",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_vectors_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_vectors")),
    )
