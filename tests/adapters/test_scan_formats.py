"""What the four formats of scanners have in common."""

import pytest

from phasegate.adapters.bandit import Bandit
from phasegate.adapters.interface import Adapter, Hints
from phasegate.adapters.modelscan import Modelscan
from phasegate.adapters.pip_audit import PipAudit
from phasegate.adapters.sarif import Sarif
from phasegate.adapters.scan_report import SEVERITIES, Scan
from phasegate.engine.facts import Producer
from tests.adapters.samples import read, sample

SAMPLES: list[tuple[Adapter, str]] = [
    (Sarif(), "bandit/sarif_fail.sarif"),
    (Sarif(), "bandit/sarif_pass.sarif"),
    (Bandit(), "bandit/json_fail.json"),
    (PipAudit(), "pip-audit/fail.json"),
    (PipAudit(), "pip-audit/pass.json"),
    (Modelscan(), "modelscan/fail.json"),
    (Modelscan(), "modelscan/directory_fail.json"),
    (Modelscan(), "modelscan/pass.json"),
]


@pytest.mark.parametrize(("adapter", "path"), SAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_exit_code_counts_where_nothing_was_found(adapter: Adapter, path: str) -> None:
    ended = read(adapter, sample(path), Hints(exit_code=1))
    assert ended.data["errors"] == (1 if "pass" in path else 0)
    assert any("exit code 1" in warning for warning in ended.warnings) == ("pass" in path)


def test_a_thousand_findings_are_listed_worst_first() -> None:
    scan = Scan()
    for severity in reversed(SEVERITIES):
        for n in range(600):
            scan.add(f"R{n}", severity, "told")
    data = scan.reading(Producer("t"), Hints()).data
    assert [data[severity] for severity in SEVERITIES] == [600] * 5
    assert [one["severity"] for one in data["findings"]] == ["critical"] * 600 + ["high"] * 400
    assert data["unlisted"] == 2000


def test_a_header_that_counts_more_is_believed() -> None:
    scan = Scan()
    scan.add("R", "low", "told")
    scan.stated("high", 2)
    scan.stated("low", 0)
    reading = scan.reading(Producer("t"), Hints())
    assert (reading.data["high"], reading.data["low"], reading.data["unlisted"]) == (2, 1, 2)
    assert "counts 2 high findings and lists 0" in reading.warnings[0]
