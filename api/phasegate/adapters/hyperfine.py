"""hyperfine --export-json: commands timed, in seconds, with the exit code of every run."""

from typing import Any

from phasegate.adapters import json_file
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.text import Warnings, message
from phasegate.adapters.typed import amount, mappings, refused, words

SHAPE = "drill-report"


class Hyperfine:
    """The adapter `hyperfine`."""

    name = "hyperfine"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "JSON of hyperfine --export-json"
    command = "hyperfine -r 5 ./rollback.sh --export-json rollback.json"
    fingerprint = "JSON whose `results` all have `times` and `exit_codes`"
    example = Example("hyperfine.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(json_file.look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `drill-report` of all runs; several commands are one drill. Raises `Malformed` and `Invalid`."""
        content = json_file.parse_like(raw, _looks, "the JSON of hyperfine --export-json")
        warnings = Warnings()
        results = mappings(content.get("results"), "results")
        times = [time for result in results for time in _times(result, warnings)]
        failures = sum(_failures(result, warnings) for result in results)
        if hints.exit_code and not failures:
            warnings.add(f"the tool ended with exit code {hints.exit_code}, yet its file shows no failure: it failed")
        data: dict[str, Any] = {
            "scenario": message("; ".join(words(result.get("command")) for result in results)),
            "result": "failed" if failures or hints.exit_code else "passed",
            "runs": len(times),
            "failures": failures,
            "duration_s": _worse(results, "max", max(times), warnings),
            "automated": True,
            "details": {},
        }
        if len(results) == 1:
            data["mean_s"] = _worse(results, "mean", sum(times) / len(times), warnings)
        else:
            warnings.add(f"the file has {len(results)} commands: the runs of all count as one drill, without a mean")
        return Reading(SHAPE, data, warnings=warnings.all())


def _looks(content: Any) -> bool:
    results = content.get("results") if isinstance(content, dict) else None
    return (
        isinstance(results, list)
        and bool(results)
        and all(
            isinstance(result, dict)
            and isinstance(result.get("times"), list)
            and isinstance(result.get("exit_codes"), list)
            for result in results
        )
    )


def _times(result: dict[str, Any], warnings: Warnings) -> list[float]:
    times = [amount(time) for time in result["times"]]
    if not times:
        raise refused("", "a command has no run, so nothing was timed; send a file of runs")
    if None in times:
        raise refused("", "one of `times` is no finite number from 0 on; send the file as hyperfine wrote it")
    return [time for time in times if time is not None]


def _failures(result: dict[str, Any], warnings: Warnings) -> int:
    """Runs without exit code 0: killed ones have none."""
    codes = result["exit_codes"]
    differing = abs(len(codes) - len(result["times"]))
    if differing:
        warnings.add(f"there are {len(result['times'])} times and {len(codes)} exit codes; what lacks one failed")
    return sum(type(code) is not int or code != 0 for code in codes) + differing


def _worse(results: list[dict[str, Any]], key: str, computed: float, warnings: Warnings) -> float:
    """The stated figure where it is the larger."""
    stated = [found for result in results if (found := amount(result.get(key))) is not None]
    largest = max(stated, default=computed)
    if abs(largest - computed) > 1e-9 * max(computed, largest):
        warnings.add(f"`{key}` is {largest:g} s and the times say {computed:g} s; the larger counts")
    return max(largest, computed)
