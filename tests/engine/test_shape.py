"""Reading data by its shape."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from phasegate.engine.policy import Field, Shape
from phasegate.engine.shape import FieldType, parse_type, read_data, stamp
from phasegate.errors import Fault, Invalid

NAN, INFINITY = float("nan"), float("inf")


def read(kind: str, value: Any, **more: Any) -> Any:
    """`value` as the field `x` of this type, after reading."""
    return read_data(Shape(fields={"x": Field(type=kind, **more)}), {"x": value})["x"]


def faults(shape: Shape, data: Any) -> list[tuple[str, str, str | None]]:
    with pytest.raises(Invalid) as refused:
        read_data(shape, data)
    return [(fault.path, fault.message, fault.suggestion) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("int", FieldType("one", "int")),
        ("object", FieldType("one", "object")),
        ("list<string>", FieldType("list", "string")),
        ("list<object>", FieldType("list", "object")),
        ("map<string,double>", FieldType("map", "double")),
        ("map<string, object>", FieldType("map", "object")),
        ("integer", None),
        ("list<list<int>>", None),
        ("map<int,string>", None),
        ("list", None),
        ("int ", None),
        ("", None),
    ],
)
def test_a_type_is_parsed(text: str, kind: FieldType | None) -> None:
    assert parse_type(text) == kind


@pytest.mark.parametrize(
    ("kind", "value", "result"),
    [
        ("bool", True, True),
        ("bool", False, False),
        ("int", 0, 0),
        ("int", 2**63 - 1, 2**63 - 1),
        ("int", -(2**63), -(2**63)),
        ("int", 3.0, 3),
        ("double", 0.5, 0.5),
        ("double", 3, 3.0),
        ("double", -9.9e307, -9.9e307),
        ("string", "", ""),
        ("timestamp", "2026-03-01T13:00:00.50+01:00", "2026-03-01T12:00:00.5Z"),
        ("duration", "PT1H", "PT1H"),
        ("list<int>", [1, 2.0], [1, 2]),
        ("list<double>", [1, 2.5], [1.0, 2.5]),
        ("map<string,double>", {"a": 1, "b": None}, {"a": 1.0}),
        ("list<string>", [], []),
    ],
)
def test_a_value_that_fits_is_read(kind: str, value: Any, result: Any) -> None:
    got = read(kind, value)
    assert got == result
    assert type(got) is type(result)


def test_integers_become_doubles_inside_lists_and_maps_too() -> None:
    numbers = [*read("list<double>", [1]), *read("map<string,double>", {"a": 2}).values()]
    assert [type(number) for number in numbers] == [float, float]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bool", 1),
        ("bool", "true"),
        ("int", True),
        ("int", 1.5),
        ("int", "1"),
        ("int", 2**63),
        ("int", -(2**63) - 1),
        ("int", 1e300),
        ("int", NAN),
        ("int", INFINITY),
        ("double", False),
        ("double", "0.5"),
        ("double", NAN),
        ("double", INFINITY),
        ("double", -INFINITY),
        ("double", 1e308),
        ("double", -1.7976931348623157e308),
        ("double", 10**400),
        ("string", 1),
        ("string", ["a"]),
        ("timestamp", "2026-03-01T12:00:00"),
        ("timestamp", 1774267200),
        ("duration", "1h"),
        ("duration", "P1M"),
        ("list<int>", {"a": 1}),
        ("list<int>", "12"),
        ("list<int>", [1, True]),
        ("map<string,double>", [1.0]),
        ("map<string,double>", {"a": NAN}),
        ("object", []),
    ],
)
def test_a_value_that_does_not_fit_is_refused(kind: str, value: Any) -> None:
    fields = {"y": Field(type="int", optional=True)} if kind == "object" else {}
    with pytest.raises(Invalid):
        read(kind, value, fields=fields)


def test_a_length_of_time_beyond_what_a_rule_can_compute_is_refused() -> None:
    """CEL's lengths of time end at 10,000 years; one beyond would put every rule on the type in error."""
    with pytest.raises(Invalid):
        read("duration", "P999999999D")


def test_nulls_are_dropped_and_absent_means_unknown() -> None:
    shape = Shape(fields={"a": Field(type="int", optional=True), "b": Field(type="int")})
    assert read_data(shape, {"a": None, "b": 1}) == {"b": 1}
    assert faults(shape, {"a": 1, "b": None}) == [("data.b", "is required (int)", None)]


def test_a_list_or_map_left_out_is_empty() -> None:
    shape = Shape(fields={"names": Field(type="list<string>"), "metrics": Field(type="map<string,double>")})
    assert read_data(shape, {}) == {"names": [], "metrics": {}}


def test_an_unknown_field_is_named_with_the_nearest_known_one() -> None:
    shape = Shape(fields={"failed": Field(type="int"), "total": Field(type="int")})
    assert faults(shape, {"fialed": 1, "failed": 0, "total": 1}) == [
        ("data.fialed", "is not a field of the shape", "did you mean 'failed'?")
    ]


def test_every_fault_is_reported_with_its_place() -> None:
    case = {"status": Field(type="string", values=("ok", "bad"))}
    shape = Shape(fields={"cases": Field(type="list<object>", fields=case), "n": Field(type="int", min=0, max=9)})
    data = {"cases": [{"status": "ok"}, {"status": "bda"}, {}, 5], "n": 10}
    assert faults(shape, data) == [
        ("data.cases[1].status", "must be one of: ok, bad", "did you mean 'bad'?"),
        ("data.cases[2].status", "is required (string)", None),
        ("data.cases[3]", "must be an object, not a whole number", None),
        ("data.n", "must be at most 9", None),
    ]
    assert faults(shape, {"n": -1}) == [("data.n", "must be at least 0", None)]
    assert faults(shape, ["x"]) == [("data", "must be an object, not a list", None)]


def test_bounds_are_inclusive_and_hold_for_entries_too() -> None:
    assert read("list<double>", [0, 1], min=0, max=1) == [0.0, 1.0]
    with pytest.raises(Invalid):
        read("map<string,double>", {"a": math.nextafter(1, 2)}, min=0, max=1)


def test_nested_objects_are_read_all_the_way_down() -> None:
    inner = Field(type="map<string,object>", fields={"at": Field(type="timestamp", optional=True)})
    shape = Shape(fields={"outer": Field(type="object", fields={"by": inner})})
    data = {"outer": {"by": {"x": {"at": "2026-03-01T12:00:00.0Z"}, "y": {"at": None}, "z": None}}}
    assert read_data(shape, data) == {"outer": {"by": {"x": {"at": "2026-03-01T12:00:00Z"}, "y": {}}}}


@pytest.mark.parametrize(
    ("kind", "entries"), [("list<int>", [1] * 1001), ("map<string,int>", dict.fromkeys(map(str, range(1001)), 1))]
)
def test_more_entries_than_rules_may_see_are_refused(kind: str, entries: Any) -> None:
    with pytest.raises(Invalid, match="1001 entries; at most 1000"):
        read(kind, entries)


def test_a_field_may_bound_its_entries_further() -> None:
    assert read("list<int>", [1, 2], max_entries=2) == [1, 2]
    with pytest.raises(Invalid, match="at most 2"):
        read("list<int>", [1, 2, 3], max_entries=2)


def test_the_detail_names_the_first_fault() -> None:
    with pytest.raises(Invalid) as refused:
        read("int", "1")
    assert refused.value.faults == (Fault("data.x", "must be a whole number, not text"),)
    assert str(refused.value) == "the data does not fit its shape: data.x must be a whole number, not text"


@pytest.mark.parametrize(
    "instant",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 24, 12, 0, 0, 1, tzinfo=timezone(timedelta(hours=-5))),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_an_instant_is_stamped_as_protobuf_itself_would(instant: datetime) -> None:
    expected = Timestamp()
    expected.FromDatetime(instant)
    assert stamp(instant) == expected
