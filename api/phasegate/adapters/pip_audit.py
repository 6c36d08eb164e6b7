"""pip-audit's own JSON (`pip-audit -f json`)."""

from typing import Any

from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.scan_report import SHAPE, Scan
from phasegate.adapters.typed import mapping, mappings, refused, words
from phasegate.engine.facts import Producer


class PipAudit:
    """The adapter `pip-audit`."""

    name = "pip-audit"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "pip-audit JSON (pip-audit -f json)"
    command = "pip-audit -f json -o audit.json"
    fingerprint = "JSON with `dependencies` and `fixes`"
    example = Example("pip-audit.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and isinstance(content.get("dependencies"), list) and "fixes" in content

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `scan-report`. It states no severity, so each known vulnerability is a high one; no time, no version."""
        content = mapping(parse(raw), "")
        scan = Scan()
        scan.scanned = 0
        for n, dependency in enumerate(mappings(content.get("dependencies"), "dependencies")):
            if "skip_reason" in dependency:
                scan.skipped += 1
            else:
                scan.scanned += 1
            if "vulns" in dependency or "skip_reason" not in dependency:
                _vulnerabilities(dependency, f"dependencies[{n}]", scan)
        scan.runs = 1 if scan.scanned else 0
        if not scan.scanned:
            scan.warnings.add("no dependency was audited")
        return scan.reading(Producer("pip-audit"), hints)


def _vulnerabilities(dependency: dict[str, Any], path: str, scan: Scan) -> None:
    package = f"{words(dependency.get('name'))}=={words(dependency.get('version'))}"
    if "vulns" not in dependency:
        raise refused(path, "has neither vulns nor a skip_reason")
    for one in mappings(dependency["vulns"], f"{path}.vulns"):
        scan.add(words(one.get("id")) or "(unnamed)", "high", words(one.get("description")), package)
