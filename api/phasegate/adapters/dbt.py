"""What dbt's artifacts share: a head with their schema, version and time."""

import re
from datetime import datetime
from typing import Any

from phasegate.adapters.json_file import look
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import label, mapping, moment, refused
from phasegate.engine.facts import Producer

_SCHEMA = re.compile(r"https://schemas\.getdbt\.com/dbt/([a-z-]{1,40})/v([0-9]{1,3})\.json")


def is_artifact(raw: bytes, kind: str) -> bool:
    """Whether it is dbt's artifact of this kind, in any version."""
    content = look(raw)
    return isinstance(content, dict) and (_schema(content) or ("", 0))[0] == kind


def head(content: dict[str, Any], kind: str, versions: range, warnings: Warnings) -> tuple[Producer, datetime | None]:
    """Who wrote the artifact and when. Raises `Invalid` where it isn't of this kind and one of these versions."""
    metadata = mapping(content.get("metadata"), "metadata")
    schema = _schema(content)
    if schema is None or schema[0] != kind or schema[1] not in versions:
        known = f"v{versions[0]} to v{versions[-1]}" if len(versions) > 1 else f"v{versions[0]}"
        raise refused("metadata.dbt_schema_version", f"must be that of {kind}, {known}")
    version = label(metadata.get("dbt_version"))
    return Producer("dbt", version), moment(metadata.get("generated_at"), warnings)


def _schema(content: dict[str, Any]) -> tuple[str, int] | None:
    metadata = content.get("metadata")
    stated = metadata.get("dbt_schema_version") if isinstance(metadata, dict) else None
    found = _SCHEMA.fullmatch(stated) if isinstance(stated, str) else None
    return (found[1], int(found[2])) if found else None
