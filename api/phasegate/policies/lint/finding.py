"""What a lint rule has to say."""

from typing import NamedTuple

from phasegate.errors import Fault, Flaw


class Finding(NamedTuple):
    """One thing that is senseless, by the rule that says so."""

    rule: str
    flaw: Flaw


class Told(NamedTuple):
    """A finding with its place in the text."""

    rule: str
    fault: Fault
