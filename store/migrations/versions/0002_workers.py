"""Several workers: claims of items, parts of work, back-fills."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Columns that may be null, or have a default: no table is rebuilt.
    op.add_column("items", sa.Column("claimed_by", sa.String()))
    op.add_column("items", sa.Column("claimed_until", UtcDateTime()))
    op.add_column("items", sa.Column("backfill", sa.String()))
    op.add_column("items", sa.Column("quiet", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("page_queue", sa.Column("handed_by", sa.String()))
    op.add_column("narratives", sa.Column("quiet", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "work_parts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String()),
        sa.Column("held_until", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("counts", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_parts")),
    )
    op.create_index(op.f("ix_work_parts_job"), "work_parts", ["job"])
    op.create_table(
        "backfills",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("now", UtcDateTime(), nullable=False),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.Column("read_at", UtcDateTime()),
        sa.Column("finished_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_backfills_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
