"""What releases are found by (their artifacts, the set of these, their commit), and the events that were received."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from phasegate.storage import migrating
from phasegate.storage.migrating import INSTANT

revision = "addressed"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = op.create_table(
        "release_key",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("org", "kind", "value", "release", name="pk_release_key"),
    )
    op.create_table(
        "received_event",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("org", "key", name="pk_received_event"),
    )
    op.create_index("ix_release_org_id", "release", ["org", "id"], unique=False)
    fill(keys)
    migrating.append_only("release_key", "received_event")


def fill(keys: sa.Table) -> None:
    """From the releases that are there."""
    connection = op.get_bind()
    found = sa.text("SELECT org, subject, version, id, artifacts, bound, source FROM release")
    for org, subject, version, identifier, artifacts, bound, source in connection.execute(found).all():
        values = {("artifact", each["sha256"]) for each in json.loads(artifacts)} | {("set", bound)}
        commit = json.loads(source).get("commit") if source is not None else None
        if commit:
            values.add(("commit", hashlib.sha256(commit.encode()).hexdigest()))
        same = {"org": org, "release": identifier, "subject": subject, "version": version}
        rows = [{**same, "kind": kind, "value": value} for kind, value in sorted(values)]
        connection.execute(keys.insert(), rows)
