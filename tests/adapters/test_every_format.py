"""What holds for every format: hostile changes of real files, files of other tools, and who reads what."""

from pathlib import Path

import pytest

from phasegate.adapters.registry import adapters, choose
from phasegate.errors import Invalid
from tests.adapters.promises import OUTPUTS, attempt, doubled, each_changed, each_cut, files, read, swapped

JSON_FORMATS = (
    "aif360",
    "alibi-detect",
    "deepchecks",
    "evidently",
    "fairlearn",
    "mlflow-registry",
    "mlflow-run",
    "shap-summary",
    "sklearn-cv",
    "sklearn-report",
)
CONTEXT = {"metric": "roc_auc", "split": "test", "sensitive_features": "sex,race"}
READ = [
    (name, shape, path)
    for name in JSON_FORMATS
    for path in sorted((OUTPUTS / name).glob("*.json"))
    for shape in adapters()[name].shapes
    if attempt(adapters()[name], path.read_bytes(), shape=shape, context=CONTEXT)
]
NAMED = [f"{shape}: {path.parent.name}/{path.name}" for _, shape, path in READ]


def test_every_format_has_outputs() -> None:
    assert {name for name, _, _ in READ} == set(JSON_FORMATS)


@pytest.mark.parametrize(("name", "shape", "path"), READ, ids=NAMED)
class TestChanged:
    def test_junk_in_one_place_never_breaks_it(self, name: str, shape: str, path: Path) -> None:
        for reading in each_changed(adapters()[name], path.read_bytes(), 42, 200, shape=shape, context=CONTEXT):
            assert len(reading.warnings) <= 21

    def test_cut_short_it_is_refused(self, name: str, shape: str, path: Path) -> None:
        assert list(each_cut(adapters()[name], path.read_bytes(), 43, shape=shape, context=CONTEXT)) == []

    def test_a_key_that_stands_twice_is_refused(self, name: str, shape: str, path: Path) -> None:
        doubled(adapters()[name], path.read_bytes(), shape=shape, context=CONTEXT)

    def test_it_is_detected_and_by_no_other(self, name: str, shape: str, path: Path) -> None:
        assert choose(path.read_bytes(), None, shape).name == name


@pytest.mark.parametrize(
    ("name", "shape"), [(name, shape) for name in JSON_FORMATS for shape in adapters()[name].shapes]
)
def test_files_of_other_tools_are_refused(name: str, shape: str) -> None:
    swapped(adapters()[name], shape=shape, context=CONTEXT)


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in files()])
def test_no_output_is_read_in_two_ways(path: Path) -> None:
    raw = path.read_bytes()
    shapes = {shape for adapter in adapters().values() for shape in adapter.shapes if adapter.detects(raw)}
    for shape in shapes:
        found = choose(raw, None, shape)
        assert shape in found.shapes


def test_a_shape_is_given_only_on_demand() -> None:
    for name, adapter in adapters().items():
        for path in sorted((OUTPUTS / name).glob("*")):
            if adapter.detects(path.read_bytes()):
                try:
                    assert adapter.shapes[0] == read(adapter, path.read_bytes(), context=CONTEXT).shape
                except Invalid:
                    continue
