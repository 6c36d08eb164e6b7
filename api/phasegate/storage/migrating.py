"""What all migrations share. They rest on it for good: it is added to, and what is here keeps its meaning."""

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
"""The column type of an instant."""


def append_only(*tables: str) -> None:
    """Refuse updates and deletions of these tables, whoever asks."""
    _refuse(tables, ("UPDATE", "DELETE", "TRUNCATE"))


def erasable(*tables: str) -> None:
    """Refuse updates of these tables, whoever asks; a row can be deleted."""
    _refuse(tables, ("UPDATE",))


def _refuse(tables: tuple[str, ...], verbs: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in tables:
            for verb in verbs:
                if verb != "TRUNCATE":
                    op.execute(
                        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION phasegate_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {' OR '.join(verbs)} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION phasegate_append_only()"
        )
