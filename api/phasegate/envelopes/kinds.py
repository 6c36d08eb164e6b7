"""Which kind of envelope a JSON value is, by what it says of itself."""

from typing import Any

from phasegate.envelopes.cdevent import cdevent_of, is_cdevent
from phasegate.envelopes.cloudevent import is_cloudevent, structured_of
from phasegate.envelopes.message import Message
from phasegate.envelopes.own import envelope_fields
from phasegate.envelopes.statement import is_statement, message_of, statement_of


def message_in(document: Any, raw: bytes) -> Message:
    """The evidence in a statement, an event, or an envelope of our own; `raw` is the value as it was written.
    Raises `Malformed` or `Invalid`."""
    if is_statement(document):
        return message_of(statement_of(document, raw))
    if is_cdevent(document):
        return cdevent_of(document, raw)
    if is_cloudevent(document):
        return structured_of(document, raw)
    return Message(**envelope_fields(document))
