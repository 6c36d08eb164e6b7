"""Prepared pairs: a base policy, one edit of it, and what the difference amounts to."""

from tests.policies.pairs.base import Pair
from tests.policies.pairs.criteria import CRITERIA
from tests.policies.pairs.declarations import DECLARATIONS
from tests.policies.pairs.wording import WORDING

PAIRS: dict[str, Pair] = {**WORDING, **DECLARATIONS, **CRITERIA}
