"""Text from outside, so that what is read is what is there."""

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
"""Controls, characters without a glyph, those that turn the direction of reading, and halves of pairs.
The joiners U+200C and U+200D stay: words and emoji need them, and they can't turn anything."""
_BREAK = re.compile("\r\n?|\x85")


def visible(text: str) -> str:
    """`text` in which every hidden character but line feed and tab is spelt out, as in `[U+202E]`."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", _BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """The same with every run of blanks as one space, and none around it."""
    return " ".join(visible(text).split())
