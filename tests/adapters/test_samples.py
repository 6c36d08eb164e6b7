"""Every real output is read by one format for each shape, and by none where it isn't to be."""

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.registry import BUILT_IN, adapters, choose
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue
from tests.adapters.samples import OUTPUTS

FILES = sorted(
    path.relative_to(OUTPUTS).as_posix()
    for path in OUTPUTS.rglob("*")
    if path.is_file() and not path.name.endswith(".meta.yaml")
)
SHAPES = sorted({shape for adapter in BUILT_IN for shape in adapter.shapes})


@pytest.mark.parametrize("file", FILES)
def test_is_in_one_format_at_most_for_each_shape(file: str) -> None:
    raw = (OUTPUTS / file).read_bytes()
    found = 0
    for shape in SHAPES:
        matching = [name for name, adapter in adapters().items() if shape in adapter.shapes and adapter.detects(raw)]
        assert len(matching) <= 1
        if matching:
            assert choose(raw, None, shape).name == matching[0]
            found += 1
    assert found


@pytest.mark.parametrize("file", FILES)
def test_no_other_format_reads_it(file: str) -> None:
    raw = (OUTPUTS / file).read_bytes()
    for adapter in adapters().values():
        if not adapter.detects(raw):
            with pytest.raises((Malformed, Invalid)):
                adapter.read(raw, Hints())


def test_formats_give_shapes_that_there_are() -> None:
    assert catalogue().keys() >= set(SHAPES)
    assert all(adapter.version and adapter.title for adapter in BUILT_IN)
