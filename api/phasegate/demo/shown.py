"""What of a decision is shown, and how."""

from phasegate.demo.page import SATISFIED, Json, Page


def show_refusal(page: Page, decision: Json) -> None:
    """What stands between the release and the gate, and what to do about it."""
    page.outcome(decision)
    for criterion in criteria_of(decision):
        if criterion["blocking"] and criterion["status"] not in SATISFIED:
            page.write("", page.verdict(criterion))
            page.say(criterion["title"], 5)
            for reason in reasons(criterion):
                page.say(f"Because {reason}", 5)
            # A policy's remediation speaks of what was shown and is not good enough.
            if criterion["status"] == "fail" and criterion["remediation"]:
                page.say(f"To do: {first_sentence(criterion['remediation'])}", 5)


def show_criteria(page: Page, decision: Json) -> None:
    """Every criterion of the gate's phase, with its verdict."""
    page.outcome(decision)
    page.write("")
    for criterion in criteria_of(decision):
        page.write(page.verdict(criterion, criterion["title"]))
        for reason in reasons(criterion):
            page.say(reason, 5)


def show_phases(page: Page, decision: Json) -> None:
    """Each phase in a line, and what didn't have to be shown."""
    page.outcome(decision)
    page.write("")
    for phase in decision["phases"]:
        page.point(
            "satisfied" if phase["status"] == "passed" else phase["status"],
            f"{phase['title']}: {phase['satisfied']} of {phase['applicable']} criteria",
        )
    for criterion in criteria_of(decision):
        if criterion["status"] == "not-applicable":
            page.say(f"{criterion['id']} {criterion['reason']}", 5)


def criteria_of(decision: Json) -> list[Json]:
    """The criteria of the phase that the gate is named after; all of them, where it is `launch`."""
    phases = [each for each in decision["phases"] if each["id"] == decision["gate"]] or decision["phases"]
    return [criterion for phase in phases for criterion in phase["criteria"]]


def criterion_of(decision: Json, name: str) -> Json:
    """One criterion of a decision."""
    return next(each for each in criteria_of(decision) if each["id"] == name)


def reasons(criterion: Json) -> list[str]:
    """The reason of the whole, then each false check that it doesn't hold already."""
    whole = criterion["reason"] or ""
    failed = [check["message"] for check in criterion["checks"] if check["passed"] is False and check["message"]]
    return [*([whole] if whole else []), *(message for message in failed if message not in whole)]


def first_sentence(text: str) -> str:
    """As far as the first full stop that a space follows."""
    sentence, stop, _ = " ".join(text.split()).partition(". ")
    return sentence + stop.rstrip()
