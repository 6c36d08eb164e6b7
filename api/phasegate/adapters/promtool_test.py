"""What `promtool test rules` and `promtool check rules` print: one result for each file.

Results go to two streams, FAILED to the error stream, so both have to be in the text.
"""

import re

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.case_tally import Status, Tally
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.text_file import first_line, lines
from phasegate.errors import Malformed

_HEAD = re.compile(r"(?:Unit Testing: |Checking) (\S.*)")
_RESULT = re.compile(r"  (SUCCESS|FAILED)(?:: ?(.*))?")
_RULES = re.compile(r"0 rules found")


class PromtoolTest:
    """The adapter `promtool-test`."""

    name = "promtool-test"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "text of promtool test rules and promtool check rules"
    command = "promtool test rules tests.yml > promtool.txt 2>&1"
    fingerprint = "text that begins with `Unit Testing:`, or with `Checking` and a result"
    example = Example("promtool-test.txt")

    def detects(self, raw: bytes) -> bool:
        # "Checking …" is printed by many tools, so the next line must be a result where there is one.
        if _HEAD.fullmatch(first_line(raw)) is None:
            return False
        second = first_line(raw.lstrip().partition(b"\n")[2])
        return first_line(raw).startswith("Unit Testing: ") or second.startswith(("SUCCESS", "FAILED"))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report`: a case for each file. Raises `Malformed` where a file has no result, or the end is cut."""
        warnings = Warnings()
        tally = Tally(warnings)
        text = lines(raw)
        if not self.detects(raw):
            raise Malformed("this is no text of promtool: send what promtool test rules or check rules printed")
        if text[-1] != "":
            raise Malformed(
                "the empty line at the end is missing, so the text may be cut; send all that promtool printed"
            )
        file: str | None = None
        said: list[str] | None = None
        for line in [*text, ""]:
            head, result = _HEAD.fullmatch(line), _RESULT.fullmatch(line)
            if head is not None:
                _close(file, said, tally)
                file, said = head[1], None
            elif result is not None and file is not None and said is None:
                said = [line]
            elif said is not None and (line.strip() or said[0].startswith("  FAILED")):
                said.append(line)
            elif line.strip():
                raise Malformed(f"{shown(line)} belongs to no file; send all that promtool printed, as it printed it")
        _close(file, said, tally)
        data = tally.data(properties={}, duration_s=None)
        if hints.exit_code is None:
            warnings.add("the text doesn't show how many files there were to be; send exit_code beside it")
        elif said_ := count_exit_code(data, hints.exit_code):
            warnings.add(said_)
        return Reading(SHAPE, data, warnings=warnings.all())


def _close(file: str | None, said: list[str] | None, tally: Tally) -> None:
    if file is None:
        return
    if said is None:
        raise Malformed(
            f"{shown(file)} has no result, so the text is cut or lacks the error stream; send both streams (2>&1)"
        )
    status: Status = "passed"
    if any((found := _RESULT.fullmatch(line)) and found[1] == "FAILED" for line in said):
        status = "failed"
    elif (found := _RESULT.fullmatch(said[0])) and _RULES.fullmatch(found[2] or ""):
        status = "skipped"
        tally.warnings.add(f"{shown(file)} holds no rule, so nothing was checked: counted as skipped")
    message = "\n".join(line.strip() for line in said[1:] if line.strip())
    tally.add(status, file, said=message or ("no rule" if status == "skipped" else ""))
