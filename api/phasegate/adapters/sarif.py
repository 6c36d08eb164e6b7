"""SARIF 2.1.0, which most static analysers and many scanners write."""

from datetime import datetime
from typing import Any

from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.sarif_result import Rules, finding
from phasegate.adapters.scan_report import SHAPE, Scan
from phasegate.adapters.typed import label, listed, mapping, mappings, moment, refused, words
from phasegate.engine.facts import Producer


class Sarif:
    """The adapter `sarif`."""

    name = "sarif"
    version = "1.0.2"
    shapes = (SHAPE,)
    title = "SARIF 2.1.0 (bandit, semgrep, trivy, CodeQL and others)"
    command = "bandit -r app -f sarif -o bandit.sarif, or another analyser"
    fingerprint = "JSON whose `version` is 2.1.0, with the list `runs`"
    example = Example("sarif.sarif")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and content.get("version") == "2.1.0" and isinstance(content.get("runs"), list)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `scan-report` of all runs together, as old as the oldest of them."""
        content = mapping(parse(raw), "")
        if content.get("version") != "2.1.0":
            raise refused("version", "must be 2.1.0, the one version of SARIF that is read here")
        scan = Scan()
        times: list[datetime] = []
        tools: dict[tuple[str, str], None] = {}
        runs = mappings(content.get("runs"), "runs")
        for n, run in enumerate(runs):
            driver = mapping(mapping(run.get("tool"), f"runs[{n}].tool").get("driver"), f"runs[{n}].tool.driver")
            version = words(driver.get("semanticVersion")) or words(driver.get("version"))
            tools[label(driver.get("name")), label(version)] = None
            _read_run(run, f"runs[{n}]", scan, times)
        if not runs:
            scan.warnings.add("the file holds no run: nothing was analysed")
        names = ", ".join(dict.fromkeys(name for name, _ in tools))
        producer = Producer(*next(iter(tools))) if len(tools) == 1 else Producer()
        return scan.reading(producer, hints, min(times, default=None), label(names))


def _read_run(run: dict[str, Any], path: str, scan: Scan, times: list[datetime]) -> None:
    ended = True
    for n, invocation in enumerate(listed(run, "invocations", path)):
        ended &= _ended(invocation, f"{path}.invocations[{n}]", scan)
        if at := moment(invocation.get("endTimeUtc"), scan.warnings):
            times.append(at)
    if run.get("results") is None:
        ended = False
        scan.errors += 1
        scan.warnings.add(f"{path} has no results, so its analysis didn't end: one error")
    if elsewhere := listed(mapping(run.get("externalPropertyFileReferences") or {}, path), "results", path):
        ended = False
        scan.errors += len(elsewhere)
        scan.warnings.add(f"{path} has results in other files, which are not here: {len(elsewhere)} errors")
    scan.runs += ended
    rules = Rules(run, path)
    for n, result in enumerate(listed(run, "results", path)):
        finding(result, f"{path}.results[{n}]", rules, scan)


def _ended(invocation: dict[str, Any], path: str, scan: Scan) -> bool:
    """Whether the process did; failures that it tells of are counted."""
    ended = invocation.get("executionSuccessful") is True
    told = 0
    for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        notes = listed(invocation, kind, path)
        told += sum(note.get("level") == "error" for note in notes)
    scan.errors += told or (not ended)
    if not ended:
        scan.warnings.add(f"{path} doesn't say that it ended well")
    return ended
