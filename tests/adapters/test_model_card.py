"""Model cards in Markdown."""

import time
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.model_card import ModelCard
from phasegate.errors import Invalid
from tests.adapters.samples import attempt, expected, names, read, sample

FOLDER = "model-card"
FULL = sample(f"{FOLDER}/hf_full")


def card(body: str, front: str = "license: mit") -> bytes:
    return f"---\n{front}\n---\n# Model card\n\n{body}\n".encode()


@pytest.mark.parametrize("name", names(FOLDER))
def test_gives_exactly_the_facts(name: str) -> None:
    want = expected(f"{FOLDER}/{name}")
    reading = read(ModelCard(), sample(f"{FOLDER}/{name}"))
    data = reading.data
    assert data["license"] == want.get("license", "")
    assert data["metrics"] == {key: want[key] for key in ("roc_auc", "accuracy") if key in want}
    assert len(data["metrics"]) == want.get("metrics", 2)
    assert data["sections"] == want.get("sections", data["sections"])
    assert data["placeholder_text"] == want.get("placeholder_text", True)
    assert reading.collected_at is None


def test_a_heading_over_a_placeholder_is_no_section() -> None:
    reading = read(ModelCard(), sample(f"{FOLDER}/hf_bare"))
    assert reading.data["sections"] == []
    assert (reading.data["limitations"], reading.data["name"]) == (0, "")
    assert reading.warnings == ("the card has no heading with text under it",)


def test_the_full_card() -> None:
    data = read(ModelCard(), FULL).data
    assert (data["name"], data["version"]) == ("churn-scorer", "")
    assert data["datasets"] == ["churn-train-2026-10", "Churn hold-out"]
    assert (data["limitations"], data["fairness_assessments"]) == (1, 0)
    assert 50 < data["words"] < 60


def test_the_card_of_skops() -> None:
    data = read(ModelCard(), sample(f"{FOLDER}/skops_card")).data
    assert data["sections"] == [
        "Intended uses & limitations",
        "Hyperparameters",
        "Evaluation Results",
        "Model Card Authors",
        "Model Card Contact",
        "Citation",
    ]
    assert data["words"] < 150  # the diagram of 40 KB is not text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("TODO", True),
        ("written, but the rest is TBD", True),
        ("FIXME: numbers", True),
        ("Lorem ipsum dolor", True),
        ("**[More information needed]**", True),
        ("[ More Information Needed ]", True),
        ("owned by <your team>", True),
        ("<INSERT NAME>", True),
        ("see <...>", True),
        ("- item\n  - <name of the owner>", True),
        ("| a |\n|---|\n| TODO |", True),
        ("<p>TODO</p>", True),
        ("## TODO", True),
        ("`TODO` is a mark", False),
        ("```\nTODO\n```", False),
        ("    TODO", False),
        ("<!-- TODO -->", False),
        ("said <!-- TODO --> nothing", False),
        ("todos os clientes", False),
        ("a <b>bold</b> claim, <https://example.com>, p < 0.05 and q > 1", False),
        ("METODOLOGIA", False),
    ],
)
def test_placeholders(text: str, told: bool) -> None:
    assert read(ModelCard(), card(f"before\n\n{text}")).data["placeholder_text"] == told


def test_a_placeholder_in_the_front_matter() -> None:
    reading = read(ModelCard(), card("text", 'license: "[More Information Needed]"'))
    assert reading.data["placeholder_text"]


@pytest.mark.parametrize(
    ("under", "counts"),
    [
        ("text", True),
        ("- item", True),
        ("| a |\n|---|\n| b |", True),
        ("```\ncode\n```", True),
        ("> quoted", True),
        ("", False),
        ("[More Information Needed]", False),
        ("TODO.", False),
        ("- TODO\n- TBD", False),
        ("<!-- what it is for -->", False),
        ("<div>drawing</div>", False),
        ("```\n```", False),
        ("---", False),
        ("### Deeper\n\ntext", False),
    ],
)
def test_a_section_has_text_under_its_heading(under: str, counts: bool) -> None:
    sections = read(ModelCard(), card(f"## Intended use\n\n{under}")).data["sections"]
    assert ("Intended use" in sections) == counts


def test_limitations_are_list_items_or_paragraphs() -> None:
    body = "## Limitations\n\nSeveral:\n\n- one\n- two\n\n  more of two\n- TODO\n\n## Known limitations\n\nA.\n\nB.\n"
    assert read(ModelCard(), card(body)).data["limitations"] == 4
    assert read(ModelCard(), card("## Fairness\n\n- by sex\n- by age")).data["fairness_assessments"] == 2


@pytest.mark.parametrize(
    ("value", "metrics", "told"),
    [
        ("0.9", {"auc": 0.9}, False),
        ("'0.9'", {}, True),
        (".nan", {}, True),
        ("1e308", {}, True),
        ("null", {}, False),
        ("[0.9]", {}, True),
        ("true", {}, True),
    ],
)
def test_metrics_of_the_model_index(value: str, metrics: dict[str, float], told: bool) -> None:
    front = f"model-index:\n- name: m\n  results:\n  - metrics:\n    - type: auc\n      value: {value}"
    reading = read(ModelCard(), card("text", front))
    assert reading.data["metrics"] == metrics
    assert bool(reading.warnings) == told


def test_two_values_of_one_metric_give_none() -> None:
    front = "model-index:\n- results:\n  - metrics:\n    - {type: auc, value: 0.9}\n    - {type: auc, value: 0.8}"
    assert read(ModelCard(), card("text", front)).data["metrics"] == {}
    table = "| Metric | Value |\n|---|---|\n| AUC | 0.9 |\n| F1 | high |\n| MAE | 12% |"
    reading = read(ModelCard(), card(table))
    assert reading.data["metrics"] == {"auc": 0.9}
    assert len(reading.warnings) == 2


def test_another_release_is_told() -> None:
    assert "names release '2.0.0'" in read(ModelCard(), card("text", "version: 2.0.0"), release="2.1.0").warnings[0]
    assert "in quotes" in read(ModelCard(), card("text", "license: mit\nversion: 2.1")).warnings[0]


@pytest.mark.parametrize(
    "front",
    [
        "license: mit\nlicense: x",
        "a: &a 1",
        "license: *a",
        "a: !x 1",
        "- license",
        "license: {",
        "license: mit\na: [" * 40,
    ],
)
def test_front_matter_that_two_readers_could_read_differently_is_refused(front: str) -> None:
    assert attempt(ModelCard(), card("text", front)) is None


def test_too_much_front_matter_is_refused() -> None:
    with pytest.raises(Invalid, match="too many values"):
        ModelCard().read(card("text", "license: mit\na: [" + "1," * 60_000 + "]"), Hints())


@pytest.mark.parametrize("end", range(0, len(FULL), 13))
def test_cut_short_it_is_never_better(end: int) -> None:
    whole = read(ModelCard(), FULL).data
    reading = attempt(ModelCard(), FULL[:end])
    if reading is not None:
        data: Any = reading.data
        assert set(data["sections"]) <= set(whole["sections"]) | {data["sections"][-1]} if data["sections"] else True
        assert len(data["sections"]) <= len(whole["sections"])
        assert data["words"] <= whole["words"]
        assert data["metrics"].items() <= whole["metrics"].items()


@pytest.mark.parametrize(
    "raw",
    [b"---\nkind: rollback-runbook\nlicense: x\n---\n# Rollback\n",
     b"# 1..3\nok 1\n", b"# read me\n\ntext\n", b"license: mit\n",
     b"---\napiVersion: v1\nkind: List\n---\n# Limitations\n", FULL + b"\0", FULL.decode().encode("utf-16")],
)  # fmt: skip
def test_what_is_no_card(raw: bytes) -> None:
    assert not ModelCard().detects(raw)
    assert attempt(ModelCard(), raw) is None


def test_line_ends_and_a_byte_order_mark_are_no_matter() -> None:
    assert read(ModelCard(), b"\xef\xbb\xbf" + FULL.replace(b"\n", b"\r\n")).data == read(ModelCard(), FULL).data


@pytest.mark.parametrize(
    "unit",
    ["[", "*a ", "`", "> ", "- ", "<", "<a ", "<!--", "\\", "| a ", "| a |\n|---|\n", "# Limitations\n\n- a\n", "```\n",
     "&", "1. ", "a\n---\n", "TODO ", "<your ", "<style>", "\t- a\n"],
)  # fmt: skip
def test_hostile_text_is_read_in_time(unit: str) -> None:
    begun = time.process_time()
    attempt(ModelCard(), card(unit * min(500_000 // len(unit), 9_900 // max(1, unit.count("\n")))))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("unit", ["a", "<style", "<style>", "`", "<!--", "[", "> ", "TODO ", "<your "])
def test_one_long_line_is_read_in_time(unit: str) -> None:
    begun = time.process_time()
    attempt(ModelCard(), card(unit * (500_000 // len(unit))))
    assert time.process_time() - begun < 2


def test_more_lines_than_are_read_are_refused() -> None:
    assert attempt(ModelCard(), card("a\n" * 10_001)) is None


def test_a_style_that_does_not_end_hides_nothing() -> None:
    data = read(ModelCard(), card("## Intended use\n\ntext <style> `</script>`\n\n## Other\n\nTODO")).data
    assert data["placeholder_text"]
    assert "Intended use" in data["sections"]


def test_the_exit_code_is_told() -> None:
    assert "exit code 2" in read(ModelCard(), card("## Limitations\n\ntext"), exit_code=2).warnings[0]
