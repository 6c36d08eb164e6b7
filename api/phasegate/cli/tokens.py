"""`phasegate token`: on the database itself, for whoever runs the server."""

import re

import click

from phasegate.cli.options import database_options, fail, now, run, settings
from phasegate.engine.instants import parse_length, rfc3339
from phasegate.operations.tokens import DEFAULT_LIFE, DEFAULT_ORG, OPERATOR, SCOPES, NewToken, valid
from phasegate.operations.tokens import create as create_token
from phasegate.operations.tokens import revoke as revoke_token
from phasegate.reading import NAME_PATTERN, NAME_TOLD
from phasegate.storage import tokens as stored
from phasegate.storage.audit import Actor

_ORG = click.option("--org", default=DEFAULT_ORG, show_default=True, help="Whose tokens.")


@click.group()
def token() -> None:
    """Bearer tokens."""


@token.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, metavar="SCOPE", help=f"Repeatable: {', '.join(SCOPES)}."
)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    default=("*",),
    metavar="PATTERN",
    help="Subjects it may touch, e.g. churn-*; repeatable. All unless given.",
)
@click.option("--principal", help="Who calls with it; NAME if left out.")
@click.option(
    "--kind",
    type=click.Choice(["tool", "service", "person"]),
    help="What the principal is; left out, what it was when it got its first token, or a tool.",
)
@click.option(
    "--expires-in", default=f"P{DEFAULT_LIFE.days}D", show_default=True, metavar="DURATION", help="A year at most."
)
@_ORG
@database_options
def create(
    name: str,
    scopes: tuple[str, ...],
    subjects: tuple[str, ...],
    principal: str | None,
    kind: str | None,
    expires_in: str,
    org: str,
    data: str | None,
    database: str | None,
) -> None:
    """Create a token; its secret is printed this once."""
    try:
        life = parse_length(expires_in)
    except ValueError as error:
        fail(f"--expires-in {error}")
    if not re.fullmatch(NAME_PATTERN, org):
        fail(f"--org must {NAME_TOLD}")
    wanted = NewToken(name, principal or name, kind, frozenset(scopes), subjects, life)
    made, secret = run(settings(data, database), lambda found: create_token(found, _operator(org), wanted, now()))
    click.echo(f"token {made.id} for {made.principal}, until {_until(made)}", err=True)
    click.echo(secret)


@token.command(name="list")
@_ORG
@database_options
def list_tokens(org: str, data: str | None, database: str | None) -> None:
    """All tokens, without their secrets."""
    found = run(settings(data, database), lambda each: each.read(lambda connection: stored.tokens(connection, org)))
    for each in found:
        ended = "revoked" if each.revoked_at else "rotated" if each.ends_at and each.ends_at <= now() else "expired"
        state = "valid" if valid(each, now()) else ended
        scopes = ",".join(sorted(each.scopes))
        click.echo(f"{each.id}  {state:7}  until {_until(each)}  {each.name}  {','.join(each.subjects)}  {scopes}")


@token.command()
@click.argument("identifier", metavar="ID")
@_ORG
@database_options
def revoke(identifier: str, org: str, data: str | None, database: str | None) -> None:
    """Revoke a token, effective at once."""
    run(settings(data, database), lambda found: revoke_token(found, _operator(org), identifier, now()))
    click.echo(f"token {identifier} is revoked")


def _operator(org: str) -> Actor:
    return Actor(org, OPERATOR, "", "cli")


def _until(made: stored.TokenRecord) -> str:
    return "for ever" if made.expires_at is None else rfc3339(made.expires_at)
