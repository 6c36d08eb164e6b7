"""Small mappings over a shape that has a field of every kind."""

from typing import Any

import pytest

from phasegate.engine.mapping.compiled import CompiledMapping, compile_mappings
from phasegate.engine.mapping.document import document
from phasegate.engine.mapping.run import Mapped
from phasegate.engine.policy import Policy, Shape
from phasegate.errors import Flaw, Invalid
from phasegate.reading import read
from tests.engine.small import criterion
from tests.engine.small import document as policy_document

SHAPE: dict[str, Any] = {
    "fields": {
        "count": {"type": "int"},
        "rate": {"type": "double", "optional": True, "max": 10.0},
        "name": {"type": "string", "optional": True},
        "at": {"type": "timestamp", "optional": True},
        "took": {"type": "duration", "optional": True},
        "sound": {"type": "bool", "optional": True},
        "metrics": {"type": "map<string,double>"},
        "labels": {"type": "map<string,string>"},
        "words": {"type": "list<string>"},
        "items": {
            "type": "list<object>",
            "fields": {
                "id": {"type": "string"},
                "score": {"type": "double", "optional": True},
                "tags": {"type": "list<string>"},
            },
        },
        "last": {"type": "object", "optional": True, "fields": {"by": {"type": "string"}}},
        "non_finite": {"type": "list<string>"},
        "unlisted": {"type": "int", "optional": True},
    }
}


def written(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"reads": "json", "shape": "thing", "detect": "true", "fields": {"count": 1, **fields}, **more}


def policy_with(mappings: dict[str, Any], shape: Any = SHAPE) -> dict[str, Any]:
    """A policy whose only evidence has the shape."""
    evidence = {"thing": {"shape": "thing", "scope": "release"}}
    rule = criterion("counted", "evidence.count > 0", evidence="thing")
    plain = policy_document(rule, shapes={"thing": shape}, evidence=evidence, mappings=mappings)
    return {key: value for key, value in plain.items() if key not in ("maturity", "params")}


def compiled(mapping: dict[str, Any], shape: Any = SHAPE) -> tuple[CompiledMapping | None, list[Flaw]]:
    """The mapping `mine`, or what is wrong with it."""
    policy = read(Policy, policy_with({"mine": mapping}, shape))
    made, flaws = compile_mappings(policy, {"thing": read(Shape, shape)})
    return made.get("mine"), flaws


def reading(doc: Any, fields: dict[str, Any], *, shape: Any = SHAPE, **more: Any) -> Mapped:
    """What the mapping with these fields reads in a document."""
    mapping, flaws = compiled(written(fields, **more), shape)
    assert mapping is not None, flaws
    return mapping.read(document(doc))


def refusal(doc: Any, fields: dict[str, Any], *, shape: Any = SHAPE, **more: Any) -> tuple[str, str]:
    """Where and why it refuses the document."""
    with pytest.raises(Invalid) as refused:
        reading(doc, fields, shape=shape, **more)
    (fault, *_) = refused.value.faults
    assert fault.path.startswith("mappings.mine.")
    assert refused.value.detail.startswith("mapping mine: ")
    return fault.path.removeprefix("mappings.mine."), fault.message
