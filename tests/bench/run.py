"""The targets of performance, measured: `python tests/bench/run.py [--rounds N] [--only NAME]`, or `make bench`.

Prints one table: each row beside a peer or a floor, both measured in this run, in rounds that take turns; the medians,
their ratio, and the target. OPA comes from `requirements/bench.txt`; without it the rows against it fail and the
others stand. A row that can't be measured makes the exit code 1, a missed target doesn't: read the table on a quiet
machine, and believe ratios rather than times.
"""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[0] = str(Path(__file__).parents[2])  # the repository, as `python -m` would have it

if TYPE_CHECKING:
    from tests.bench.table import Failed, Result

    Measured = Callable[[int], Awaitable[Result]]

_LONGEST = 120
"""Seconds that one row may take."""


def rows() -> "dict[str, tuple[str, Measured]]":
    """Name and title of each."""
    from tests.bench import command_rows, engine_rows, http_rows, storage_rows

    return {
        "decision": ("26-criterion decision, in process", engine_rows.decision),
        "compile": ("policy file to compiled policy", engine_rows.compilation),
        "unchanged": ("decision over HTTP, unchanged facts", http_rows.unchanged),
        "304": ("decision over HTTP, 304", http_rows.not_modified),
        "changed": ("decision over HTTP, changed facts", http_rows.changed),
        "ingest": ("ingest of 1 kB, 32 at once, durable", http_rows.ingest),
        "read-sqlite": ("hot read of 30 records, SQLite", storage_rows.sqlite),
        "read-postgresql": ("hot read of 30 records, PostgreSQL", storage_rows.postgresql),
        "gate": ("`phasegate gate`, start to exit", command_rows.start_up),
    }


def measured(row: "Measured", rounds: int) -> "Result | Failed":
    """The row, or why there is none."""
    from tests.bench.table import Failed

    async def bounded() -> "Result":
        return await asyncio.wait_for(row(rounds), _LONGEST)

    try:
        return asyncio.run(bounded())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as failure:  # pytest's way to say that PostgreSQL isn't there is no Exception
        said = str(failure).partition("\n")[0][:200]
        return Failed(f"{type(failure).__name__}: {said}" if said else type(failure).__name__)


def machine() -> str:
    """Where and when the table holds."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores ({platform.machine()}, load {os.getloadavg()[0]:.1f} at the start), "
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}"
    )


def main() -> int:
    """The exit code."""
    from tests.bench.table import Failed, table

    known = rows()
    parser = argparse.ArgumentParser(description="The targets of performance, measured beside their peers.")
    parser.add_argument("--rounds", type=int, default=15, help="of each row (15)")
    parser.add_argument("--only", action="append", choices=known, metavar="NAME", help=", ".join(known))
    options = parser.parse_args()
    about = f"{machine()}; medians of {options.rounds} interleaved rounds"
    found: dict[str, Result | Failed] = {}
    for name in options.only or known:
        title, row = known[name]
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found[title] = measured(row, options.rounds)
    print(f"{about}\n\n{table(found)}")
    return 1 if any(isinstance(row, Failed) for row in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
