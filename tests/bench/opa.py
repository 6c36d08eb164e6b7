"""Open Policy Agent in process: the real Go engine, driven through its C bridge with JSON bytes in and out.

The wheel asks for Python 3.14 in its metadata but holds no Python-specific binary; it runs on 3.11:
    python -m pip install --no-deps --require-hashes --ignore-requires-python -r requirements/bench.txt
"""

import ctypes
import os
import time
from typing import Any

# A process as small as this one makes Go collect after every few megabytes, which costs OPA a fifth of its speed.
# Go reads this once, when the library is loaded.
os.environ.setdefault("GOGC", "400")

from opa_bindings import OpaEngine, OpaError

__all__ = ["Opa", "OpaError", "compile_seconds"]

DECISION = b"phasegate.decision"


class Opa:
    """One engine holding one policy. The query is prepared at the first decision and kept by the bridge."""

    def __init__(self, rego: str) -> None:
        self._engine: Any = OpaEngine()
        self._engine.add_policy("checklist.rego", rego)
        self._evaluate = self._engine._lib.OpaEvalDocument
        self._free = self._engine._lib.OpaFreeString

    def decide(self, input_bytes: bytes) -> bytes:
        """The bridge's envelope; the decision stands at `result[0].expressions[0].value`."""
        # Past the binding's own method, which would encode and decode the JSON once more in Python.
        pointer = self._evaluate(self._engine._handle, DECISION, input_bytes, 0, 0)
        try:
            answer = ctypes.string_at(pointer)
        finally:
            self._free(pointer)
        if answer.startswith(b'{"error"'):
            raise OpaError("evaluation", answer.decode())
        return answer

    def close(self) -> None:
        self._engine.close()


def compile_seconds(rego: str) -> float:
    """Parse, compile and answer once in a new engine. The bridge compiles when it is first asked; the rule asked
    for here is a constant, so that evaluation adds next to nothing."""
    start = time.perf_counter()
    engine: Any = OpaEngine()
    engine.add_policy("checklist.rego", rego)
    pointer = engine._lib.OpaEvalDocument(engine._handle, b"phasegate.ns_per_day", b"{}", 0, 0)
    seconds = time.perf_counter() - start
    answer = ctypes.string_at(pointer)
    engine._lib.OpaFreeString(pointer)
    engine.close()
    if b"86400000000000" not in answer:
        raise OpaError("compile", answer.decode())
    return seconds
