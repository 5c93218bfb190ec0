"""What the machine said on each day is counted once, when the day is over."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "counted_days",
        sa.Column("day", UtcDateTime(), nullable=False),
        sa.Column("health", sa.Integer(), nullable=False),
        sa.Column("not_health", sa.Integer(), nullable=False),
        sa.Column("attention", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_days")),
    )
