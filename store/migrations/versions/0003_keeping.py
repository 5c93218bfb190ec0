"""What is kept how long: how much of a segment is no more named; and whether a run could collect."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Records of the segment that no row names any more.
    op.add_column("warc_files", sa.Column("dropped", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    # Why the run did not collect, or stopped collecting; null when it did.
    op.add_column("runs", sa.Column("held_back", sa.String()))
