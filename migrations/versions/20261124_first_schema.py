"""The first schema."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_audit"),
    )
    op.create_index("ix_audit_org_target_kind_target_id", "audit", ["org", "target_kind", "target_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("policy_digest", sa.String(), nullable=False),
        sa.Column("inputs_digest", sa.String(), nullable=False),
        sa.Column("result_digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_decision"),
    )
    op.create_index("ix_decision_org_subject_release", "decision", ["org", "subject", "release"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("artifacts", sa.LargeBinary(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("shape_digest", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("strength", sa.String(), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("producer_tool", sa.String(), nullable=False),
        sa.Column("producer_version", sa.String(), nullable=False),
        sa.Column("collected_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_for", sa.LargeBinary(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("warnings", sa.LargeBinary(), nullable=False),
        sa.Column("raw_sha256", sa.String(), nullable=True),
        sa.Column("raw_media_type", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", "id", name="pk_evidence"),
        sa.UniqueConstraint("org", "digest", name="uq_evidence_org_digest"),
        sa.UniqueConstraint("org", "id", name="uq_evidence_org_id"),
    )
    op.create_table(
        "evidence_data",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", "id", name="pk_evidence_data"),
    )
    op.create_table(
        "facts_counter",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", name="pk_facts_counter"),
    )
    op.create_table(
        "free_text",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_free_text"),
    )
    op.create_table(
        "launch",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("launched_at", INSTANT, nullable=False),
        sa.Column("launched_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "release", name="pk_launch"),
    )
    op.create_table(
        "org",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", name="pk_org"),
    )
    op.create_table(
        "policy_version",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("shapes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "name", "version", name="pk_policy_version"),
    )
    op.create_table(
        "principal",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_principal"),
    )
    op.create_table(
        "raw_content",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", "sha256", name="pk_raw_content"),
    )
    op.create_table(
        "release",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("artifacts", sa.LargeBinary(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("registered_for", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("org", "subject", "version", name="pk_release"),
    )
    op.create_table(
        "revocation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "bound", "evidence", name="pk_revocation"),
    )
    op.create_table(
        "subject",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("attributes", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "name", name="pk_subject"),
    )
    op.create_index("ix_subject_org_team_name", "subject", ["org", "team", "name"], unique=False)

    op.create_table(
        "subject_revision",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("attributes", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("received_from", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "subject", "revision", name="pk_subject_revision"),
    )
    op.create_table(
        "token",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("instance", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("org", "id", name="pk_token"),
        sa.UniqueConstraint("org", "hash", name="uq_token_org_hash"),
    )
    op.create_index("ix_token_hash", "token", ["hash"], unique=False)

    op.create_table(
        "token_revocation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "token", name="pk_token_revocation"),
    )

    migrating.append_only(
        "principal",
        "token",
        "token_revocation",
        "policy_version",
        "subject_revision",
        "release",
        "evidence",
        "revocation",
        "decision",
        "launch",
        "audit",
    )
    migrating.erasable("evidence_data", "raw_content", "free_text")
