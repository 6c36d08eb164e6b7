"""What all answers of the Prometheus API share."""

from typing import Any

from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, mapping, refused


def answer(content: Any, warnings: Warnings) -> dict[str, Any]:
    """The data of an answer that succeeded; its own warnings are passed on. Raises `Invalid` on any other."""
    envelope = mapping(content, "")
    status = envelope.get("status")
    if status != "success":
        told = label(envelope.get("error"))
        raise refused("status", f"must be success, not {shown(str(status))}" + (f": {told}" if told else ""))
    for kind in ("warnings", "infos"):
        said = envelope.get(kind)
        for each in said if isinstance(said, list) else []:
            warnings.add(f"Prometheus says: {label(each)}")
    return mapping(envelope.get("data"), "data")
