"""The JSON Schema of a shape accepts exactly the data that is read by the shape."""

import math
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from phasegate.engine.policy import Field, Shape
from phasegate.engine.shape import parse_type, read_data
from phasegate.errors import Invalid
from phasegate.shapes import catalogue
from phasegate.shapes.schema import shape_schema
from tests.engine.strategies import bounded

SCALARS = {
    "flag": Field(type="bool", optional=True, values=(True,)),
    "count": Field(type="int", min=-3, max=7),
    "whole": Field(type="int"),
    "share": Field(type="double", min=0, max=1, unit="ratio"),
    "figure": Field(type="double", optional=True),
    "word": Field(type="string", values=("ok", "bad", ""), optional=True),
    "at": Field(type="timestamp"),
    "took": Field(type="duration", optional=True),
    "either": Field(type="scalar", optional=True),
}
EVERYTHING = Shape(
    doc="one field of each kind",
    fields={
        **SCALARS,
        **{f"list_{name}": Field(type=f"list<{name}>", max_entries=3) for name in ("bool", "int", "duration")},
        **{f"map_{name}": Field(type=f"map<string, {name}>", max_entries=3) for name in ("double", "timestamp")},
        "words": Field(type="list<string>", values=("a", "b"), optional=True),
        "one": Field(type="object", fields=SCALARS, optional=True),
        "must": Field(type="object", fields={"deep": Field(type="object", fields=SCALARS)}),
        "many": Field(type="list<object>", fields=SCALARS, max_entries=2),
        "named": Field(type="map<string,object>", fields=SCALARS, max_entries=2),
    },
)
SHAPES = {**catalogue(), "everything": EVERYTHING}


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(shape_schema(name, SHAPES[name]))


def faults(shape: Shape, data: Any) -> set[str]:
    """What reading says against data."""
    try:
        read_data(shape, data)
    except Invalid as invalid:
        return {fault.message for fault in invalid.faults}
    return set()


INSTANTS = st.sampled_from(
    ["2026-03-01T12:00:00Z", "2026-12-28t23:59:59.123456789z", "0001-06-30T00:00:00+23:59", "2026-03-01T12:00:00-00:00"]
)
LENGTHS = st.sampled_from(["P1D", "PT0S", "P36500D", "P1DT2H3M4.5S", "PT1M0.000001S", "PT5H6S", "P0DT000000009M"])


def scalar(field: Field, item: str) -> st.SearchStrategy[Any]:
    """Values of one scalar, within its bounds."""
    if field.values is not None:
        return st.sampled_from(field.values)
    low, high = field.min, field.max
    if item == "int":
        least, most = (-(2**63) if low is None else math.ceil(low)), (2**63 - 1 if high is None else math.floor(high))
        whole = st.integers(max(least, -(2**53) + 1), min(most, 2**53 - 1)).map(float)
        return st.integers(least, most) | whole
    if item == "scalar":
        return st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e307, 1e307)
    if item == "double":
        top = math.nextafter(1e308, 0)
        figures = st.floats(-top if low is None else low, top if high is None else high)
        return figures | st.integers(0 if low is None else math.ceil(low), 1 if high is None else math.floor(high))
    return {"bool": st.booleans(), "string": st.text(max_size=3), "timestamp": INSTANTS, "duration": LENGTHS}[item]


def value(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field, null included where it stands for nothing."""
    kind = parse_type(field.type)
    assert kind is not None
    one = data_of(field.fields) if kind.item == "object" else scalar(field, kind.item)
    most = min(3, field.max_entries)
    if kind.holds == "list":
        return st.none() | st.lists(one, max_size=most)
    if kind.holds == "map":
        return st.none() | st.dictionaries(st.text(max_size=3), st.none() | one, max_size=most)
    return st.none() | one if field.optional else one


def data_of(fields: dict[str, Field]) -> st.SearchStrategy[Any]:
    """Data of a shape or an object; what may be absent sometimes is."""
    needed: dict[str, st.SearchStrategy[Any]] = {}
    others: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in fields.items():
        kind = parse_type(field.type)
        assert kind is not None
        (others if field.optional or kind.holds != "one" else needed)[name] = value(field)
    return st.fixed_dictionaries(needed, optional=others)


WRONG: list[Any] = [
    None, True, 0, 1, -1, 3.0, 0.5, 2**63, -(2**63) - 1, 1e300, 1e308, -1e308, 10**307, "", "x", "ok", "1", "P1D",
    "P1M", "P", "P1DT", "PT1S1M", "p1d", "-P1D", "PT1.1234567S", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00",
    "2026-13-01T12:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T12:00:60Z", "2026-03-01 12:00:00Z", "2026-03-01",
    "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00.Z", "٢026-03-01T12:00:00Z", [], {}, [None], {"a": None},
    [1, 2, 3, 4], {"a": 1, "b": 2, "c": 3, "d": None}, [{}], {"": {}}, ["ok"], {"a": "x"},
]  # fmt: skip


def holders(data: Any) -> Iterator[Any]:
    """Every object and list inside data, itself included."""
    if isinstance(data, (dict, list)):
        yield data
        for item in data.values() if isinstance(data, dict) else data:
            yield from holders(item)


@st.composite
def mutated(draw: st.DrawFn, shape: Shape) -> Any:
    """Data of a shape with one or two values replaced, added or taken out."""
    data = deepcopy(draw(data_of(shape.fields)))
    for _ in range(draw(st.integers(1, 2))):
        holder = draw(st.sampled_from(list(holders(data))))
        wrong = deepcopy(draw(st.sampled_from(WRONG)))
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if isinstance(holder, dict):
            key = draw(st.sampled_from([*keys, "surprise", ""]))
        elif keys:
            key = draw(st.sampled_from(keys))
        else:
            holder.append(wrong)
            continue
        if key in keys and draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = wrong
    return data


@pytest.mark.parametrize("name", SHAPES)
class TestEachShape:
    def test_its_schema_is_one(self, name: str) -> None:
        schema = shape_schema(name, SHAPES[name])
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"urn:phasegate:shape:{name}"
        assert schema["description"] == SHAPES[name].doc

    def test_data_of_the_shape_fits_before_and_after_reading(self, name: str) -> None:
        @given(data_of(SHAPES[name].fields))
        @bounded(40)
        def law(data: Any) -> None:
            kept = read_data(SHAPES[name], data)
            validator(name).validate(data)
            validator(name).validate(kept)

        law()

    def test_mutated_data_fits_exactly_if_it_is_read(self, name: str) -> None:
        @given(mutated(SHAPES[name]))
        @bounded(120)
        def law(data: Any) -> None:
            told = faults(SHAPES[name], data)
            assert validator(name).is_valid(data) == (not told) or told == {"must fit in 64 bits"}

        law()


def one(field: Field) -> tuple[Shape, Draft202012Validator]:
    shape = Shape(fields={"x": field})
    return shape, Draft202012Validator(shape_schema("one", shape))


@pytest.mark.parametrize("data", ["x", 3, None, True, [], [{}]])
def test_what_is_no_object_fits_no_shape(data: Any) -> None:
    for name, shape in SHAPES.items():
        assert faults(shape, data)
        assert not validator(name).is_valid(data)


@pytest.mark.parametrize("kind", ["list<int>", "map<string,int>"])
def test_as_many_entries_as_rules_see(kind: str) -> None:
    shape, schema = one(Field(type=kind))
    for count, fits in ((1000, True), (1001, False)):
        entries = [1] * count if kind.startswith("list") else dict.fromkeys(map(str, range(count)), 1)
        assert schema.is_valid({"x": entries}) == (not faults(shape, {"x": entries})) == fits


@pytest.mark.parametrize(
    ("kind", "value"),
    [("timestamp", "2026-02-30T12:00:00Z"), ("duration", "P36501D"), ("int", 2.0**53), ("scalar", 2**63)],
)
def test_what_no_schema_can_say_is_refused_on_reading_all_the_same(kind: str, value: Any) -> None:
    shape, schema = one(Field(type=kind))
    assert schema.is_valid({"x": value})
    assert faults(shape, {"x": value})


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1e300])
def test_an_integer_fits_in_64_bits(value: Any) -> None:
    shape, schema = one(Field(type="int"))
    assert faults(shape, {"x": value})
    assert not schema.is_valid({"x": value})


def test_a_unit_and_what_a_field_means_are_described() -> None:
    fields = {
        "a": Field(type="int", doc="how many", unit="rows"),
        "b": Field(type="int", unit="s"),
        "c": Field(type="int"),
    }
    described = [each.get("description") for each in shape_schema("x", Shape(fields=fields))["properties"].values()]
    assert described == ["how many (unit: rows)", "unit: s", None]
