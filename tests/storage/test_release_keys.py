"""What releases are found by: of those that were registered before there were keys, too."""

from alembic import command
from sqlalchemy import text

from phasegate.storage.database import sync_engine
from phasegate.storage.release_keys import Found, naming, subjects_with_set, with_set
from phasegate.storage.schema import config, upgrade
from tests.support.databases import Databases
from tests.support.world import A, B, C

ROW = (
    "INSERT INTO release (org, subject, version, id, artifacts, bound, policy, policy_version, registered_at, "
    "registered_by, registered_for, source) VALUES "
    "('o', :subject, :version, :id, :artifacts, :bound, 'p', '1.0.0', '2027-03-05T12:00:00.000000Z', 'x', :none, "
    ":source)"
)


def test_a_migration_fills_them(databases: Databases) -> None:
    url = databases.empty()
    engine = sync_engine(url)
    rows = [
        ("fraud", "1", "id1", (A, B), "ab", b'{"commit": "c0ffee"}'),
        ("fraud", "2", "id2", (A, B), "ab", None),
        ("churn", "1", "id3", (A,), "a", b'{"ref": "main"}'),
    ]
    try:
        with engine.begin() as connection:
            command.upgrade(config(connection), "0001")
            for subject, version, identifier, shas, bound, source in rows:
                listed = ", ".join(f'{{"name": "{n}", "sha256": "{sha}"}}' for n, sha in enumerate(shas))
                values = {"subject": subject, "version": version, "id": identifier, "bound": bound, "source": source}
                connection.execute(text(ROW), {**values, "artifacts": f"[{listed}]".encode(), "none": b"[]"})
        upgrade(url)
        with engine.connect() as connection:
            assert with_set(connection, "o", "fraud", "ab") == Found("fraud", "2", "id2")
            assert with_set(connection, "o", "churn", "ab") is None
            assert subjects_with_set(connection, "o", "a") == ["churn"]
            assert subjects_with_set(connection, "other", "a") == []
            assert [found.id for found in naming(connection, "o", [A])] == ["id3", "id2", "id1"]
            assert [found.id for found in naming(connection, "o", [A, B], "fraud")] == ["id2", "id1"]
            assert naming(connection, "o", [A, B, C]) == []
            commits = connection.execute(text("SELECT release FROM release_key WHERE kind = 'commit'")).scalars()
            assert list(commits) == ["id1"]
    finally:
        engine.dispose()
