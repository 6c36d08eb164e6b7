"""XML as plain data: `{tag, attrs, text, children}`."""

from typing import Any

from phasegate.adapters.safe_xml import as_written
from phasegate.errors import Fault, Invalid, Malformed

MOST = 120_000
"""Elements; each is some seven values."""


class Elements:
    """Builds the tree. Names come without their namespace, texts without the white space around them."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[dict[str, Any]] = []
        self._texts: list[list[str]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST:
            told = f"the file has more than {MOST:,} elements; split it"
            raise Invalid(told, faults=(Fault("", told),))
        attrs = {as_written(key): value for key, value in attributes.items()}
        if len(attrs) != len(attributes):
            raise Malformed(f"two attributes of <{name[:64]}> have one name but for their namespace")
        element = {"tag": name, "attrs": attrs, "text": "", "children": []}
        if self._open:
            self._open[-1]["children"].append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def end(self, name: str) -> None:
        self._open.pop()["text"] = "".join(self._texts.pop()).strip()

    def data(self, text: str) -> None:
        self._texts[-1].append(text)
