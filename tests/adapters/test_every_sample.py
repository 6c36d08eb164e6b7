"""What holds for every adapter and every output of a tool, however it was changed on the way."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.interface import Adapter, Example, Hints
from phasegate.adapters.registry import BUILT_IN, choose
from phasegate.shapes import catalogue
from tests.adapters import harm
from tests.adapters.better import assert_no_better
from tests.adapters.samples import CONTEXT, FILES, attempt, name, read

SHAPES = sorted({shape for adapter in BUILT_IN for shape in adapter.shapes})
LINES = ("csv", "md", "yaml", "yml", "txt", "tap", "prom")
"""Formats in which a beginning may be a whole file; the tests of each say what becomes of it."""
ANY_FIGURE = ("metrics-report", "drift-report", "explanation-report", "split-report", "model-card", "workload-spec")
"""Shapes in which -1 in the place of a number is another measurement, and no damage."""


def hints(shape: str) -> Hints:
    return Hints(release="2.1.0", subject="churn-scorer", shape=shape, context=CONTEXT)


READ = [
    (adapter, shape, path)
    for path in FILES
    for adapter in BUILT_IN
    if adapter.detects(path.read_bytes())
    for shape in adapter.shapes
    if attempt(adapter, path.read_bytes(), hints(shape))
]
WHOLE = {
    (adapter.name, shape, path): read(adapter, path.read_bytes(), hints(shape)).data for adapter, shape, path in READ
}
KEYED = [each for each in READ if each[2].suffix in (".json", ".sarif", ".http")]
JSON = [(adapter, shape, path) for adapter, shape, path in READ if path.read_bytes().lstrip()[:1] in (b"{", b"[")]


def named(read: list[tuple[Adapter, str, Path]]) -> list[Any]:
    return [pytest.param(*each, id=f"{each[1]}: {name(each[2])}") for each in read]


def test_every_adapter_reads_a_real_output() -> None:
    assert {(adapter.name, shape) for adapter, shape, _ in READ} == {
        (adapter.name, shape) for adapter in BUILT_IN for shape in adapter.shapes
    }


def test_formats_give_shapes_that_there_are() -> None:
    assert catalogue().keys() >= set(SHAPES)
    assert all(adapter.version and adapter.title for adapter in BUILT_IN)


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: str(adapter.name))
def test_the_example_of_each_page_is_a_real_output_that_it_reads(adapter: Any) -> None:
    example: Example = adapter.example
    raw = example.content()
    assert raw in {path.read_bytes() for path in FILES}
    assert adapter.detects(raw)
    shape = example.shape or adapter.shapes[0]
    assert adapter.read(raw, Hints(context=example.context, shape=shape)).shape == shape
    assert (adapter.command.isprintable(), adapter.fingerprint.isprintable()) == (True, True)
    assert adapter.command
    assert adapter.fingerprint


def test_no_example_is_without_its_adapter() -> None:
    shipped = {each.name for each in files("phasegate.adapters.examples").iterdir() if each.name[0] != "_"}
    assert shipped == {adapter.example.file for adapter in BUILT_IN}  # type: ignore[attr-defined]  # all have one


@pytest.mark.parametrize("path", FILES, ids=name)
def test_each_is_in_one_format_at_most_for_each_shape(path: Path) -> None:
    raw = path.read_bytes()
    found = 0
    for shape in SHAPES:
        matching = [adapter for adapter in BUILT_IN if shape in adapter.shapes and adapter.detects(raw)]
        assert len(matching) <= 1
        if matching:
            assert choose(raw, None, shape) is matching[0]
            found += 1
    assert found


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: str(adapter.name))
class TestAnything:
    def test_the_file_of_another_tool_is_refused(self, adapter: Adapter) -> None:
        for path in FILES:
            raw = path.read_bytes()
            if not adapter.detects(raw):
                for shape in adapter.shapes:
                    assert attempt(adapter, raw, hints(shape)) is None, path

    def test_nothing_is_refused(self, adapter: Adapter) -> None:
        for raw in (*harm.EMPTY, *harm.BOTTOMLESS):
            assert not adapter.detects(raw)
            for shape in adapter.shapes:
                assert attempt(adapter, raw, hints(shape)) is None

    def test_any_value_is_refused(self, adapter: Adapter) -> None:
        for value in harm.JUNK:
            assert attempt(adapter, json.dumps(value)) is None


@pytest.mark.parametrize(("adapter", "shape", "path"), named(READ))
class TestChanged:
    def test_cut_short_it_is_refused_or_no_better(self, adapter: Adapter, shape: str, path: Path) -> None:
        for raw in harm.cut(path.read_bytes()):
            if path.suffix[1:] in LINES:
                attempt(adapter, raw, hints(shape))
            else:
                assert attempt(adapter, raw, hints(shape)) is None, raw[-80:]

    def test_what_is_no_number_makes_nothing_better(self, adapter: Adapter, shape: str, path: Path) -> None:
        for raw in harm.no_numbers(path.read_bytes()):
            no_better(adapter, shape, path, raw)

    def test_other_bytes_never_break_it(self, adapter: Adapter, shape: str, path: Path) -> None:
        for raw in harm.other_bytes(path.read_bytes()):
            attempt(adapter, raw, hints(shape))


@pytest.mark.parametrize(("adapter", "shape", "path"), named(KEYED))
def test_a_key_that_stands_twice_is_refused(adapter: Adapter, shape: str, path: Path) -> None:
    for raw in harm.doubled(path.read_bytes()):
        assert attempt(adapter, raw, hints(shape)) is None


@pytest.mark.parametrize(("adapter", "shape", "path"), named(JSON))
class TestChangedJson:
    def test_another_root_is_refused(self, adapter: Adapter, shape: str, path: Path) -> None:
        for content in harm.other_roots(json.loads(path.read_bytes())):
            assert attempt(adapter, written_json(content), hints(shape)) is None

    def test_junk_in_one_place_never_breaks_it(self, adapter: Adapter, shape: str, path: Path) -> None:
        for content in harm.junk_somewhere(json.loads(path.read_bytes())):
            attempt(adapter, written_json(content), hints(shape))

    def test_a_wrong_value_makes_nothing_better(self, adapter: Adapter, shape: str, path: Path) -> None:
        for content in harm.wrong_values(json.loads(path.read_bytes())):
            no_better(adapter, shape, path, written_json(content))


def no_better(adapter: Adapter, shape: str, path: Path, changed: bytes) -> None:
    reading = attempt(adapter, changed, hints(shape))
    if reading is not None and shape not in ANY_FIGURE:
        assert_no_better(shape, reading.data, WHOLE[adapter.name, shape, path])


def written_json(content: Any) -> bytes:
    return json.dumps(content).encode()


def test_a_shape_is_given_only_on_demand() -> None:
    for adapter, _, path in READ:
        reading = attempt(adapter, path.read_bytes(), Hints(context=CONTEXT))
        assert reading is None or reading.shape == adapter.shapes[0]
