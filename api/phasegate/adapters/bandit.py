"""Bandit's own JSON (`bandit -f json`)."""

from typing import Any

from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.scan_report import SHAPE, Scan
from phasegate.adapters.text import shown
from phasegate.adapters.typed import counted, items, mapping, mappings, moment, words
from phasegate.engine.facts import Producer

_SEVERITIES = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}


class Bandit:
    """The adapter `bandit`."""

    name = "bandit"
    version = "1.0.1"
    shapes = (SHAPE,)
    title = "Bandit JSON (bandit -f json)"
    command = "bandit -r app -f json -o bandit.json"
    fingerprint = "JSON with `results`, `errors` and `metrics._totals`"
    example = Example("bandit.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        if not isinstance(content, dict) or not {"results", "errors"} <= content.keys():
            return False
        metrics = content.get("metrics")
        return isinstance(metrics, dict) and "_totals" in metrics

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `scan-report`. A line that `nosec` exempts is skipped; the file doesn't name Bandit's version."""
        content = mapping(parse(raw), "")
        scan = Scan()
        for n, result in enumerate(mappings(content.get("results"), "results")):
            _finding(result, f"results[{n}]", scan)
        metrics = mapping(content.get("metrics"), "metrics")
        totals = mapping(metrics.get("_totals"), "metrics._totals")
        stated = {word: counted(totals, f"SEVERITY.{word}", "metrics._totals") for word in (*_SEVERITIES, "UNDEFINED")}
        stated["HIGH"] += stated.pop("UNDEFINED")
        for word, number in stated.items():
            scan.stated(_SEVERITIES[word], number)
        scan.errors = len(items(content.get("errors"), "errors"))
        scan.skipped = sum(counted(totals, key, "metrics._totals") for key in ("nosec", "skipped_tests"))
        scan.scanned = len(metrics) - 1
        scan.runs = 1 if scan.scanned else 0
        if not scan.scanned:
            scan.warnings.add("no file was scanned")
        return scan.reading(Producer("bandit"), hints, moment(content.get("generated_at"), scan.warnings))


def _finding(result: dict[str, Any], path: str, scan: Scan) -> None:
    word = result.get("issue_severity")
    severity = _SEVERITIES.get(word) if isinstance(word, str) else None
    if severity is None:
        severity = "high"
        scan.warnings.add(f"{path} has the severity {shown(str(word))}; counted as high")
    file, line = words(result.get("filename")), result.get("line_number")
    location = f"{file}:{line}" if file and type(line) is int else file
    scan.add(words(result.get("test_id")) or "(unnamed)", severity, words(result.get("issue_text")), location)
