"""whylogs: the report of constraints, as JSON of `valid` and `report`."""

from typing import Any

from phasegate.adapters.check_report import SHAPE, Checks
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.text import shown
from phasegate.adapters.typed import count, items, mapping, refused, switch, text
from phasegate.engine.facts import Producer

_FIELDS = ("name", "passed", "failed", "summary")
"""Of a named tuple, which JSON writes as a list."""


class WhylogsConstraints:
    """The adapter `whylogs-constraints`."""

    name = "whylogs-constraints"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = 'whylogs constraints: {"valid": validate(), "report": generate_constraints_report()}'
    command = "json.dump({'valid': c.validate(), 'report': [r._asdict() for r in c.generate_constraints_report()]}, f)"
    fingerprint = "JSON with `valid` and `report`"
    example = Example("whylogs-constraints.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and "valid" in content and isinstance(content.get("report"), list)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `data-quality-report`. The file states neither version nor time."""
        content = mapping(parse(raw), "")
        checks = Checks()
        for n, each in enumerate(items(content.get("report"), "report")):
            _check(_entry(each, f"report[{n}]"), f"report[{n}]", checks)
        checks.failed_as_a_whole(switch(content.get("valid"), "valid"))
        return checks.reading(Producer("whylogs"), hints)


def _entry(each: Any, path: str) -> dict[str, Any]:
    if isinstance(each, list):
        if len(each) not in (len(_FIELDS), len(_FIELDS) - 1):
            raise refused(path, f"must hold {', '.join(_FIELDS)}")
        return dict(zip(_FIELDS, each, strict=False))
    return mapping(each, path)


def _check(entry: dict[str, Any], path: str, checks: Checks) -> None:
    name = text(entry.get("name"), f"{path}.name")
    passed, failed = (count(entry.get(key), f"{path}.{key}") for key in ("passed", "failed"))
    if passed or failed:
        checks.add(name, "fail" if failed else "pass")
    else:
        checks.warnings.add(f"the constraint {shown(name)} neither passed nor failed; it is counted nowhere")
