"""What people wrote, beside the records it belongs to, since it can be erased."""

from sqlalchemy import Connection, bindparam, select

from phasegate.storage.statements import table_of
from phasegate.storage.tables.texts import FreeText

_text = table_of(FreeText)
_TEXT = select(_text.c.text).where(_text.c.org == bindparam("org"), _text.c.id == bindparam("id"))


def insert(connection: Connection, org: str, identifier: str, text: str) -> None:
    """Keep the text of the record `identifier`."""
    connection.execute(_text.insert(), {"org": org, "id": identifier, "text": text})


def find(connection: Connection, org: str, identifier: str) -> str | None:
    """The text of a record; None where it has none, or none any more."""
    text: str | None = connection.execute(_TEXT, {"org": org, "id": identifier}).scalar()
    return text
