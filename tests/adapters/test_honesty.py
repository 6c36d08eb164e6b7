"""What contradicts a file lowers what it says, for every format and every real output of it; nothing raises it."""

import json
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.exit_code import _FIELDS
from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.adapters.registry import BUILT_IN, adapters
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue
from tests.adapters.samples import CONTEXT, FILES

OURS, OTHERS = "a" * 64, "b" * 64


def read(adapter: Adapter, raw: bytes, shape: str, **hints: Any) -> Reading | None:
    """None where it is refused."""
    try:
        reading = adapter.read(raw, Hints(context=CONTEXT, shape=shape, **hints))
    except (Malformed, Invalid):
        return None
    read_data(catalogue()[shape], reading.data)
    return reading


READ = [
    (adapter, shape, path)
    for adapter in BUILT_IN
    for shape in adapter.shapes
    for path in FILES
    if adapter.detects(path.read_bytes()) and read(adapter, path.read_bytes(), shape)
]
EACH = pytest.mark.parametrize(
    ("adapter", "shape", "path"), READ, ids=[f"{path.name}: {adapter.name} {shape}" for adapter, shape, path in READ]
)


def bad(data: dict[str, Any]) -> int:
    """What any clean-run criterion looks at."""
    counted = (*_FIELDS, "critical", "high", "medium", "low", "failures", "checks_failed")
    return sum(int(data.get(field, 0)) for field in counted) + int(data.get("result") == "failed")


def counts(data: dict[str, Any]) -> bool:
    """Whether the shape counts failures of what ran."""
    return any(field in data for field in _FIELDS) or "result" in data


def test_every_format_is_looked_at() -> None:
    assert {adapter.name for adapter, _, _ in READ} == {adapter.name for adapter in BUILT_IN}


@EACH
class TestExitCode:
    @pytest.mark.parametrize("code", [1, 2, 5, 99, 255, -9])
    def test_a_tool_that_failed_has_no_clean_run(self, adapter: Adapter, shape: str, path: Path, code: int) -> None:
        raw = path.read_bytes()
        silent, told = read(adapter, raw, shape), read(adapter, raw, shape, exit_code=code)
        assert silent
        assert told
        if counts(told.data):
            assert bad(told.data) > 0
        if bad(silent.data) == 0:
            assert any(f"exit code {code}" in warning for warning in told.warnings)
        assert bad(told.data) >= bad(silent.data)
        assert told.data.get("passed") == silent.data.get("passed")

    def test_zero_makes_nothing_better(self, adapter: Adapter, shape: str, path: Path) -> None:
        raw = path.read_bytes()
        silent, told = read(adapter, raw, shape), read(adapter, raw, shape, exit_code=0)
        assert silent
        assert told
        assert told.data == silent.data


class TestAnotherRelease:
    """`release` is a property or tag of a run; `sha256` and `digest` name the very file."""

    OTHER: tuple[dict[str, str], ...] = (
        {"release": "churn-scorer@9.9"},
        {"release": "v9.9"},
        {"release": "other@2.1.0"},
        {"sha256": OTHERS},
        {"digest": f"sha256:{OTHERS}"},
    )
    OWN: tuple[dict[str, str], ...] = (
        {},
        {"release": "2.1.0"},
        {"release": "churn-scorer@2.1.0"},
        {"release": "v2.1.0"},
        {"sha256": OURS},
        {"digest": f"sha256:{OURS.upper()}"},
        {"digest": "main"},
        {"sha256": "x"},
    )

    @staticmethod
    def junit(properties: dict[str, str]) -> bytes:
        inner = "".join(f'<property name="{name}" value="{value}"/>' for name, value in properties.items())
        return f'<testsuite name="s"><properties>{inner}</properties><testcase name="t"/></testsuite>'.encode()

    @staticmethod
    def ctrf(properties: dict[str, str]) -> bytes:
        summary = {"tests": 1, "passed": 1, "failed": 0, "pending": 0, "skipped": 0, "other": 0, "start": 1, "stop": 2}
        tests = [{"name": "t", "status": "passed", "duration": 1}]
        results = {"tool": {"name": "x"}, "summary": summary, "tests": tests, "environment": properties}
        return json.dumps({"results": results}).encode()

    @staticmethod
    def pytest_json(properties: dict[str, str]) -> bytes:
        tests = [{"nodeid": "t", "outcome": "passed"}]
        content = {"exitcode": 0, "created": 1.8e9, "duration": 1.0, "environment": properties, "collectors": []}
        return json.dumps(content | {"summary": {"passed": 1, "total": 1, "collected": 1}, "tests": tests}).encode()

    @staticmethod
    def mlflow(properties: dict[str, str]) -> bytes:
        tags = [{"key": key, "value": value} for key, value in properties.items()]
        data = {"metrics": [{"key": "roc_auc", "value": 0.9, "step": 0, "timestamp": 1}], "tags": tags}
        info = {"run_id": "r", "status": "FINISHED", "end_time": 1_790_000_000_000}
        return json.dumps({"run": {"info": info, "data": data}}).encode()

    MADE = (
        ("junit", "test-report", junit),
        ("ctrf", "test-report", ctrf),
        ("pytest-json-report", "test-report", pytest_json),
        ("mlflow-run", "metrics-report", mlflow),
    )

    @staticmethod
    def lowered(reading: Reading) -> bool:
        return bad(reading.data) > 0 or any(not one["passed"] for one in reading.data.get("conditions", ()))

    @pytest.mark.parametrize(("name", "shape", "make"), MADE, ids=[name for name, _, _ in MADE])
    def test_is_told_and_lowers(self, name: str, shape: str, make: Any) -> None:
        hints = {"release": "2.1.0", "subject": "churn-scorer", "artifacts": (OURS,)}
        for properties in self.OWN:
            reading = read(adapters()[name], make(properties), shape, **hints)
            assert reading, properties
            assert (reading.warnings, self.lowered(reading)) == ((), False), properties
        for properties in self.OTHER:
            reading = read(adapters()[name], make(properties), shape, **hints)
            assert reading, properties
            assert len(reading.warnings) == 1, properties
            assert self.lowered(reading), properties

    def test_of_a_subject_there_is_none_to_compare(self) -> None:
        for properties in self.OTHER:
            reading = read(adapters()["junit"], self.junit(properties), "test-report", subject="churn-scorer")
            assert reading
            assert reading.warnings == ()

    @pytest.mark.parametrize("analysed", [True, False])
    def test_a_bom_of_another_model(self, analysed: bool) -> None:
        hashes = [{"alg": "SHA-256", "content": OTHERS}]
        model = {"type": "machine-learning-model", "name": "m", "hashes": hashes}
        bom: dict[str, Any] = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [model]}
        if analysed:
            bom["vulnerabilities"] = [{"id": "CVE-1", "ratings": [{"severity": "low"}]}]
        raw = json.dumps(bom).encode()
        for artifacts, contradicts in (((OURS,), True), ((OURS, OTHERS), False), ((), False)):
            reading = read(adapters()["cyclonedx"], raw, "scan-report", artifacts=artifacts)
            assert reading
            assert any("none of the release's artifacts" in warning for warning in reading.warnings) == contradicts
            assert reading.data["errors"] == int(contradicts and analysed)
