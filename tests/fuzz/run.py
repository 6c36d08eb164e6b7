"""Changed outputs of tools, read as the server reads them: `make fuzz`, or `python tests/fuzz/run.py --mutants 2000`.

Each is refused in words or gives no better evidence than the whole file, in time and without growth.
With `--posted`, as many again go through the application over HTTP. Exit code 1 where anything is wrong.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

_SHOWN = 40
"""Faults that are told in full."""


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=2_000, help="changed files, read in this process")
    parser.add_argument("--posted", type=int, default=0, help="changed files, sent to the application on SQLite")
    parser.add_argument("--seed", type=int, default=20_261_124)
    chosen = parser.parse_args(arguments)

    from tests.fuzz import door, hunt

    outcomes = [hunt.run(chosen.mutants, chosen.seed)]
    if chosen.posted:
        outcomes.append(door.run(chosen.posted, chosen.seed))
    for outcome in outcomes:
        print(outcome.told(), flush=True)
        for fault in outcome.faults[:_SHOWN]:
            print(f"  fault: {fault}", flush=True)
        if len(outcome.faults) > _SHOWN:
            print(f"  and {len(outcome.faults) - _SHOWN} more", flush=True)
    return 1 if any(outcome.faults for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
