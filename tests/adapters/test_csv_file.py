"""CSV, record by record."""

import pytest

from phasegate.adapters.csv_file import LONGEST, records
from phasegate.adapters.text_file import MAX_LINES
from phasegate.errors import Invalid, Malformed


def test_records_come_with_the_line_on_which_they_end() -> None:
    assert list(records(["a,b\n", '"c\n', 'd",e\n', "f,\n"])) == [
        (1, ["a", "b"]),
        (3, ["c\nd", "e"]),
        (4, ["f", ""]),
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['"a'], "line 1, column 1: this is not CSV"),
        (["a\n", '"b"c\n'], "line 2, column 1: this is not CSV"),
        (["a\n", "," * LONGEST + "\n"], "line 2, column 1: a row is longer than 1,048,576 characters"),
        (['"\n', *['","\n'] * LONGEST], "is a quote left open"),
    ],
)
def test_what_is_none_is_refused_with_its_line(lines: list[str], told: str) -> None:
    with pytest.raises(Malformed, match=told):
        list(records(lines))


def test_many_short_records_are_as_good_as_few() -> None:
    assert sum(1 for _ in records(["a,b,c,d\n"] * MAX_LINES)) == MAX_LINES
    with pytest.raises(Invalid, match="more than 500,000 lines"):
        list(records(["a\n"] * (MAX_LINES + 1)))
