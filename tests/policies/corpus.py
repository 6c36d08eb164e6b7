"""The corpus of broken policy files in `broken/`, and where a JSON Schema finds their faults."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator, ValidationError

from phasegate.policies.source import load
from phasegate.reading import spell

FOLDER = Path(__file__).parent / "broken"
Steps = tuple[str | int, ...]


class Broken(NamedTuple):
    """One policy with one fault; `at` is its place."""

    fault: str
    at: str
    document: Any


@cache
def _sound() -> Any:
    return load((FOLDER / "sound.yaml").read_bytes()).document


def sound() -> Any:
    """The policy that is broken, to be changed at will."""
    return deepcopy(_sound())


def corpus(name: str) -> list[Broken]:
    """Every entry of one list."""
    entries = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return [Broken(entry["fault"], entry["at"], _broken(entry)) for entry in entries]


def _broken(entry: dict[str, Any]) -> Any:
    document = sound()
    if "without" in entry:
        del found(document, steps(entry["at"]))[entry["without"]]
        return document
    *above, last = steps(entry["at"])
    if "value" in entry:
        found(document, tuple(above))[last] = entry["value"]
    else:
        del found(document, tuple(above))[last]
    return document


def steps(path: str) -> Steps:
    """A path as the API spells it, step by step."""
    return tuple(int(index) if index else name for index, name in re.findall(r"\[([0-9]+)\]|([^.\[\]]+)", path))


def found(document: Any, path: Steps) -> Any:
    """What stands at a path."""
    for step in path:
        document = document[step]
    return document


def faults_by(validator: Draft202012Validator, document: Any) -> set[str]:
    """The places that a JSON Schema names."""
    return {spell(place) for error in validator.iter_errors(document) for place in _places(error)}


def _places(error: ValidationError) -> Iterator[Steps]:
    """Where an error is: an unknown key is a place of its own, and of alternatives the one that got furthest counts."""
    here: Steps = tuple(error.absolute_path)
    instance: Any = error.instance
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        yield from ((*here, key) for key in instance if key not in schema["properties"])
    elif "propertyNames" in error.absolute_schema_path:
        yield (*here, str(instance))
    elif error.validator == "anyOf":
        inside = {place for inner in error.context or () for place in _places(inner)}
        yield from {place for place in inside if len(place) > len(here)} or {here}
    else:
        yield here
