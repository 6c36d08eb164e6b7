"""Samples of Prometheus as figures: what a series is called, and which columns drifted."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from phasegate.adapters.drift_report import Columns, gives_p_value
from phasegate.adapters.figures import figures
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, refused

METRICS = "metrics-report"
_TARGET = ("__name__", "instance", "job")
"""Labels that say where a sample was scraped and not what it is of."""
_OF_A_COLUMN = ("feature", "column")
_DISTANCE = re.compile(r"psi|wasserstein|jensen|hellinger|divergence|distance")
_P_VALUE = re.compile(r"p_?value|p_val")
_LIMIT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


class Sample(NamedTuple):
    """One value of one series."""

    labels: Mapping[str, str]
    """Its name among them, as `__name__`, where it has one."""
    value: float
    """Not always finite."""


def metrics_data(samples: Iterable[Sample], context: Mapping[str, str], warnings: Warnings) -> dict[str, Any]:
    """The fields of `metrics-report`. A figure is called as its series; labels tell those of one name apart.

    What has no name, being computed, is called as the context `metric` says. Raises `Invalid`.
    """
    stated: list[tuple[str, float]] = []
    for name, group in _by_name(samples, context).items():
        varying = _varying(group)
        stated += [("_".join([name, *(each.labels.get(key, "") for key in varying)]), each.value) for each in group]
    return {**figures(stated, warnings, context), "slices": [], "conditions": []}


def drift_data(samples: Iterable[Sample], context: Mapping[str, str], warnings: Warnings) -> dict[str, Any]:
    """The fields of `drift-report`: a column a series, judged by the context `threshold`. Raises `Invalid`."""
    limit = number_in(context, "threshold", "the greatest distance, or the least p-value, at which nothing drifted")
    columns = Columns(warnings)
    for name, group in _by_name(samples, context).items():
        varying = _varying(group)
        for each in group:
            told = next((each.labels[key] for key in _OF_A_COLUMN if each.labels.get(key)), "")
            column = told or "_".join(each.labels.get(key, "") for key in varying) or name
            method = context.get("method", name)
            columns.add(column, method, value=each.value, p_value=_is_p_value(method), threshold=limit)
    return columns.data()


def number_in(context: Mapping[str, str], key: str, told: str) -> float:
    """What the submitter states beside the file. Raises `Invalid`."""
    stated = context.get(key, "")
    if not _LIMIT.fullmatch(stated):
        raise refused("", f"the file doesn't say {told}; send it as the context {key!r}, such as 0.2")
    return float(stated)


def _is_p_value(method: str) -> bool:
    known = gives_p_value(method)
    if known is not None:
        return known
    plain = method.lower()
    if _P_VALUE.search(plain):
        return True
    if _DISTANCE.search(plain):
        return False
    raise refused("", f"{shown(method)} doesn't tell a distance from a p-value; send the context 'method', such as psi")


def _by_name(samples: Iterable[Sample], context: Mapping[str, str]) -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = {}
    for each in samples:
        name = label(each.labels.get("__name__")) or context.get("metric", "")
        if not name:
            raise refused("", "the result of this query has no name; send one as the context 'metric'")
        groups.setdefault(name, []).append(each)
    return groups


def _varying(group: list[Sample]) -> list[str]:
    """The labels in which these series differ; of where they were scraped only what nothing else tells."""
    keys = sorted({key for each in group for key in each.labels})
    differ = [key for key in keys if len({each.labels.get(key) for each in group}) > 1]
    return [key for key in differ if key not in _TARGET] or differ
