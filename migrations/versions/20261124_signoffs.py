"""Sign-offs, waivers, and the answers to calls that carried a key."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "signoffs"
down_revision = "tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signoff",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("artifacts", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("policy_digest", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("role_grant", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("acknowledged", sa.LargeBinary(), nullable=False),
        sa.Column("covered", sa.LargeBinary(), nullable=False),
        sa.Column("covers", sa.String(), nullable=False),
        sa.Column("covers_shown", sa.Boolean(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("assurance", sa.String(), nullable=False),
        sa.Column("mfa", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", "id", name="pk_signoff"),
        sa.UniqueConstraint("org", "id", name="uq_signoff_org_id"),
    )
    op.create_table(
        "signoff_withdrawal",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("signoff", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", "signoff", name="pk_signoff_withdrawal"),
    )
    op.create_table(
        "waiver",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("request", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("org", "subject", "release", "id", name="pk_waiver"),
        sa.UniqueConstraint("org", "id", name="uq_waiver_org_id"),
    )
    op.create_index("ix_waiver_org_expires_at", "waiver", ["org", "expires_at"], unique=False)
    op.create_table(
        "waiver_revocation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("waiver", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "release", "waiver", name="pk_waiver_revocation"),
    )
    op.create_table(
        "waiver_request",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_for", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "release", "id", name="pk_waiver_request"),
        sa.UniqueConstraint("org", "id", name="uq_waiver_request_org_id"),
    )
    op.create_table(
        "waiver_verdict",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "release", "request", name="pk_waiver_verdict"),
    )
    op.create_table(
        "keyed_answer",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "principal", "route", "key", name="pk_keyed_answer"),
    )
    op.create_index("ix_keyed_answer_org_answered_at", "keyed_answer", ["org", "answered_at"], unique=False)

    migrating.append_only(
        "signoff", "signoff_withdrawal", "waiver", "waiver_revocation", "waiver_request", "waiver_verdict"
    )
    migrating.erasable("keyed_answer")
