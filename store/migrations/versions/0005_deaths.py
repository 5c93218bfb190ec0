"""What ends the processes that work at it is told apart; and a store that was copied elsewhere says so."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "assessment_deaths",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_assessment_deaths_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_assessment_deaths")),
    )
    # How often the crawling process ended at this source's host alone, and until when it is left alone for that.
    op.add_column("sources", sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("sources", sa.Column("apart_until", UtcDateTime()))
    # At most one row: where this store was copied to. It is then not worked on any more.
    op.create_table(
        "moved",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_moved")),
    )
