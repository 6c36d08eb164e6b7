"""Runs migrations on the connection that `phasegate.storage.schema` passes."""

from alembic import context
from sqlalchemy import Connection, Engine
from sqlmodel import SQLModel

from phasegate.storage import tables
from phasegate.storage.database import normalised, sync_engine

TARGET = SQLModel.metadata
assert tables


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=TARGET,
        transaction_per_migration=False,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def given() -> Connection | Engine:
    """The connection passed in; in a checkout, `alembic -x url=… check` names a database instead."""
    connection = context.config.attributes.get("connection")
    return connection or sync_engine(normalised(context.get_x_argument(as_dictionary=True)["url"]))


found = given()
if isinstance(found, Engine):
    with found.begin() as opened:
        run(opened)
else:
    run(found)
