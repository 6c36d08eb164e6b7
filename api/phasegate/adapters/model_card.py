"""A model card in Markdown: of the Hugging Face hub with YAML front matter, or of skops without."""

import re
from collections.abc import Iterator
from typing import Any

from phasegate.adapters.bounds import MOST
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import figures, left_out
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.markdown_sections import Outline, has_placeholder, outline, stated_items
from phasegate.adapters.named_release import compare_release
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import label, list_in, object_in, refused
from phasegate.errors import TooLarge
from phasegate.yaml_events import build

SHAPE = "model-card"
_LARGEST = 524_288
"""Bytes. Cards with diagrams inside have some ten thousand."""
_MOST_LINES = 10_000
"""About a second of work."""
_MOST_CELLS = 50_000
"""Of tables, counted by what separates them: about as long."""
_FENCE = re.compile(r"---[ \t]*")
_KEY = re.compile(
    r"^(?:license|license_name|library_name|pipeline_tag|model-index|model_name|base_model|datasets|language|metrics|tags):",
    re.MULTILINE,
)
_KIND = re.compile(r"^kind:", re.MULTILINE)
_HEADING = re.compile(
    r"^#{1,3} +(?:model (?:card|details|description)|intended uses?\b|bias, risks|out-of-scope use|limitations)",
    re.MULTILINE | re.IGNORECASE,
)
_LIMITATIONS, _FAIRNESS = re.compile("limitation", re.IGNORECASE), re.compile("fairness", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")


class ModelCard:
    """The adapter `model-card`."""

    name = "model-card"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "model card in Markdown (Hugging Face, skops)"
    command = "ModelCard.from_template(…).save('README.md'), or a text editor"
    fingerprint = (
        "Markdown with the front matter of a model of the Hugging Face hub, "
        "or with a heading such as Model description or Intended uses"
    )
    example = Example("model-card.md")

    def detects(self, raw: bytes) -> bool:
        text = _text(raw)
        return text is not None and _looks(text)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `model-card`. A heading with nothing but a placeholder under it is no section."""
        text = _text(raw)
        if text is None:
            raise refused("", f"the card is not UTF-8 text of at most {_LARGEST:,} bytes; send the Markdown alone")
        if not _looks(text):
            raise refused("", "the file is no model card; send Markdown with the headings or the front matter of one")
        if text.count("\n") > _MOST_LINES:
            raise refused("", f"the card has more than {_MOST_LINES:,} lines; send the card without what it links to")
        if text.count("|") > _MOST_CELLS:
            raise refused("", f"the card has more than {_MOST_CELLS:,} cells of tables; link to such tables instead")
        warnings = Warnings()
        head, body = _split(text)
        front = _front_matter(head)
        card = outline(body)
        found = figures(_metrics(front, card), warnings, hints.context)
        for name in found["non_finite"]:
            warnings.add(left_out(name))
        headings = [section.heading for section in card.sections if section.heading and section.filled]
        if len(headings) > MOST:
            warnings.add(f"{len(headings) - MOST} of {len(headings)} sections left out")
        indexed = [object_in(model) for model in list_in(front.get("model-index"))]
        version = _stated(front, ("version", "model_version"), warnings)
        data: dict[str, Any] = {
            "name": label(indexed[0].get("name")) if len(indexed) == 1 else _stated(front, ("model_name",), warnings),
            "version": version,
            "license": _stated(front, ("license",), warnings),
            "sections": headings[:MOST],
            "placeholder_text": card.placeholders or has_placeholder(head),
            "metrics": found["metrics"],
            "datasets": _datasets(front, indexed),
            "limitations": stated_items(card.sections, _LIMITATIONS),
            "fairness_assessments": stated_items(card.sections, _FAIRNESS),
            "words": card.words,
        }
        if not headings:
            warnings.add("the card has no heading with text under it")
        compare_release(version or None, data, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _text(raw: bytes) -> str | None:
    if len(raw) > _LARGEST or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _looks(text: str) -> bool:
    begun = text.lstrip()
    if begun.startswith(("{", "[", "<?", "<!DOCTYPE")):
        return False
    if _FENCE.fullmatch(begun.partition("\n")[0]):
        head, _, body = begun.partition("\n")[2].partition("\n---")
        if _KIND.search(head):
            return False
        return _HEADING.search(body) is not None or (_KEY.search(head) is not None and "\n#" in body)
    return begun.startswith("#") and _HEADING.search(begun) is not None


def _split(text: str) -> tuple[str, str]:
    """Front matter and body. Raises `Invalid` where the front matter has no end."""
    first, _, rest = text.lstrip().partition("\n")
    if not _FENCE.fullmatch(first):
        return "", text
    lines = rest.split("\n")
    end = next((n for n, line in enumerate(lines) if _FENCE.fullmatch(line)), None)
    if end is None:
        raise refused("", "the front matter doesn't end with ---; send the card whole")
    return "\n".join(lines[:end]), "\n".join(lines[end + 1 :])


def _front_matter(head: str) -> dict[str, Any]:
    if not head.strip():
        return {}
    try:
        front = build(head)
    except TooLarge:
        raise refused("", "the front matter holds too many values; write those of the model alone") from None
    if front is None:
        return {}
    if not isinstance(front, dict):
        raise refused("", "the front matter is no mapping of keys to values; write it as `license: mit`")
    return front


def _stated(front: dict[str, Any], keys: tuple[str, ...], warnings: Warnings) -> str:
    value = next((front[key] for key in keys if front.get(key) is not None), "")
    if not isinstance(value, str):
        warnings.add(f"{keys[0]} in the front matter is no text and is left out; put it in quotes")
    return label(value)


def _metrics(front: dict[str, Any], card: Outline) -> Iterator[tuple[str, Any]]:
    """Of the model index, and of tables with the columns Metric and Value."""
    for model in list_in(front.get("model-index")):
        for result in list_in(object_in(model).get("results")):
            for metric in map(object_in, list_in(object_in(result).get("metrics"))):
                if isinstance(metric.get("type"), str):
                    yield metric["type"], metric.get("value")
    for header, *rows in card.tables:
        if [cell.lower() for cell in header] == ["metric", "value"]:
            for row in rows:
                if len(row) == len(header) and row[0]:
                    yield row[0], float(row[1]) if _NUMBER.fullmatch(row[1]) else row[1]


def _datasets(front: dict[str, Any], indexed: list[dict[str, Any]]) -> list[str]:
    """Of the front matter, then of the results in the model index; each once."""
    stated = front.get("datasets")
    named = [stated] if isinstance(stated, str) else list_in(stated)
    for model in indexed:
        named += [object_in(object_in(result).get("dataset")).get("name") for result in list_in(model.get("results"))]
    return [name for name in dict.fromkeys(map(label, named)) if name][:MOST]
