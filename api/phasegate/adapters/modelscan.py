"""ModelScan's JSON report (`modelscan -r json`)."""

from typing import Any

from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.scan_report import SHAPE, Scan
from phasegate.adapters.text import shown
from phasegate.adapters.typed import counted, items, label, mapping, mappings, moment, within, words
from phasegate.engine.facts import Producer

_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low"}


class Modelscan:
    """The adapter `modelscan`."""

    name = "modelscan"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "ModelScan JSON (modelscan -r json)"
    command = "modelscan -p model.pkl -r json -o modelscan.json"
    fingerprint = "JSON with `summary.total_issues_by_severity`"
    example = Example("modelscan.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        summary = content.get("summary") if isinstance(content, dict) else None
        return isinstance(summary, dict) and "total_issues_by_severity" in summary

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `scan-report`. Its time has no zone."""
        content = mapping(parse(raw), "")
        summary = mapping(content.get("summary"), "summary")
        scan = Scan()
        for n, issue in enumerate(mappings(content.get("issues"), "issues")):
            _finding(issue, f"issues[{n}]", scan)
        totals = mapping(summary.get("total_issues_by_severity"), "summary.total_issues_by_severity")
        headers = {word: counted(totals, word, "summary.total_issues_by_severity") for word in totals}
        for word, severity in _SEVERITIES.items():
            scan.stated(severity, headers.get(word, 0))
        total = max(counted(summary, "total_issues", "summary"), sum(headers.values()))
        scan.stated("high", scan.counts["high"] + total - sum(scan.counts.values()))
        scan.errors = len(items(content.get("errors"), "errors"))
        scan.scanned, scan.skipped = (
            counted(within(summary, kind, "summary"), f"total_{kind}", f"summary.{kind}")
            for kind in ("scanned", "skipped")
        )
        scan.runs = 1 if scan.scanned else 0
        if not scan.scanned:
            scan.warnings.add("no file was scanned")
        version = label(summary.get("modelscan_version"))
        return scan.reading(Producer("modelscan", version), hints, moment(summary.get("timestamp"), scan.warnings))


def _finding(issue: dict[str, Any], path: str, scan: Scan) -> None:
    word = issue.get("severity")
    severity = _SEVERITIES.get(word) if isinstance(word, str) else None
    if severity is None:
        severity = "high"
        scan.warnings.add(f"{path} has the severity {shown(str(word))}; counted as high")
    rule = ".".join(part for part in (words(issue.get("module")), words(issue.get("operator"))) if part)
    scan.add(
        rule or words(issue.get("scanner")) or "(unnamed)",
        severity,
        words(issue.get("description")),
        words(issue.get("source")),
    )
