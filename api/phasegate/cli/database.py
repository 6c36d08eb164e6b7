"""`phasegate db`."""

import click

from phasegate.cli.options import database_options, reachable, settings


@click.group()
def db() -> None:
    """The database."""


@db.command()
@database_options
def upgrade(data: str | None, database: str | None) -> None:
    """Bring the schema up to date; it is safe to repeat."""
    from phasegate.storage.schema import upgrade as upgrade_schema

    found = settings(data, database)
    if found.database.startswith("sqlite"):
        found.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with reachable():
        upgrade_schema(found.database)
    click.echo("the schema is up to date")
