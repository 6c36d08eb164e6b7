"""Great Expectations: the result of a validation or of a checkpoint, of 1.x and of 0.x."""

import json
import re
from typing import Any

from phasegate.adapters.check_report import SHAPE, Checks
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.typed import (
    counted,
    finite,
    label,
    mapping,
    mappings,
    moment,
    refused,
    switch,
    text,
    within,
)
from phasegate.engine.facts import Producer

_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2}(?:\.[0-9]+)?)Z")
_ABOUT = ("column", "column_A", "column_B", "column_list")
"""Arguments that say what an expectation is about and not what it expects."""


class GreatExpectations:
    """The adapter `great-expectations`."""

    name = "great-expectations"
    version = "1.0.1"
    shapes = (SHAPE,)
    title = "Great Expectations, a validation or checkpoint result as JSON"
    command = "checkpoint.run().describe_dict(), written as JSON"
    fingerprint = (
        "JSON with `success` and either `statistics.evaluated_expectations` and `results`, "
        "or what a checkpoint holds: `validation_results` or `run_results`"
    )
    example = Example("great-expectations.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and "success" in content and _validations(content) is not None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `data-quality-report` of all validations together. The JSON of a checkpoint of 1.x states no time."""
        content = mapping(parse(raw), "")
        validations = _validations(content)
        if validations is None:
            raise refused("", "the file is no result of a validation or checkpoint")
        checks = Checks()
        times, versions, rows = [], [], []
        for path, found in validations:
            validation = mapping(found, path)
            rows += _read(validation, path, checks)
            meta = within(validation, "meta", path)
            versions.append(label(meta.get("great_expectations_version")))
            times.append(moment(_time(meta), checks.warnings))
        checks.failed_as_a_whole(switch(content.get("success"), "success"))
        if len(set(rows)) == 1 and len(validations) == 1:
            checks.rows = rows[0]
        known = [at for at in times if at is not None]
        version = versions[0] if len(set(versions)) == 1 else ""
        # Several are as old as the oldest, and of no known age if one of them has none.
        at = min(known) if known and len(known) == len(times) else None
        return checks.reading(Producer("great_expectations", version), hints, at)


def _validations(content: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """Each with its path; None where the file is neither of the two."""
    statistics = content.get("statistics")
    head = statistics if isinstance(statistics, dict) else {}
    if "evaluated_expectations" in head and "results" in content:
        return [("", content)]
    if "evaluated_validations" in head and isinstance(content.get("validation_results"), list):
        return [(f"validation_results[{n}]", each) for n, each in enumerate(content["validation_results"])]
    runs = content.get("run_results")
    if isinstance(runs, dict):
        found = [(f"run_results.{label(key)}", run) for key, run in runs.items()]
        return [(path, run.get("validation_result") if isinstance(run, dict) else run) for path, run in found]
    return None


def _read(validation: dict[str, Any], path: str, checks: Checks) -> list[int]:
    """Counts what one validation shows; the numbers of rows that its expectations state."""
    at = f"{path}." if path else ""
    before, bad = sum(checks.counts.values()), checks.bad
    key = "expectations" if "expectations" in validation else "results"
    rows = []
    for n, result in enumerate(mappings(validation.get(key), f"{at}{key}")):
        inside = f"{at}{key}[{n}]"
        _check(result, inside, checks)
        seen = within(result, "result", inside).get("element_count")
        if type(seen) is int and seen >= 0:
            rows.append(seen)
    head = within(validation, "statistics", path)
    evaluated, unsuccessful = (
        counted(head, f"{word}_expectations", f"{at}statistics") for word in ("evaluated", "unsuccessful")
    )
    if "successful_expectations" in head:
        unsuccessful = max(unsuccessful, evaluated - counted(head, "successful_expectations", f"{at}statistics"))
    checks.stated_failures(bad + unsuccessful)
    if not switch(validation.get("success"), f"{at}success") and checks.bad == bad:
        checks.stated_failures(bad + 1)
    shows = sum(checks.counts.values()) - before
    if evaluated != shows:
        checks.warnings.add(
            f"{path or 'the file'} counts {evaluated} expectations and shows {shows}; those shown count"
        )
    return rows


def _check(result: dict[str, Any], path: str, checks: Checks) -> None:
    config = within(result, "expectation_config", path) or result
    name = text(config.get("type") or config.get("expectation_type"), f"{path}: the type of the expectation")
    arguments = within(config, "kwargs", path)
    held = switch(result.get("success"), f"{path}.success")
    raised = _raised(within(result, "exception_info", path))
    about = [arguments[key] for key in _ABOUT if arguments.get(key) is not None]
    told = {key: value for key, value in arguments.items() if key not in (*_ABOUT, "batch_id")}
    checks.add(
        name,
        "error" if raised else "pass" if held else "fail",
        target=", ".join(str(part) for each in about for part in (each if isinstance(each, list) else [each])),
        expected=json.dumps(told, ensure_ascii=False) if told else "",
        observed=finite(within(result, "result", path).get("observed_value")),
    )


def _raised(info: dict[str, Any]) -> bool:
    """Of one exception, or of several by the metric that raised them."""
    if "raised_exception" in info:
        return info["raised_exception"] is not False
    return any(not isinstance(each, dict) or each.get("raised_exception") is not False for each in info.values())


def _time(meta: dict[str, Any]) -> Any:
    run = meta.get("run_id")
    stated = meta.get("validation_time") or (run.get("run_time") if isinstance(run, dict) else None)
    found = _COMPACT.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        return stated
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
