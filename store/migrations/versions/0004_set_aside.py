"""Items that no model could take; and captures that a case rests on, which outlive their item's text."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "assessment_failures",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("fate", sa.String()),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_assessment_failures_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_assessment_failures")),
    )
    # The case whose evidence the capture is; null of most.
    op.add_column("captures", sa.Column("evidence_of", sa.String()))
