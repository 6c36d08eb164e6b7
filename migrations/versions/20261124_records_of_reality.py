"""Launches that repeat or happened despite a no-go, moved pins, retirements."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("launch", "first_launch")
    if op.get_bind().dialect.name == "postgresql":  # where names of keys are shared by all tables
        op.execute("ALTER TABLE first_launch RENAME CONSTRAINT pk_launch TO pk_first_launch")
    op.create_table(
        "launch",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("launched_at", INSTANT, nullable=False),
        sa.Column("launched_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("despite", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "id", name="pk_launch"),
    )
    op.execute(
        "INSERT INTO launch SELECT org, subject, decision, release, launched_at, launched_by, decision, '' "
        "FROM first_launch"
    )
    op.drop_table("first_launch")
    op.create_table(
        "moved_pin",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "release", "id", name="pk_moved_pin"),
    )
    op.create_table(
        "retirement",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("retired_at", INSTANT, nullable=False),
        sa.Column("retired_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", name="pk_retirement"),
    )
    migrating.append_only("launch", "moved_pin", "retirement")
