"""The model card of a CycloneDX ML-BOM."""

import re
from collections.abc import Iterator
from typing import Any

from phasegate.adapters.bounds import MOST
from phasegate.adapters.cyclonedx import is_cyclonedx, producer
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import figures
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.markdown_sections import has_placeholder
from phasegate.adapters.named_release import compare_digests, compare_release
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, listed, moment, object_in, refused, text, within, words

CARD, METRICS = "model-card", "metrics-report"
_MODEL = "machine-learning-model"
_SPLITS = ("test", "holdout")
"""Slices that are the whole of what was put aside."""
_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")
_WORD = re.compile(r"\w+")
_CARD_STATES_ITS_SPLIT = {"split": "test"}
_Dicts = dict[str, Any]


class CyclonedxMl:
    """The adapter `cyclonedx-ml`."""

    name = "cyclonedx-ml"
    version = "1.0.0"
    shapes = (CARD, METRICS)
    title = "CycloneDX ML-BOM, the modelCard of a machine-learning model (JSON, from 1.5 on)"
    command = "a tool that writes ML-BOMs, or cyclonedx-python-lib"
    fingerprint = (
        "JSON whose `bomFormat` is CycloneDX, with a component of type `machine-learning-model` that has a `modelCard`"
    )
    example = Example("cyclonedx-ml.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `model-card`, or its performance metrics as a `metrics-report`, of the one model described."""
        content = parse_like(raw, _looks, "an ML-BOM of CycloneDX with the modelCard of a model")
        warnings = Warnings()
        model = _the_one([each for each in _components(content) if _has_card(each)], hints)
        card = model["modelCard"]
        version = label(model.get("version"))
        if hints.shape == METRICS:
            data = _report(model, card, content, hints, warnings)
        else:
            data = _card(model, card, content, warnings)
        compare_release(version or None, data, hints, warnings)
        hashes = [each for each in listed(model, "hashes", "component") if each.get("alg") == "SHA-256"]
        compare_digests([words(each.get("content")) for each in hashes], data, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        metadata = within(content, "metadata")
        at = moment(metadata.get("timestamp"), warnings)
        return Reading(hints.shape or CARD, data, at, producer(metadata), warnings.all())


def _looks(content: Any) -> bool:
    return is_cyclonedx(content) and any(map(_has_card, _components(content)))


def _components(content: _Dicts) -> Iterator[_Dicts]:
    """What the file is about, and what it lists; parts of parts are none of its own models."""
    stated = content.get("components")
    yield object_in(object_in(content.get("metadata")).get("component"))
    yield from map(object_in, stated if isinstance(stated, list) else ())


def _has_card(component: _Dicts) -> bool:
    return component.get("type") == _MODEL and bool(object_in(component.get("modelCard")))


def _the_one(models: list[_Dicts], hints: Hints) -> _Dicts:
    """Of several the one called as the subject."""
    meant = models if len(models) == 1 else [each for each in models if each.get("name") == hints.subject]
    if len(meant) != 1:
        raise refused("", f"the file has {len(models)} model cards; send one with that of this model alone")
    return meant[0]


def _card(model: _Dicts, card: _Dicts, content: _Dicts, warnings: Warnings) -> _Dicts:
    considerations = within(card, "considerations", "modelCard")
    told = {
        "Model details": within(card, "modelParameters", "modelCard"),
        "Intended use": [considerations.get(key) for key in ("users", "useCases")],
        "Limitations": considerations.get("technicalLimitations"),
        "Fairness": considerations.get("fairnessAssessments"),
    }
    texts = list(_texts({key: value for key, value in card.items() if key != "bom-ref"}))
    found = figures(_metrics(card), warnings, _CARD_STATES_ITS_SPLIT)
    for name in found["non_finite"]:
        warnings.add(f"the metric {shown(name)} is no finite number; left out")
    return {
        "name": label(model.get("name")),
        "version": label(model.get("version")),
        "license": _license(model),
        "sections": [heading for heading, part in told.items() if _is_written(part)],
        "placeholder_text": any(map(has_placeholder, texts)),
        "metrics": found["metrics"],
        "datasets": _datasets(card, content),
        "limitations": _stated(considerations, "technicalLimitations"),
        "fairness_assessments": _stated(considerations, "fairnessAssessments"),
        "words": sum(len(_WORD.findall(each)) for each in texts),
    }


def _report(model: _Dicts, card: _Dicts, content: _Dicts, hints: Hints, warnings: Warnings) -> _Dicts:
    data = {**figures(_metrics(card), warnings, hints.context), "slices": [], "conditions": []}
    if not any(data[field] for field in ("metrics", "baseline", "non_finite")):
        raise refused("modelCard.quantitativeAnalysis", "states no performance metric; send a file that does")
    named = {"model": label(model.get("name")), "revision": label(model.get("version"))}
    if len(sets := _datasets(card, content)) == 1:
        named["dataset"] = sets[0]
    return data | {key: value for key, value in named.items() if value}


def _metrics(card: _Dicts) -> Iterator[tuple[str, Any]]:
    """Of a slice `SPLIT_TYPE`, or `TYPE_SLICE` where it is a part of the data; CycloneDX writes values as text."""
    analysis = within(card, "quantitativeAnalysis", "modelCard")
    for n, each in enumerate(listed(analysis, "performanceMetrics", "modelCard.quantitativeAnalysis")):
        kind = label(text(each.get("type"), f"modelCard.quantitativeAnalysis.performanceMetrics[{n}].type"))
        part, value = label(each.get("slice")), each.get("value")
        if isinstance(value, str):
            value = float(value) if _NUMBER.fullmatch(value.strip()) else value
        yield f"{part}_{kind}" if part.lower() in _SPLITS else f"{kind}_{part}" if part else kind, value


def _license(model: _Dicts) -> str:
    """Several are joined."""
    found = []
    for each in listed(model, "licenses", "component"):
        one = object_in(each.get("license"))
        found.append(label(each.get("expression")) or label(one.get("id")) or label(one.get("name")))
    return label(", ".join(filter(None, found)))


def _datasets(card: _Dicts, content: _Dicts) -> list[str]:
    """By their names, which components of the file may hold; each once."""
    known = {words(each.get("bom-ref")): label(each.get("name")) for each in _components(content)}
    parameters = within(card, "modelParameters", "modelCard")
    named = []
    for each in listed(parameters, "datasets", "modelCard.modelParameters"):
        reference = words(each.get("ref"))
        named.append(known.get(reference) or label(reference) or label(each.get("name")))
    return [name for name in dict.fromkeys(named) if name][:MOST]


def _stated(considerations: _Dicts, key: str) -> int:
    """Entries with something written in them other than placeholders."""
    stated = considerations.get(key)
    return sum(map(_is_written, stated)) if isinstance(stated, list) else 0


def _is_written(part: Any) -> bool:
    return any(_WORD.search(each) and not has_placeholder(each) for each in _texts(part))


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list | dict):
            waiting += list(each if isinstance(each, list) else each.values())
