"""What `phasegate policy test` found, as JUnit XML."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from phasegate.engine.instants import rfc3339
from phasegate.operations.cases import Ran
from phasegate.operations.mapping_cases import MappingRan
from phasegate.policies.cases.comparison import Difference


class Suite(NamedTuple):
    """The cases of one policy version."""

    title: str
    ran: tuple[Ran | MappingRan, ...]
    wrong: Mapping[str, Sequence[str]]
    """What else is wrong, by what it is wrong with."""

    @property
    def sound(self) -> bool:
        return not self.wrong and not any(each.differences for each in self.ran)


def document(suites: Sequence[Suite], at: datetime) -> bytes:
    """One test case a case, and one for each other thing that is wrong."""
    root = Element("testsuites", name="phasegate policy test")
    for suite in suites:
        _suite(SubElement(root, "testsuite", name=_text(suite.title), timestamp=rfc3339(at)), suite)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(each.get(count, "0")) for each in root)))
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _suite(element: Element, suite: Suite) -> None:
    failures = sum(bool(each.differences) for each in suite.ran) + len(suite.wrong)
    element.set("tests", str(len(suite.ran) + len(suite.wrong)))
    element.set("failures", str(failures))
    element.set("errors", "0")
    for each in suite.ran:
        named = {"classname": _text(each.case.file.removesuffix(".yaml")), "name": _text(each.case.name)}
        case = SubElement(element, "testcase", named, file=_text(each.case.file), line=str(each.case.line), time="0")
        if each.differences:
            message = ", ".join(difference.what for difference in each.differences)
            lines = [line for difference in each.differences for line in _told(difference)]
            SubElement(case, "failure", message=_text(f"otherwise: {message}")).text = _text("\n".join(lines))
    for what, told in suite.wrong.items():
        case = SubElement(element, "testcase", classname=_text(suite.title), name=_text(what), time="0")
        SubElement(case, "failure", message=_text(told[0])).text = _text("\n".join(told))


def _told(difference: Difference) -> list[str]:
    told = [difference.what, f"- {difference.expected}", f"+ {difference.got}"]
    return [*told, f"  {difference.note}"] if difference.note else told


def _text(text: str) -> str:
    """What XML can hold: control characters it can't, escaped or not."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
