"""`phasegate demo`."""

from datetime import UTC, datetime

import click


@click.command(short_help="A release is refused, mended, signed off and launched.")
def demo() -> None:
    """Refuse, mend, sign off and launch a release, on a real server with an empty database."""
    from phasegate.demo.story import tell

    raise SystemExit(tell(datetime.now(UTC)))
