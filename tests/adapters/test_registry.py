"""Which formats there are, and which of them reads a file."""

import gzip
import subprocess
import sys
import types
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.adapters.junit import Junit
from phasegate.adapters.registry import BUILT_IN, GROUP, UnusableAdapters, adapters, assemble, choose
from phasegate.errors import Invalid

JUNIT = b"<testsuites/>"


class Fake:
    """Reads whatever begins with its mark."""

    version = "1.0.0"
    title = "a fake"

    def __init__(self, name: str, mark: bytes, shapes: tuple[str, ...] = ("test-report",)) -> None:
        self.name, self.mark, self.shapes = name, mark, shapes

    def detects(self, raw: bytes) -> bool:
        return raw.startswith(self.mark)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        return Reading(self.shapes[0], {})


class Breaking(Fake):
    def detects(self, raw: bytes) -> bool:
        raise RuntimeError("a plug-in at fault")


KNOWN: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        Junit(),
        Fake("tap", b"TAP"),
        Fake("k6-summary", b"{", ("load-test",)),
        Fake("twin", b"TAP 14"),
        Breaking("breaking", b""),
    )
}


def refusal(raw: bytes, stated: str | None, shape: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        choose(raw, stated, shape, among=KNOWN)
    return caught.value


class TestChoose:
    def test_detected(self) -> None:
        assert choose(JUNIT, None, "test-report", among=KNOWN).name == "junit"
        assert choose(b"TAP 13", None, "test-report", among=KNOWN).name == "tap"

    def test_stated_and_true(self) -> None:
        assert choose(JUNIT, "junit", "test-report", among=KNOWN).name == "junit"
        assert choose(b"TAP 14", "twin", "test-report", among=KNOWN).name == "twin"

    def test_by_default_among_all_that_are_installed(self) -> None:
        assert choose(JUNIT, None, "test-report") is adapters()["junit"]

    def test_stated_and_unknown(self) -> None:
        refused = refusal(JUNIT, "junitt", "test-report")
        assert "known: breaking, junit, k6-summary, tap, twin" in refused.detail
        assert refused.faults[0].path == "format"
        assert refused.faults[0].suggestion == "did you mean 'junit'?"

    def test_stated_and_of_another_shape(self) -> None:
        refused = refusal(b"{}", "k6-summary", "test-report")
        assert "gives load-test" in refused.detail
        assert "formats that give 'test-report': breaking, junit, tap, twin" in refused.detail

    def test_stated_and_not_what_the_file_is(self) -> None:
        assert "is not 'tap'" in refusal(JUNIT, "tap", "test-report").detail
        assert "looks like junit" in refusal(JUNIT, "tap", "test-report").detail
        assert "no format known here" in refusal(b"?", "tap", "test-report").detail

    def test_a_plug_in_that_breaks_matches_nothing(self) -> None:
        assert "is not 'breaking'" in refusal(JUNIT, "breaking", "test-report").detail

    def test_none_detected(self) -> None:
        assert (
            "formats that give 'test-report': breaking, junit, tap, twin" in refusal(b"?", None, "test-report").detail
        )

    def test_two_detected(self) -> None:
        assert "could be tap, twin" in refusal(b"TAP 14", None, "test-report").detail

    def test_only_another_shape_detected(self) -> None:
        refused = refusal(JUNIT, None, "load-test")
        assert "looks like junit" in refused.detail
        assert "formats that give 'load-test': k6-summary" in refused.detail

    def test_a_shape_that_no_format_gives(self) -> None:
        assert "send the JSON envelope" in refusal(JUNIT, None, "runbook").detail
        assert "send the JSON envelope" in refusal(JUNIT, "junit", "runbook").detail


def plugged_in(monkeypatch: pytest.MonkeyPatch, thing: Any, name: str = "mine") -> EntryPoint:
    module = types.ModuleType("phasegate_test_plugin")
    module.__dict__["thing"] = thing
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, f"{module.__name__}:thing", GROUP)


class TestAssemble:
    def test_built_ins_come_through_the_same_door(self) -> None:
        assert dict(assemble(BUILT_IN, ())) == {adapter.name: adapter for adapter in BUILT_IN}
        assert "junit" in adapters()
        assert adapters() is adapters()

    def test_a_plug_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        mine = Fake("mine", b"MINE")
        assert assemble(BUILT_IN, [plugged_in(monkeypatch, mine)])["mine"].detects(b"MINE")

    @pytest.mark.parametrize(
        ("thing", "message"),
        [
            (Fake("junit", b""), "two adapters are called 'junit': of phasegate itself and of"),
            (Fake("My Format", b""), "has the name 'My Format'"),
            (Fake("mine", b"", ()), "names no shape"),
            (Fake, "is no adapter; name an object with name, version"),
            (None, "is no adapter"),
        ],
    )
    def test_an_unusable_one_refuses_the_start(self, thing: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UnusableAdapters, match=message):
            assemble(BUILT_IN, [plugged_in(monkeypatch, thing)])

    def test_one_that_cannot_be_loaded_refuses_the_start(self) -> None:
        with pytest.raises(UnusableAdapters, match=r"'gone' of .* can't be loaded"):
            assemble(BUILT_IN, [EntryPoint("gone", "phasegate_no_such_module:thing", GROUP)])

    def test_two_built_ins_of_one_name(self) -> None:
        with pytest.raises(UnusableAdapters, match="of phasegate itself and of phasegate itself"):
            assemble([Junit(), Junit()], ())


def test_plug_ins_are_loaded_only_when_asked_for() -> None:
    code = (
        "import importlib.metadata as m; m.entry_points = lambda **k: 1 / 0\n"
        "import phasegate.adapters.registry as r\n"
        "try: r.adapters()\n"
        "except ZeroDivisionError: print('lazy')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "lazy"


@pytest.mark.parametrize("stated", [None, "junit"])
@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (gzip.compress(b"<testsuite/>"), "is compressed"),
        (b"PK\x03\x04 a zip", "is compressed"),
        (b"\x28\xb5\x2f\xfd", "is compressed"),
        (b"words", "in no format known here"),
        (b'{"other": 1}', "in no format known here"),
        (b'{"numTotalTests": 1, "testRes', "no JSON that is read here: line 1, column 22: this is not JSON"),
        (b'{"a": 1, "a": 2}', "no JSON that is read here: a stands twice"),
        (b"[" + b'{"status": "passed"},' * 450_000 + b"1]", "too many values to be read at once"),
    ],
)
def test_a_file_that_is_like_none_is_told_why(raw: bytes, told: str, stated: str | None) -> None:
    with pytest.raises(Invalid, match=told):
        choose(raw, stated, "test-report")
