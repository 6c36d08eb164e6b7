"""What a mapping reads in a document, and what it refuses to read."""

import math
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phasegate.engine.mapping.document import document
from phasegate.errors import Invalid, TooLarge
from tests.engine.mapping.making import SHAPE, compiled, reading, refusal, written


def data(doc: Any, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The data, less what is empty."""
    found = reading(doc, fields, **more).data
    return {key: value for key, value in found.items() if value not in ([], {}) and (key, value) != ("count", 1)}


class TestFields:
    def test_each_type_comes_out_as_its_shape_has_it(self) -> None:
        doc = {"n": "7", "x": 3, "at": "2026-01-02T03:04:05.25+01:00", "s": 90, "w": ["a", "b"]}
        fields = {
            "count": "int(doc.n)",
            "rate": "double(doc.x)",
            "name": "string(doc.n) + '!'",
            "at": "timestamp(doc.at)",
            "took": "duration(string(doc.s) + 's')",
            "sound": "doc.x == 3",
            "words": {"over": "doc.w", "value": "string(row)"},
            "labels": {"a": "'b'"},
            "last": {"by": "'me'"},
        }
        assert data(doc, fields) == {
            "count": 7,
            "rate": 3.0,
            "name": "7!",
            "at": "2026-01-02T02:04:05.25Z",
            "took": "PT90S",
            "sound": True,
            "words": ["a", "b"],
            "labels": {"a": "b"},
            "last": {"by": "me"},
        }

    def test_a_map_is_gone_through_in_the_order_of_its_keys(self) -> None:
        names = [f"k{n:02}" for n in range(12)]
        fields = {"words": "doc.map(k, string(k))"}
        found = data(dict.fromkeys(reversed(names), 1), fields)
        assert found == {"words": names}

    def test_literals(self) -> None:
        assert data({}, {"count": 2, "rate": 1, "sound": False}) == {"count": 2, "rate": 1.0, "sound": False}

    def test_a_condition_leaves_an_optional_field_out(self) -> None:
        fields = {
            "rate": {"where": "has(doc.x)", "value": "double(doc.x)"},
            "metrics": {"m": {"where": "false", "value": 1}},
        }
        assert data({}, fields) == {}
        assert data({"x": 2}, fields) == {"rate": 2.0}
        assert data({"x": None}, fields) == {}, "a null is absent"

    def test_a_condition_on_a_required_field(self) -> None:
        fields = {"count": {"where": "has(doc.x)", "value": "int(doc.x)"}}
        assert refusal({}, fields) == ("fields.count", "is required, and not so in `has(doc.x)`")

    def test_an_expression_without_a_value(self) -> None:
        assert refusal({"x": {}}, {"rate": "double(doc.x.y)"}) == (
            "fields.rate",
            "y is absent in `double(doc.x.y)`",
        )

    def test_the_shape_has_the_last_word(self) -> None:
        assert refusal({}, {"rate": "11.0"}) == ("fields.rate", "must be at most 10.0")

    def test_the_tools_own_time(self) -> None:
        at = reading({"at": "2026-01-02T03:04:05Z"}, {}, collected_at="timestamp(doc.at)").collected_at
        assert at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        guarded = {"where": "has(doc.at)", "value": "timestamp(doc.at)"}
        assert reading({}, {}, collected_at=guarded).collected_at is None
        assert refusal({"at": "yesterday"}, {}, collected_at="timestamp(doc.at)")[0] == "collected_at"
        newest = {"over": "doc", "value": "timestamp(row)", "take": "max"}
        times = ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z", "2026-01-02T03:04:04Z"]
        found = reading(times, {}, let={"newest": newest}, collected_at="newest").collected_at
        assert found == datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)


class TestNames:
    def test_in_order_each_with_those_before_it(self) -> None:
        let = {"a": "int(doc.a)", "b": "a + 1", "ds": {"over": "doc.ds", "value": "timestamp(row)"}}
        doc = {"a": 1, "ds": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]}
        fields = {"count": "b", "took": "ds[1] - ds[0]", "at": {"over": "ds", "take": "min"}}
        assert data(doc, fields, let=let) == {"count": 2, "took": "PT86400S", "at": "2026-01-01T00:00:00Z"}

    def test_a_name_that_is_no_number(self) -> None:
        assert refusal({"x": 0}, {}, let={"r": "1.0 / double(doc.x)"}) == (
            "let.r",
            "is no finite number in `1.0 / double(doc.x)`",
        )


class TestFolds:
    @pytest.mark.parametrize(
        ("take", "value"),
        [
            ("sum", 15.0),
            ("min", 1.0),
            ("max", 5.0),
            ("mean", 3.0),
            ("p50", 3.0),
            ("p80", 4.0),
            ("p81", 5.0),
            ("p99", 5.0),
        ],
    )
    def test_what_is_taken(self, take: str, value: float) -> None:
        fold = {"over": "doc", "value": "double(row)", "take": take}
        assert data([5, 1, 4, 2, 3], {"metrics": {"m": fold}})["metrics"] == {"m": value}

    def test_nearest_rank_is_a_value_that_is_there(self) -> None:
        for n in range(1, 40):
            values = [float(each) for each in range(1, n + 1)]
            for rank in (50, 75, 95, 99):
                fold = {"over": "doc", "value": "double(row)", "take": f"p{rank}"}
                (found,) = data(values, {"metrics": {"m": fold}})["metrics"].values()
                assert found == min(each for each in values if each >= rank * n / 100)

    def test_count_and_where(self) -> None:
        assert data([1, 2, 3], {"count": {"over": "doc", "take": "count"}}) == {"count": 3}
        assert data([1, 2, 3], {"count": {"over": "doc", "where": "row > 1", "take": "count"}}) == {"count": 2}
        assert data([], {"count": {"over": "doc", "take": "count"}}) == {"count": 0}

    def test_a_map(self) -> None:
        fold = {"over": "doc", "take": "map", "key": "string(row.k)", "value": "double(row.v)"}
        assert data([{"k": "a", "v": 1}, {"k": "b", "v": 2}], {"metrics": fold})["metrics"] == {"a": 1.0, "b": 2.0}
        assert refusal([{"k": "a", "v": 1}] * 2, {"metrics": fold}) == (
            "fields.metrics",
            "in row 2: the key 'a' stands twice",
        )

    def test_objects_and_folds_inside_them(self) -> None:
        tags = {"over": "row.tags", "where": "row != 'x'", "value": "string(row)"}
        score = {"where": "has(row.score)", "value": "double(row.score)"}
        fold = {"over": "doc", "value": {"id": "string(row.id)", "score": score, "tags": tags}}
        doc = [{"id": "a", "tags": ["x", "y"]}, {"id": "b", "score": 1, "tags": []}]
        assert data(doc, {"items": fold})["items"] == [
            {"id": "a", "tags": ["y"]},
            {"id": "b", "score": 1.0, "tags": []},
        ]
        assert refusal([*doc, {"id": "c"}], {"items": fold}) == (
            "fields.items.value.tags.over",
            "in row 3: tags is absent in `row.tags`",
        )

    def test_a_figure_of_nothing_is_left_out_or_refused_and_never_zero(self) -> None:
        for take in ("min", "max", "mean", "p95"):
            fold = {"over": "doc", "value": "double(row)", "take": take}
            found = reading([], {"rate": fold, "metrics": {"m": fold}})
            assert "rate" not in found.data
            assert found.data["metrics"] == {}
            assert len(found.warnings) == 2
            assert refusal([], {}, let={"m": fold}) == ("let.m", f"there is no row to take {take} of")

    def test_the_row_that_fails_is_named(self) -> None:
        fold = {"over": "doc", "value": "double(row.x)", "take": "max"}
        assert refusal([{"x": 1}, {"x": "1s"}], {"rate": fold}) == (
            "fields.rate.value",
            "in row 2: cannot convert string to double in `double(row.x)`",
        )

    def test_over_what_is_no_list(self) -> None:
        fold = {"over": "doc.xs", "value": "string(row)"}
        assert refusal({"xs": {}}, {"words": fold}) == ("fields.words.over", "there is no list in `doc.xs`")
        assert refusal({}, {"words": fold}) == ("fields.words.over", "xs is absent in `doc.xs`")

    def test_a_sum_beyond_64_bits(self) -> None:
        fold = {"over": "doc", "value": "int(row)", "take": "sum"}
        assert refusal([2**62] * 2, {"count": fold}) == ("fields.count", "the sum does not fit in 64 bits")

    def test_more_rows_than_a_fold_walks(self) -> None:
        fold = {"over": "doc", "take": "count"}
        assert data([0] * 100_000, {"count": fold}) == {"count": 100_000}
        assert refusal([0] * 100_001, {"count": fold})[1].startswith("there are 100,001 rows; a fold walks at most")


NOT_NUMBERS = [math.nan, math.inf, -math.inf, 1e308, "NaN", "Infinity"]


class TestNoNumbers:
    @pytest.mark.parametrize("value", NOT_NUMBERS)
    def test_in_a_map_it_is_left_out_and_named(self, value: Any) -> None:
        found = reading({"x": value, "y": 1}, {"metrics": {"x": "double(doc.x)", "y": "double(doc.y)"}})
        assert found.data["metrics"] == {"y": 1.0}
        assert found.data["non_finite"] == ["x"]
        assert found.warnings == ("'x' is no finite number, so it is left out",)
        rows = {"over": "doc", "take": "map", "key": "string(row.k)", "value": "double(row.v)"}
        assert reading([{"k": "a", "v": value}], {"metrics": rows}).data["non_finite"] == ["a"]

    @pytest.mark.parametrize("value", NOT_NUMBERS)
    def test_anywhere_else_it_is_refused(self, value: Any) -> None:
        assert refusal({"x": value}, {"rate": "double(doc.x)"}) == (
            "fields.rate",
            "is no finite number in `double(doc.x)`",
        )
        without = {"fields": {key: field for key, field in SHAPE["fields"].items() if key != "non_finite"}}
        told = refusal({"x": value}, {"metrics": {"x": "double(doc.x)"}}, shape=without)
        assert told == ("fields.metrics.x", "is no finite number")

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize(
        "condition",
        [
            "doc.x > 5.0",
            "!(doc.x > 5.0)",
            "double(doc.x) > 5.0",
            "!(double(doc.x) >= 5.0)",
            "1.0 / double(doc.x) < 1.0",
            "int(double(doc.x)) == 0",
        ],
    )
    def test_no_condition_is_true_or_false_by_accident(self, value: float, condition: str) -> None:
        path, _ = refusal({"x": value}, {"sound": condition})
        assert path == "fields.sound"
        assert refusal({"x": value}, {"count": f"{condition} ? 1 : 0"})[0] == "fields.count"

    @pytest.mark.parametrize("take", ["min", "max", "mean", "sum", "p50", "p99"])
    def test_among_rows_it_spoils_the_figure(self, take: str) -> None:
        fold = {"over": "doc", "value": "double(row)", "take": take}
        for rows in ([1, math.nan, 2], [math.nan, 1, 2], [1, 2, math.nan], [math.inf, 1]):
            assert refusal(rows, {"rate": fold})[1].startswith("is no finite number")


ROWS = {"over": "doc", "value": {"id": "string(row)", "tags": {"over": "['t']", "value": "row"}}}


class TestTooLong:
    def test_a_list_is_cut_and_says_so(self) -> None:
        found = reading([str(n) for n in range(1_003)], {"items": ROWS})
        assert len(found.data["items"]) == 1_000
        assert found.data["unlisted"] == 3
        assert found.warnings == ("items: 3 of 1,003 entries left out",)

    def test_what_the_mapping_counts_itself_is_added(self) -> None:
        assert reading(["a"] * 1_003, {"items": ROWS, "unlisted": 4}).data["unlisted"] == 7

    def test_without_a_place_to_say_so_it_is_refused(self) -> None:
        without = {"fields": {key: field for key, field in SHAPE["fields"].items() if key != "unlisted"}}
        path, told = refusal(["a"] * 1_001, {"items": ROWS}, shape=without)
        assert (path, told) == ("fields.items", "has 1,001 entries, and its shape takes 1,000; choose with `where`")


class TestDetection:
    @pytest.mark.parametrize(
        ("detect", "doc", "matched"),
        [
            ("has(doc.a)", {"a": 1}, True),
            ("has(doc.a)", {}, False),
            ("has(doc.a)", {"a": None}, False),
            ("has(doc.a.b.c)", {}, False),
            ("doc[0].a == 1", [], False),
            ("doc.a > 1", {"a": "text"}, False),
            ("doc.a.matches('x')", {"a": 1}, False),
        ],
    )
    def test_false_and_not_computable_are_no(self, detect: str, doc: Any, matched: bool) -> None:
        mapping, flaws = compiled(written({}, detect=detect))
        assert mapping is not None, flaws
        assert mapping.matches(document(doc)) is matched
        assert (mapping.why_not(document(doc)) == "") is matched


HOSTILE: dict[str, tuple[Any, dict[str, Any]]] = {
    "a quadratic loop": ([{"a": n} for n in range(9_900)], {"let": {"l": "doc.filter(x, x.a >= 0)"}}),
    "loops in loops": ([*range(3_000)], {"let": {"l": "doc.map(x, doc.map(y, x))"}}),
    "a loop over texts": (["a" * 50_000] * 180, {"let": {"l": "doc.all(x, doc.all(y, x.matches('(a|aa)+$')))"}}),
    "a loop that joins texts": (["a" * 20_000] * 200, {"let": {"l": "doc.map(x, doc.map(y, x + y))"}}),
    "patterns on a long text": ("a" * 9_000_000, {"let": {"l": " || ".join(["doc.matches('(a|b|ab)*c')"] * 120)}}),
    "a text that doubles": (
        "a" * 1_000_000,
        {
            "let": {
                f"x{n}": f"{f'x{n - 1}' if n else 'string(doc)'} + {f'x{n - 1}' if n else 'string(doc)'}"
                for n in range(40)
            }
        },
    ),
    "a list that doubles": (
        [0] * 100_000,
        {"let": {f"x{n}": f"{f'x{n - 1}' if n else 'doc'} + {f'x{n - 1}' if n else 'doc'}" for n in range(40)}},
    ),
    "the document for each row": (
        [{"a": n} for n in range(50_000)],
        {"let": {"l": {"over": "doc", "value": "row.a == doc[0].a"}}},
    ),
    "a loop in each row": (
        [[*range(1_000)] for _ in range(900)],
        {"let": {"l": {"over": "doc", "value": "row.filter(x, x > 0)"}}},
    ),
    "folds in folds": (
        [*range(2_000)],
        {"fields": {"items": {"over": "doc", "value": {"id": "''", "tags": {"over": "doc", "value": "string(row)"}}}}},
    ),
    "many folds": (
        [*range(90_000)],
        {"let": {f"l{n}": {"over": "doc", "value": "double(row) * 2.0"} for n in range(50)}},
    ),
}


@pytest.mark.parametrize(("doc", "more"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_expressions_are_refused_before_they_take_long(doc: Any, more: dict[str, Any]) -> None:
    fields = {"count": 1, **more.pop("fields", {})} if "fields" in more else {"count": 1}
    mapping, flaws = compiled({**written({}, **more), "fields": fields})
    assert mapping is not None, flaws
    content = document(doc)
    began = time.process_time()
    with pytest.raises(Invalid, match=r"takes longer on so large a document|makes more values"):
        mapping.read(content)
    # Twice what it takes on a quiet machine.
    assert time.process_time() - began < 4.0


def test_a_hostile_detection_is_no_match() -> None:
    for detect in ("doc.filter(x, x.a >= 0).size() > 0", "doc.map(x, doc.map(y, x)) == []"):
        mapping, flaws = compiled(written({}, detect=detect))
        assert mapping is not None, flaws
        began = time.process_time()
        assert mapping.why_not(document([{"a": n} for n in range(9_000)])).startswith("this takes longer")
        assert time.process_time() - began < 0.2


def test_a_document_of_too_many_values() -> None:
    with pytest.raises(TooLarge, match="at most 1,000,000 values"):
        document([0] * 1_000_001)
    with pytest.raises(TooLarge):
        document([[0] * 1_000] * 1_000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "xs", "at", "k", "v"]), inner, max_size=4)
    ),
    max_leaves=20,
)
BUSY, _ = compiled(
    written(
        {
            "count": "int(doc.a) + 1",
            "rate": {"where": "has(doc.b)", "value": "double(doc.b) / 2.0"},
            "at": {"where": "has(doc.at)", "value": "timestamp(doc.at)"},
            "metrics": {"over": "doc.xs", "take": "map", "key": "string(row.k)", "value": "double(row.v)"},
            "words": {"over": "doc.xs", "where": "has(row.a)", "value": "string(row.a)"},
        },
        detect="has(doc.a) && size(doc.xs) >= 0",
        let={"mean": {"over": "doc.xs", "value": "double(row.v)", "take": "mean"}},
    )
)


@settings(max_examples=300, deadline=None)
@given(
    JSON | st.fixed_dictionaries({"a": JSON, "b": JSON, "xs": st.lists(st.fixed_dictionaries({"k": JSON, "v": JSON}))})
)
def test_any_document_is_read_or_refused(doc: Any) -> None:
    assert BUSY is not None
    content = document(doc)
    BUSY.matches(content)
    try:
        found = BUSY.read(content)
    except Invalid as refused:
        places = [fault.path for fault in refused.faults]
    else:
        places = []
        assert all(math.isfinite(value) for value in found.data["metrics"].values())
    assert all(place.startswith("mappings.mine.") for place in places)
