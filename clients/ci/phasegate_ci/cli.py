"""The command line: five commands of our own, and those of other packages behind a door."""

from functools import cache
from pathlib import Path

import click

from phasegate_ci import __version__
from phasegate_ci.client import Client
from phasegate_ci.gate import gate
from phasegate_ci.job import job
from phasegate_ci.register import register
from phasegate_ci.settings import DEFAULT_URL, settings
from phasegate_ci.signoff import signoff
from phasegate_ci.submit import submit
from phasegate_ci.terminal import complain
from phasegate_ci.waive import waive

DOOR = "phasegate.commands"
"""Entry-point group. Each entry is a list of click commands, one command, or a function that gives either."""


class Commands(click.Group):
    """Our own commands first and alone; the door is opened only for a name we don't know, and for `--help`.

    So a server installed beside us costs `phasegate gate` no time, and one that is broken can't break it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_behind_the_door()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _behind_the_door().get(cmd_name)


@cache  # `--help` asks for each name
def _behind_the_door() -> dict[str, click.Command]:
    import gc
    from importlib.metadata import entry_points

    gc.enable()
    found: dict[str, click.Command] = {}
    for entry in entry_points(group=DOOR):
        try:
            offered = entry.load()
            if callable(offered) and not isinstance(offered, click.Command):
                offered = offered()
            commands = [offered] if isinstance(offered, click.Command) else list(offered)
            found |= {str(command.name): command for command in commands}
        except Exception as failure:
            complain(f"phasegate: the commands of {entry.value} can't be loaded: {failure}")
    return found


@click.group(cls=Commands)
@click.option(
    "--url",
    envvar="PHASEGATE_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    help="Of the server.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="Holds the token. Else it is taken from PHASEGATE_TOKEN; never from an argument, which others can see. A CI"
    " job without one has its own OIDC token exchanged.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=3600),
    default=30.0,
    show_default=True,
    help="Seconds to wait for one answer, retries included.",
)
@click.version_option(__version__, prog_name="phasegate")
@click.pass_context
def cli(ctx: click.Context, url: str, token_file: Path | None, timeout: float) -> None:
    """Ask phasegate whether a machine-learning release may go live.

    Exit codes: 0 go or done, 1 no-go, 2 wrong use, 3 no answer.
    """
    if ctx.invoked_subcommand in _OWN:
        import os

        found = settings(url, token_file, os.environ.get("PHASEGATE_TOKEN"), timeout)
        ctx.obj = Client(found, None if found.token else job(os.environ, found.url))


_COMMANDS = (register, submit, gate, signoff, waive)
_OWN = {command.name for command in _COMMANDS}
for _command in _COMMANDS:
    cli.add_command(_command)
