"""What has to be judged, and what narratives took in in a time, are found without going through all that is stored."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    placed = sa.text("narrative_id IS NOT NULL")
    columns = ["moment", "narrative_id", "quiet", "published"]
    op.create_index("ix_items_placed", "items", columns, sqlite_where=placed, postgresql_where=placed)
    # No others were ever looked for by their moment.
    op.drop_index(op.f("ix_items_moment"), "items")
    op.create_index(
        "ix_narratives_to_judge",
        "narratives",
        ["id"],
        # As SQLAlchemy words it for each of them: SQLite has no truth value.
        sqlite_where=sa.text("revision > judged_revision OR rising = 1"),
        postgresql_where=sa.text("revision > judged_revision OR rising"),
    )
