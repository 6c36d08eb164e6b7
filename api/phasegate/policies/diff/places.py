"""Where the path of a change stands in the text of a policy file."""

import re
from typing import Any

from phasegate.errors import Fault, Path
from phasegate.policies.diff.change import Change
from phasegate.policies.source import Source

_STEP = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")


def fault_of(change: Change, source: Source, mend: str) -> Fault:
    """A change as a fault of the new file, at its line or, where it is gone, that of what held it."""
    path = _indexed(change.path, source.document)
    while path and path not in source.places:
        path = path[:-1]
    place = source.places.get(path)
    line, column = (None, None) if place is None else (place.line, place.column)
    return Fault(change.path, change.text, line, column, mend)


def _indexed(path: str, document: Any) -> Path:
    """A path by id as one by index, as far as it leads in the document."""
    found: list[str | int] = []
    for index, name in _STEP.findall(path):
        if isinstance(document, list):
            step = int(index) if index else _index(name, document)
            if step is None or step >= len(document):
                break
        elif isinstance(document, dict) and name in document:
            step = name
        else:
            break
        found.append(step)
        document = document[step]
    return tuple(found)


def _index(name: str, items: list[Any]) -> int | None:
    return next((n for n, each in enumerate(items) if each == name or _id(each) == name), None)


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None
