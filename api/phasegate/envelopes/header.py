"""Attributes of a CloudEvent as HTTP headers (CloudEvents 1.0.2, HTTP binding, 3.1.3.2)."""

import re
from urllib.parse import unquote_to_bytes

from phasegate.errors import Fault, Malformed

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def decoded(name: str, value: bytes) -> str:
    """The text in a header's value: a quoted string without its quotes and backslashes, then one round of
    percent-decoding, as UTF-8. Raises `Malformed` where it isn't any.
    """
    text = value.strip(b" \t").decode("latin-1")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = _ESCAPED.sub(r"\1", text[1:-1])
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        told = "is not UTF-8 once percent-decoded; encode space, double quote, percent and all but visible ASCII"
        raise Malformed(f"the header {name} {told}", faults=(Fault(name, told),)) from None
