"""CDEvents: that a run of a test suite or case finished, and how. No counts: one outcome, one case.

It stands behind the door for evidence addressed by digest alone, which checks the event's form.
"""

import re

from phasegate.adapters.case_report import SHAPE
from phasegate.adapters.case_tally import Status, Tally
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.text import Warnings, clean
from phasegate.adapters.typed import mapping, moment, refused, within, words

TYPE = re.compile(r"dev\.cdevents\.test(suite|case)(?:run)?\.finished\.0\.([123])\.[0-9]{1,9}")
_OLD: dict[str, Status] = {"pass": "passed", "fail": "failed", "cancel": "error", "error": "error"}
_NEW: dict[str, Status] = {"success": "passed", "failure": "failed", "cancel": "error", "error": "error"}


class Cdevents:
    """The adapter `cdevents`."""

    name = "cdevents"
    version = "1.0.1"
    shapes = (SHAPE,)
    title = "CDEvents: testsuiterun.finished and testcaserun.finished"

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        context = content.get("context") if isinstance(content, dict) else None
        return isinstance(context, dict) and TYPE.fullmatch(words(context.get("type"))) is not None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `test-report` of one case, which is the run. Raises `Malformed` or `Invalid`."""
        event = mapping(parse(raw), "")
        context, subject = within(event, "context"), within(event, "subject")
        kind = TYPE.fullmatch(words(context.get("type")))
        if kind is None:
            raise refused("context.type", "is no event that is read here: testsuiterun.finished, testcaserun.finished")
        content = within(subject, "content", "subject")
        outcomes = _NEW if kind[2] == "3" else _OLD
        outcome = words(content.get("outcome"))
        if outcome not in outcomes:
            raise refused("subject.content.outcome", f"must be one of {', '.join(outcomes)}")
        warnings = Warnings()
        tally = Tally(warnings)
        tested = within(content, "testSuite" if kind[1] == "suite" else "testCase", "subject.content")
        run = words(subject.get("id"))
        name = words(tested.get("name")) or words(tested.get("id")) or run
        tally.add(outcomes[outcome], name, said=words(content.get("reason")) or outcome)
        warnings.add("the event says how the run ended and nothing of its tests: counted as one case")
        properties = {"outcome": outcome, "run": run}
        if environment := words(within(content, "environment", "subject.content").get("id")):
            properties["environment"] = environment
        if severity := words(content.get("severity")):
            properties["severity"] = severity
        data = tally.data(properties={key: clean(value) for key, value in properties.items()}, duration_s=None)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, moment(context.get("timestamp"), warnings), warnings=warnings.all())
