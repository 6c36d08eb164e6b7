"""Sessions of people who logged in, and what their providers ask of us."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "sessions"
down_revision = "signoffs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trust_rule", sa.Column("client_secret", sa.LargeBinary(), nullable=True))
    op.create_table(
        "web_session",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("mfa", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_web_session"),
        sa.UniqueConstraint("org", "hash", name="uq_web_session_org_hash"),
    )
    op.create_index("ix_web_session_hash", "web_session", ["hash"], unique=False)
    op.create_table(
        "web_session_end",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "session", name="pk_web_session_end"),
    )
    op.create_table(
        "web_session_use",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "session", name="pk_web_session_use"),
    )
    migrating.append_only("web_session", "web_session_end")
