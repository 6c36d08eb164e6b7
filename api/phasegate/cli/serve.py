"""`phasegate serve`."""

import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path

import click

from phasegate.cli.options import database_options, fail, now, reachable, run, settings
from phasegate.errors import Conflict, Problem
from phasegate.operations.policies import Policies, publish
from phasegate.operations.tokens import (
    DEFAULT_ORG,
    LONGEST_LIFE,
    SCOPES,
    NewToken,
    bootstrap,
    create,
)
from phasegate.resources import POLICIES
from phasegate.settings import Settings
from phasegate.shapes import catalogue
from phasegate.storage import policies as stored
from phasegate.storage.audit import Actor
from phasegate.storage.database import Database
from phasegate.storage.tokens import tokens

_SERVER = Actor(DEFAULT_ORG, "phasegate", "", "cli")
_GRACE = 10
"""Seconds that open requests are given at the end."""


@click.command()
@database_options
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(data: str | None, database: str | None, host: str, port: int, workers: int) -> None:
    """Serve the API. Without a setting: SQLite in ./phasegate-data, migrated, the shipped policies published."""
    from phasegate.identity.outbound import Allowed
    from phasegate.identity.secret_key import SecretKey
    from phasegate.storage.schema import upgrade

    found = settings(data, database)
    try:
        found.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        mend = "choose another by PHASEGATE_DATA (or --data)"
        fail(f"the data folder {found.data} can't be made: {error.strerror}; {mend}")
    try:
        Allowed.read(found.outbound_allow)
    except ValueError as error:
        fail(f"PHASEGATE_OUTBOUND_ALLOW: {error}")
    try:
        SecretKey.open(found.secret_key_file or found.data / "secret-key")
    except (OSError, ValueError) as error:
        fail(f"the secret key can't be used: {error}; see PHASEGATE_SECRET_KEY_FILE")
    with reachable():
        upgrade(found.database)
    path = run(found, lambda each: prepare(each, found))
    if path is not None:
        click.echo(f"first admin token: {path}")
        if sys.stdout.isatty():
            click.echo(path.read_text().strip())
    listening = _listen(host, port)
    click.echo(f"phasegate serves at http://{host}:{listening.getsockname()[1]}")
    sys.stdout.flush()
    _serve(found, listening, workers)


async def prepare(database: Database, found: Settings) -> Path | None:
    """Tokens and shipped policies; the file of a first admin token, where one was made."""
    path = await _first_token(database, found)
    await _publish_shipped(database)
    return path


async def _first_token(database: Database, found: Settings) -> Path | None:
    if found.bootstrap_token is not None:
        await bootstrap(database, found.bootstrap_token, now())
        return None
    if await database.read(lambda connection: tokens(connection, DEFAULT_ORG)):
        return None
    wanted = NewToken("admin", "admin", "service", frozenset(SCOPES), ("*",), LONGEST_LIFE)
    _, secret = await create(database, _SERVER, wanted, now())
    path = found.data / "admin-token"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    return path


async def _publish_shipped(database: Database) -> None:
    policies = Policies(catalogue())
    for file in sorted(POLICIES.glob("*/*/policy.yaml")):
        name, version, raw = file.parent.parent.name, file.parent.name, file.read_bytes()
        there = await database.read(partial(stored.source, org=DEFAULT_ORG, name=name, number=version))
        if there is not None and there.source == raw:
            continue
        try:
            await publish(database, policies, _SERVER, raw, "application/yaml", now())
        except Conflict:
            click.echo(f"note: {name}@{version} is published with another meaning than the shipped one", err=True)
        except Problem as problem:
            if problem.reason != "semver_step":
                fail(f"{file}: {problem.detail}")
            click.echo(f"note: the shipped {name}@{version} was not published: {problem.detail}", err=True)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Without the protocol asyncio leaves TCP_NODELAY off, and each answer waits for a delayed ACK.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
        return listening
    except OSError as error:
        fail(f"can't listen on {host}:{port}: {error.strerror}; choose another with --port")


def _serve(found: Settings, listening: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    if workers == 1:
        from phasegate.http.app import serving

        config = uvicorn.Config(
            serving(found), log_level="warning", timeout_graceful_shutdown=_GRACE, server_header=False
        )
        # uvicorn raises the signal again once it has ended well; an orderly end is no failure.
        signal.signal(signal.SIGTERM, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listening])
        return
    os.environ["PHASEGATE_DATABASE_URL"] = found.database
    os.environ["PHASEGATE_DATA"] = str(found.data)
    config = uvicorn.Config(
        "phasegate.http.app:from_environment",
        factory=True,
        workers=workers,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    listening.set_inheritable(True)
    Multiprocess(config, sockets=[listening]).run()
