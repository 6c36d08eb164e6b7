"""What a new version of a policy changes, and the semver step that it needs.

`table` says of every key of a policy file what a difference amounts to; `compare` walks it.
"""

from phasegate.policies.diff.change import STEPS, Change, Edition, Kind, Step
from phasegate.policies.diff.compare import diff
from phasegate.policies.diff.steps import allowed, core, least, neighbours, required_step, too_large

__all__ = [
    "STEPS",
    "Change",
    "Edition",
    "Kind",
    "Step",
    "allowed",
    "core",
    "diff",
    "least",
    "neighbours",
    "required_step",
    "too_large",
]
