"""Changed outputs of tools, a share of what `make fuzz` reads, from a fixed seed; and whether it would notice."""

import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from phasegate.adapters.registry import adapters
from phasegate.shapes import catalogue
from tests.adapters.better import ORDERS, better
from tests.fuzz import hunt
from tests.fuzz.judge import newest
from tests.fuzz.mutators import DAMAGE, FORGERY, Mutant, mutant
from tests.fuzz.originals import Original, originals, take

RUN = Path(hunt.__file__).with_name("run.py")
SEED = 20_261_124
ORIGINALS = originals()
BY_NAME = {each.name: each for each in ORIGINALS}


def test_changed_files_are_refused_or_no_better() -> None:
    # In a process of its own, whose memory nobody else has filled.
    arguments = ["--mutants", "2000", "--posted", "150", "--seed", str(SEED)]
    ended = subprocess.run([sys.executable, str(RUN), *arguments], capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    heads = [line for line in ended.stdout.splitlines() if "mutants: " in line]
    assert [head.split()[0] for head in heads] == ["2000", "150"]
    assert all(", 0 faults;" in head for head in heads)


def test_every_format_and_every_shape_that_adapters_give_is_changed() -> None:
    given = {(name, shape) for name, adapter in adapters().items() for shape in adapter.shapes}
    assert {(each.taken.format, each.shape) for each in ORIGINALS} == given
    assert {each.shape for each in ORIGINALS} == set(ORDERS)
    assert set(ORDERS) <= set(catalogue())


def test_the_same_chance_gives_the_same_change() -> None:
    for number, original in enumerate(ORIGINALS):
        made = [mutant(original, ORIGINALS, Random(number)) for _ in range(2)]
        assert made[0] == made[1]
        assert made[0].raw != original.raw


@pytest.mark.parametrize("kind", [*DAMAGE, *FORGERY])
def test_every_kind_of_change_is_made(kind: str) -> None:
    known = {**DAMAGE, **FORGERY}
    for name in ("junit/pytest_pass.xml as test-report", "k6/handle_summary_fail.json as load-test"):
        assert known[kind](BY_NAME[name], ORIGINALS, Random(1)) != BY_NAME[name].raw


def faults(name: str, kind: str, before: bytes, after: bytes) -> list[str]:
    """What is found in a file that was forged into a better one, if it were taken for damage."""
    original = BY_NAME[name]
    assert before in original.raw
    raw = original.raw.replace(before, after, 1)
    judged = newest().every(original.shape, original.taken.data)
    return list(hunt.faults(original, Mutant(kind, raw), take(raw, original.shape), judged))


@pytest.mark.parametrize(
    ("name", "kind", "before", "after", "told"),
    [
        ("bandit/sarif_fail.sarif as scan-report", "no value", b'level": "error', b'level": "note', "high and worse"),
        ("mlflow-run/run_dummy.json as metrics-report", "no number", b"13.49", b"0.01", "outcome-monitoring"),
        ("tap/pytest_fail.tap as test-report", "doubled", b"not ok 2", b"ok 2", "passed"),
        ("wrk/fail.txt as load-test", "no number", b"3760", b"0", "load-capacity"),
        ("mlflow-registry/registered_model.json as registry-report", "no value", b'"READY"', b'"FAILED"', ""),
        ("kubernetes/hpa_no_headroom.yaml as workload-spec", "no value", b"s: 4, t", b"s: 9, t", "autoscaling"),
        ("k6/handle_summary_fail.json as load-test", "cut", b"}", b" }", "cut and accepted"),
        ("k6/handle_summary_fail.json as load-test", "doubled", b"}", b" }", "twice"),
    ],
)  # fmt: skip
def test_a_file_that_became_better_is_noticed(name: str, kind: str, before: bytes, after: bytes, told: str) -> None:
    found = faults(name, kind, before, after)
    assert any(told in fault for fault in found) if told else not found


def test_a_file_that_became_better_by_forgery_is_another_file() -> None:
    assert faults("wrk/fail.txt as load-test", "bytes", b"3760", b"0") == []


@pytest.mark.parametrize(
    ("shape", "old", "new", "is_better"),
    [
        ("test-report", (3, 1, 0), (3, 1, 0), False),
        ("test-report", (3, 1, 0), (4, 1, 0), True),
        ("test-report", (3, 1, 0), (4, 1, 1), False),
        ("test-report", (3, 1, 0), (3, 0, 0), True),
        ("test-report", (3, 1, 0), (3, 0, 1), False),
        ("test-report", (3, 1, 0), (0, 0, 0), False),
        ("test-report", (3, 1, 0), (2, 2, 0), False),
    ],
)
def test_what_is_better(shape: str, old: Any, new: Any, is_better: bool) -> None:
    fields = ("passed", "failed", "errors")
    assert bool(better(shape, dict(zip(fields, new, strict=True)), dict(zip(fields, old, strict=True)))) == is_better


def test_no_file_is_better_than_itself() -> None:
    original: Original
    for original in ORIGINALS:
        data = original.taken.data
        assert better(original.shape, data, data) == []
        judged = newest().every(original.shape, data)
        assert judged.better_than(judged) == []
