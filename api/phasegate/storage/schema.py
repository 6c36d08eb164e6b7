"""The schema: migrations are the only way to it."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from phasegate.resources import MIGRATIONS
from phasegate.storage.database import sync_engine

_LOCK = 0x70686173


def upgrade(url: str) -> None:
    """Bring the database to the newest schema; processes that start together take turns."""
    engine = sync_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            command.upgrade(config(connection), "head")
    finally:
        engine.dispose()


def config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    result = Config()
    result.set_main_option("script_location", str(MIGRATIONS))
    result.attributes["connection"] = connection
    return result
