"""Token exchange: how often a job's token was exchanged, and what is kept of its run."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "exchange"
down_revision = "sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_exchange",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("exchanged_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "proof", "number", name="pk_token_exchange"),
        sa.CheckConstraint("number BETWEEN 1 AND 20", name="ck_token_exchange_number"),
    )
    columns = ["org", "rule", "exchanged_at"]
    op.create_index("ix_token_exchange_org_rule_exchanged_at", "token_exchange", columns, unique=False)
    op.create_table(
        "token_run",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("acts_for", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "token", name="pk_token_run"),
    )

    migrating.append_only("token_exchange", "token_run")
