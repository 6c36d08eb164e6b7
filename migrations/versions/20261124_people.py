"""People, their roles, and the tools that act for them."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "people"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_revision",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_from", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "person", "revision", name="pk_person_revision"),
    )
    op.create_table(
        "profile",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("org", "person", "revision", name="pk_profile"),
    )
    op.create_table(
        "person_identity",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "issuer", "subject", name="pk_person_identity"),
    )
    op.create_index("ix_person_identity_org_person", "person_identity", ["org", "person"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("org", "id", name="pk_role_grant"),
    )
    op.create_index("ix_role_grant_org_person", "role_grant", ["org", "person"], unique=False)
    op.create_index("ix_role_grant_org_role", "role_grant", ["org", "role"], unique=False)
    op.create_table(
        "role_end",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("role_grant", sa.String(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "role_grant", name="pk_role_end"),
    )
    op.create_table(
        "tool_revision",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_from", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "tool", "revision", name="pk_tool_revision"),
    )
    migrating.append_only("person_revision", "role_grant", "role_end", "tool_revision")
    migrating.erasable("profile", "person_identity")
