"""A tool's plain text, for formats that have lines."""

from phasegate.errors import Invalid, Malformed

MAX_LINES = 500_000


def lines(raw: bytes) -> list[str]:
    """The lines without their ends.

    Raises `Malformed` on text that isn't UTF-8, holds NUL, or ends within a line, `Invalid` on too many lines.
    """
    if raw.count(b"\n") > MAX_LINES:
        raise Invalid(f"the text has more than {MAX_LINES:,} lines; send it in parts")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("the text is not UTF-8; send the file as the tool wrote it") from None
    if "\0" in text:
        raise Malformed("the text holds a NUL; send the file as the tool wrote it")
    if not text.strip():
        raise Malformed("the text is empty; send what the tool printed")
    if not text.endswith("\n"):
        # A cut figure or directive can't be told from a whole one.
        raise Malformed("the last line has no end, so the text may be cut; send all of it, with its last newline")
    return [line.removesuffix("\r") for line in text.split("\n")[:-1]]


def first_line(raw: bytes, most: int = 4_096) -> str:
    """The first line that isn't blank, for a fingerprint; empty where there is none of at most `most` bytes."""
    start = raw[:most].decode("utf-8-sig", "replace").lstrip()
    return start.partition("\n")[0].rstrip("\r")
