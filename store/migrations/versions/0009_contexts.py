"""What a comment stands under."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("items", sa.Column("context", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("items", sa.Column("parent_id", sa.String()))
