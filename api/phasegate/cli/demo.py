"""`phasegate demo`."""

import click


@click.command()
def demo() -> None:
    """Refuse, mend and clear a real model release, on a real server with an empty database."""
    from phasegate.demo.story import tell

    raise SystemExit(tell())
