"""Rotation, use and enrolment of tokens; the audit's numbers, and the subject of each entry."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "tokens"
down_revision = "trust"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token", sa.Column("assurance", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "token_rotation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("successor", sa.String(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "token", name="pk_token_rotation"),
    )
    op.create_table(
        "token_use",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "token", name="pk_token_use"),
    )
    op.create_table(
        "enrolment",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_enrolment"),
        sa.UniqueConstraint("org", "hash", name="uq_enrolment_org_hash"),
    )
    op.create_index("ix_enrolment_hash", "enrolment", ["hash"], unique=False)
    op.create_table(
        "enrolment_use",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("enrolment", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "enrolment", name="pk_enrolment_use"),
    )

    op.add_column("audit", sa.Column("subject", sa.String(), nullable=True))
    op.add_column("audit", sa.Column("release", sa.String(), nullable=True))
    op.create_index("ix_audit_org_subject_release", "audit", ["org", "subject", "release"], unique=False)
    op.create_index("ix_audit_org_release", "audit", ["org", "release"], unique=False)
    op.create_table(
        "audit_sequence",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("audit", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "seq", name="pk_audit_sequence"),
        sa.UniqueConstraint("org", "audit", name="uq_audit_sequence_org_audit"),
    )
    op.create_table(
        "audit_unsequenced",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("audit", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "audit", name="pk_audit_unsequenced"),
    )
    op.execute("INSERT INTO audit_unsequenced (org, audit) SELECT org, id FROM audit")
    migrating.append_only("token_rotation", "enrolment", "enrolment_use", "audit_sequence")
