"""`phasegate demo`."""

from datetime import UTC, datetime

import click


@click.command()
def demo() -> None:
    """Refuse, mend, sign off and launch a release, on a real server with an empty database."""
    from phasegate.demo.story import tell

    raise SystemExit(tell(datetime.now(UTC)))
