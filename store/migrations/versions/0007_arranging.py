"""People say which items are of one narrative, and what a narrative is called."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("narratives", sa.Column("named_by", sa.String()))
    op.add_column("narrative_merges", sa.Column("partial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "narrative_words",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("merge", _NUMBER, nullable=False),
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["merge"], ["narrative_merges.number"], name=op.f("fk_narrative_words_merge")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_narrative_words")),
    )
    op.create_index(op.f("ix_narrative_words_merge"), "narrative_words", ["merge"])
