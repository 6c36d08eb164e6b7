"""Adapters: each reads one tool's own output into normalised facts of a shape. None gives a verdict.

What an adapter in another package needs is here: `clients/README.md` shows one.
"""

from phasegate.adapters.interface import Adapter, Example, Hints, Reading
from phasegate.adapters.json_file import look, parse, parse_like
from phasegate.engine.facts import Producer
from phasegate.errors import Fault, Invalid, Malformed

__all__ = [
    "Adapter",
    "Example",
    "Fault",
    "Hints",
    "Invalid",
    "Malformed",
    "Producer",
    "Reading",
    "look",
    "parse",
    "parse_like",
]
