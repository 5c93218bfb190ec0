"""The library of known claims can be edited, and narratives are confirmed for a claim, or not."""

import sqlalchemy as sa
from alembic import op

from store.database import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("wordings", sa.JSON(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("decided_by", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("valid_until", UtcDateTime()),
        sa.Column("response", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
    ):
        op.add_column("claims", column)
    op.create_table(
        "claim_versions",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claim", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_versions_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "version", name=op.f("pk_claim_versions")),
    )
    op.create_table(
        "claim_matches",
        sa.Column("narrative_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("similarity", sa.Float()),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_matches_claim_id")),
        sa.ForeignKeyConstraint(["narrative_id"], ["narratives.id"], name=op.f("fk_claim_matches_narrative_id")),
        sa.PrimaryKeyConstraint("narrative_id", "claim_id", name=op.f("pk_claim_matches")),
    )
    op.create_index(op.f("ix_claim_matches_claim_id"), "claim_matches", ["claim_id"])
