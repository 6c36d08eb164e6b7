"""Pandera: failures as JSON and as CSV."""

import json
from typing import Any

import pytest

from phasegate.adapters.interface import Reading
from phasegate.adapters.pandera import Pandera
from phasegate.engine.facts import Producer
from phasegate.errors import Invalid, Malformed
from tests.adapters.samples import HINTS, attempt, expected, read, sample

HEADER = "schema_context,column,check,check_number,failure_case,index\n"


def targets(reading: Reading) -> list[str]:
    return sorted({check["target"] for check in reading.data["checks"]})


class TestMessage:
    @pytest.mark.parametrize("name", ["fail", "missing_column", "type_change"])
    def test_each_sample(self, name: str) -> None:
        want = expected(f"pandera/{name}.json")
        reading = read(Pandera(), sample(f"pandera/{name}.json"))
        data = reading.data
        assert data["failed"] + data["errors"] == data["total"] == want["errors"]
        assert (data["passed"] > 0) == want["passed"]
        assert targets(reading) == want.get("columns", targets(reading))
        assert data["errors"] == ("CHECK_ERROR" in want.get("reasons", []))
        assert (reading.producer, reading.collected_at, reading.warnings) == (Producer("pandera"), None, ())

    def test_a_missing_column_is_named(self) -> None:
        checks = read(Pandera(), sample("pandera/missing_column.json")).data["checks"]
        assert checks == [{"name": "column_in_dataframe", "target": "email", "status": "fail"}]

    @pytest.mark.parametrize(
        "content", [{}, {"DATA": []}, {"DATA": {"R": {}}}, {"DATA": {"R": ["x"]}}, {"OTHER": {}}, [1]]
    )
    def test_another_structure_is_refused(self, content: Any) -> None:
        raw = json.dumps(content).encode()
        assert not Pandera().detects(raw)
        with pytest.raises(Invalid):
            Pandera().read(raw, HINTS)


class TestCases:
    def test_the_sample(self) -> None:
        want = expected("pandera/fail_cases.csv")
        reading = read(Pandera(), sample("pandera/fail_cases.csv"))
        data = reading.data
        assert sum(check["observed"] for check in data["checks"]) == want["failure_cases"]
        assert data["failed"] == want["distinct_checks"]
        assert (targets(reading), data["passed"] > 0) == (want["columns"], want["passed"])

    def test_a_missing_column_stands_elsewhere(self) -> None:
        reading = read(Pandera(), HEADER + "DataFrameSchema,churn_features,column_in_dataframe,,email,\n")
        assert targets(reading) == ["email"]

    def test_with_the_index_of_pandas_and_windows_lines(self) -> None:
        raw = ("," + HEADER + "0,Column,a,gt,0,1,0\n1,Column,a,gt,0,2,1\n").replace("\n", "\r\n")
        assert read(Pandera(), raw).data["checks"] == [{"name": "gt", "target": "a", "status": "fail", "observed": 2.0}]

    @pytest.mark.parametrize(
        "rows",
        [
            "Column,a,gt,0,1\n",
            "Column,a,gt,0,1,0,9\n",
            "\n",
            'Column,"a,gt,0,1,0\n',
            'Column,"a"b,gt,0,1,0\n',
            "a\0,,,,,\n",
        ],
    )
    def test_a_row_that_is_none_is_refused(self, rows: str) -> None:
        with pytest.raises(Malformed):
            Pandera().read((HEADER + rows).encode(), HINTS)

    @pytest.mark.parametrize("rest", [b"\xff\xfe\n", b"x" * 200_000, b'"' * 3])
    def test_what_is_no_text_is_refused(self, rest: bytes) -> None:
        with pytest.raises(Malformed):
            Pandera().read(HEADER.encode() + rest, HINTS)

    def test_cut_short_it_is_refused_or_shows_what_is_left(self) -> None:
        whole = sample("pandera/fail_cases.csv")
        for at in range(len(HEADER) + 1, len(whole)):
            reading = attempt(Pandera(), whole[:at])
            assert reading is None or reading.data["passed"] == 0
