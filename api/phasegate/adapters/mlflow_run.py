"""A run as MLflow's REST API gives it (`runs/get`), 2.x and 3.x."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.figures import figures
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.named_release import compare_named
from phasegate.adapters.stated import since_epoch_ms
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, list_in, listed, object_in, refused, text
from phasegate.engine.facts import Producer

_STATUS = {"FINISHED": "finished", "FAILED": "failed", "RUNNING": "running", "SCHEDULED": "running", "KILLED": "killed"}
_NO_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""JSON of protocol buffers has these as text."""
_REVISIONS = ("mlflow.source.git.commit", "git_commit")


class MlflowRun:
    """The adapter `mlflow-run`."""

    name = "mlflow-run"
    version = "1.1.0"
    shapes = ("metrics-report",)
    title = "MLflow REST answer of runs/get"
    command = "curl 'https://MLFLOW/api/2.0/mlflow/runs/get?run_id=ID'"
    fingerprint = "JSON with `run.info.status` and `run.data`"
    example = Example("mlflow-run.json", context={"split": "test"})

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `metrics-report`: the last value of each metric, and how the run ended."""
        run = parse_like(raw, _looks, "an MLflow run")["run"]
        warnings = Warnings()
        data: dict[str, Any] = figures(_metrics(run), warnings, hints.context)
        data |= {"status": _status(run["info"]), "conditions": []}
        if not (data["metrics"] or data["baseline"]):
            warnings.add("the run has no finite metric")
        if run["info"].get("lifecycle_stage") == "deleted":
            warnings.add("the run was deleted in MLflow")
        tags = _pairs(object_in(run.get("data")).get("tags"))
        named = {"dataset": _dataset(run, tags), "model": _model(run), "revision": _revision(tags)}
        data |= {field: value for field, value in named.items() if value}
        compare_named(tags, data, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading("metrics-report", data, _ended(run["info"], warnings), Producer("mlflow"), warnings.all())


def _looks(content: Any) -> bool:
    run = object_in(object_in(content).get("run"))
    return isinstance(run.get("info"), dict) and isinstance(run.get("data", {}), dict) and "status" in run["info"]


def _metrics(run: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for n, metric in enumerate(listed(object_in(run.get("data")), "metrics", "run.data")):
        value = metric.get("value")
        key = text(metric.get("key"), f"run.data.metrics[{n}].key")
        yield key, math.nan if value is None else _NO_NUMBERS.get(str(value), value)


def _status(info: dict[str, Any]) -> str:
    status = info["status"]
    if not isinstance(status, str) or status not in _STATUS:
        raise refused(
            "", f"the run has the status {shown(str(status))}, which MLflow doesn't know; send its answer whole"
        )
    return _STATUS[status]


def _pairs(stated: Any) -> dict[str, str]:
    found = [object_in(item) for item in list_in(stated)]
    pairs = {text(item.get("key"), "the key of a tag"): label(item.get("value")) for item in found}
    if pairs.get("release") == "":
        raise refused("", "the tag release is no text or empty; say of which release the run is, or leave the tag out")
    return pairs


def _dataset(run: dict[str, Any], tags: dict[str, str]) -> str:
    """The only logged data set, or what the tag `dataset` says."""
    inputs = list_in(object_in(run.get("inputs")).get("dataset_inputs"))
    named = {label(object_in(object_in(item).get("dataset")).get("name")) for item in inputs}
    return named.pop() if len(named) == 1 else tags.get("dataset", "")


def _model(run: dict[str, Any]) -> str:
    """The id of the only logged model."""
    models = [label(object_in(m).get("model_id")) for m in list_in(object_in(run.get("outputs")).get("model_outputs"))]
    return models[0] if len(models) == 1 else ""


def _revision(tags: dict[str, str]) -> str:
    return next((tags[key] for key in _REVISIONS if tags.get(key)), "")


def _ended(info: dict[str, Any], warnings: Warnings) -> datetime | None:
    stated = info.get("end_time")
    ended = since_epoch_ms(stated, or_digits=True)
    if ended is None and stated is not None:
        warnings.add(f"end_time {shown(str(stated))} is no time; ignored")
    return ended
