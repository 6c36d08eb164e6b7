"""The model card beside the evidence: what the team states, and what was measured."""

from typing import Any, NamedTuple

from phasegate.engine.message import shown
from phasegate.rendering.basis import Basis

_SHAPE = "model-card"
_FIGURES = "metrics"
"""The field in which shapes keep figures by name."""
_TOPICS = (
    ("Intended use", ("intended use", "purpose", "direct use")),
    ("Out-of-scope use", ("out-of-scope", "out of scope", "misuse")),
    ("Limits", ("limit", "failure", "risk")),
)
"""What a reader of a card looks for, and words by which its headings are recognised."""


class Measured(NamedTuple):
    """A figure of the same name in a piece of evidence."""

    type: str
    value: str
    differs: bool


class Metric(NamedTuple):
    name: str
    stated: str
    measured: tuple[Measured, ...]


class Card(NamedTuple):
    """What a release's model card says, as far as its normalised form holds it."""

    type: str
    facts: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, tuple[str, ...]], ...]
    """What a reader looks for, with the headings under which the card has text on it."""
    metrics: tuple[Metric, ...]
    placeholders: bool


def card_of(basis: Basis) -> Card | None:
    """The card of a release; None where the policy reads none, or none was shown."""
    for name in basis.policy.types_read:
        if basis.policy.policy.evidence[name].shape == _SHAPE and name in basis.shown:
            return _card(name, basis.shown[name].evidence.data, basis)
    return None


def _card(kind: str, data: dict[str, Any], basis: Basis) -> Card:
    sections = [str(each) for each in data.get("sections", ())]
    topics = tuple(
        (topic, tuple(each for each in sections if any(word in each.lower() for word in words)))
        for topic, words in _TOPICS
    )
    stated = {
        "Model": " ".join(str(data.get(key, "")) for key in ("name", "version")).strip(),
        "Licence or terms": str(data.get("license", "")),
        "Data sets": shown(data.get("datasets", [])),
        "Limits stated": shown(data.get("limitations", 0)),
        "Fairness assessments stated": shown(data.get("fairness_assessments", 0)),
        "Headings": shown(sections),
    }
    facts = tuple((label, text) for label, text in stated.items() if text)
    metrics = tuple(_metric(name, value, kind, basis) for name, value in sorted(data.get(_FIGURES, {}).items()))
    return Card(kind, facts, topics, metrics, bool(data.get("placeholder_text")))


def _metric(name: str, stated: float, card: str, basis: Basis) -> Metric:
    measured = []
    for kind in basis.policy.types_read:
        if kind == card or kind not in basis.shown or basis.policy.policy.evidence[kind].scope != "release":
            continue
        figures = basis.shown[kind].evidence.data.get(_FIGURES)
        if isinstance(figures, dict) and isinstance(figures.get(name), (int, float)):
            value = figures[name]
            measured.append(Measured(kind, shown(value), not _same(stated, value)))
    return Metric(name, shown(stated), tuple(measured))


def _same(stated: float, measured: float) -> bool:
    """Whether the card states the measured figure, rounded to as many decimals as it gives."""
    decimals = len(f"{stated!r}".partition(".")[2]) if "e" not in f"{stated!r}" else 15
    return stated == measured or round(measured, decimals) == stated
