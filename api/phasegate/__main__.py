"""`python -m phasegate`: the server's commands without the thin client."""

import click

from phasegate import __version__
from phasegate.cli import commands

main = click.version_option(__version__, prog_name="phasegate")(
    click.Group("phasegate", commands={str(command.name): command for command in commands})
)

if __name__ == "__main__":
    main()
