"""In a process of its own: reads one heavy body as the server does, and prints seconds of work and bytes of growth."""

import sys
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from phasegate.errors import Invalid, Malformed
from tests.adapters.attacks import HEAVY
from tests.fuzz.originals import take
from tests.support.memory import forget, peak, resident


def main() -> None:
    """Each that is named, one after another."""
    for name in sys.argv[1:]:
        shape, make = HEAVY[name]
        with suppress(Malformed, Invalid):
            take(b"1..1\nok 1\n" if shape == "test-report" else b"{}", shape)  # loads what is loaded once
        raw = make()
        forget()
        before, began = resident(), time.process_time()
        with suppress(Malformed, Invalid):
            take(raw, shape)
        print(f"{name}\t{time.process_time() - began:.3f}\t{peak() - before}", flush=True)


if __name__ == "__main__":
    main()
