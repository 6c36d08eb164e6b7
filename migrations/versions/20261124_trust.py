"""Keys and rules of trust: who may vouch for evidence, and who did."""

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "trust"
down_revision = "addressed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("keyid", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("types", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("not_after", INSTANT, nullable=True),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_key"),
        sa.UniqueConstraint("org", "keyid", name="uq_key_org_keyid"),
    )
    op.create_table(
        "key_revocation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=False),
        sa.Column("compromised_since", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("org", "key", "id", name="pk_key_revocation"),
    )
    op.create_table(
        "trust_rule",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("jwks", sa.LargeBinary(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.Column("principal", sa.String(), nullable=True),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("max_ttl", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("roles", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "id", name="pk_trust_rule"),
    )
    op.create_table(
        "trust_rule_removal",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=False),
        sa.Column("removed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "rule", name="pk_trust_rule_removal"),
    )
    op.create_table(
        "attestation",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("attestor", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("attested_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "attestor", "evidence", name="pk_attestation"),
    )
    op.create_index("ix_attestation_org_evidence", "attestation", ["org", "evidence"], unique=False)

    migrating.append_only("key", "key_revocation", "trust_rule", "trust_rule_removal", "attestation")
