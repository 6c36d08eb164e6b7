"""One pattern inside another, against every name there is."""

from fnmatch import fnmatchcase
from itertools import product

import pytest

from phasegate.operations.issue import inside

PATTERNS = ["".join(each) for length in range(1, 5) for each in product("ab*", repeat=length)]
NAMES = ["".join(each) for length in range(9) for each in product("abc", repeat=length) if "c" not in each[2:]]
"""`c` stands for whatever a pattern doesn't name."""


def test_it_is_exact_for_every_pair_of_short_patterns() -> None:
    matched = {pattern: frozenset(name for name in NAMES if fnmatchcase(name, pattern)) for pattern in PATTERNS}
    wrong = [
        (one, other)
        for one in PATTERNS
        for other in PATTERNS
        if inside(one, (other,)) and not matched[one] <= matched[other]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("pattern", "held", "is_inside"),
    [
        ("fraud-*", ("*",), True),
        ("*", ("*",), True),
        ("*", ("**",), True),
        ("**", ("*",), True),
        ("fraud-eu-*", ("fraud-*",), True),
        ("fraud-*-eu", ("fraud-*",), True),
        ("fraud-x", ("churn", "fraud-*"), True),
        ("a*b*c", ("a*c",), True),
        ("*", ("fraud-*",), False),
        ("fraud*", ("fraud-*",), False),
        ("a*c", ("a*b*c",), False),
        ("*", ("a*", "b*"), False),
        ("fraud-*", (), False),
        ("a*", ("a?",), False),
        ("a*", ("[a]*",), False),
        ("a?", ("a?",), True),
    ],
)
def test_examples(pattern: str, held: tuple[str, ...], is_inside: bool) -> None:
    assert inside(pattern, held) is is_inside


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not inside("a" * 127 + "b", ("a*" * 63 + "c",))
    assert inside("*a" * 64, ("*a" * 64,))
