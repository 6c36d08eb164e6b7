"""Media types: of events, and any that a sender states."""

import re

CLOUDEVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
UNKNOWN = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")


def safe_media_type(stated: str) -> str:
    """What is kept of a stated media type without parameters, and can be given back: whatever is none says nothing."""
    return stated if _MEDIA_TYPE.fullmatch(stated) else UNKNOWN
