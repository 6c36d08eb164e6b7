"""The soak in full: `python tests/soak/run.py --bodies 10000 --database sqlite`, `… --kills 20 --submissions 2000`.

Without `--database`, both. Prints one line for each part; exit code 1 where anything is wrong.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

if TYPE_CHECKING:
    from tests.soak.server import Served

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_SHOWN = 40
"""Faults that are told in full."""


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=0, help="hostile requests")
    parser.add_argument(
        "--kills",
        type=int,
        default=0,
        help="SIGKILLs of the server, spread over the submissions, and over bulks of as many lines",
    )
    parser.add_argument("--submissions", type=int, default=2_000, help="distinct pieces of evidence that are sent")
    parser.add_argument("--database", choices=sorted(_NAMES), action="append", help="default: both")
    parser.add_argument("--seed", type=int, default=20_261_124)
    chosen = parser.parse_args()
    if not chosen.bodies and not chosen.kills:
        parser.error("say --bodies, --kills or both")
    faults = 0
    for kind in chosen.database or list(_NAMES):
        if chosen.bodies:
            faults += _hostile(kind, chosen.bodies, chosen.seed)
        if chosen.kills:
            faults += _kills(kind, chosen.kills, chosen.submissions, chosen.seed)
            faults += _bulk(kind, chosen.kills, chosen.submissions, chosen.seed)
    return 1 if faults else 0


def _served(stack: ExitStack, kind: str) -> "Served":
    """A server on an empty database, until the stack closes."""
    from tests.soak.server import database, serving
    from tests.support.databases import cluster

    address = stack.enter_context(cluster()) if kind == "postgresql" else None
    return stack.enter_context(serving(stack.enter_context(database(kind, address))))


def _hostile(kind: str, bodies: int, seed: int) -> int:
    from tests.soak import hostile

    with ExitStack() as stack:
        outcome = hostile.run(_served(stack, kind), bodies, seed)
    return _tell(outcome.told(_NAMES[kind]), outcome.faults)


def _kills(kind: str, number: int, submissions: int, seed: int) -> int:
    from tests.soak import kills

    with ExitStack() as stack:
        outcome = kills.run(_served(stack, kind), number, submissions, seed)
    return _tell(outcome.told(_NAMES[kind]), outcome.faults)


def _bulk(kind: str, number: int, lines: int, seed: int) -> int:
    from tests.soak import bulk

    with ExitStack() as stack:
        outcome = bulk.run(_served(stack, kind), number, lines, seed)
    return _tell(outcome.told(_NAMES[kind]), outcome.faults)


def _tell(line: str, faults: list[str]) -> int:
    print(line, flush=True)
    for fault in faults[:_SHOWN]:
        print(f"  {fault}", flush=True)
    if len(faults) > _SHOWN:
        print(f"  and {len(faults) - _SHOWN} more", flush=True)
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
