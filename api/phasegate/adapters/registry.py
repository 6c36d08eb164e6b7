"""Which formats are read here, and which of them a file is in.

Built-in adapters and those of entry points (group `phasegate.adapters`, each naming an `Adapter`
object) compete on equal terms. A stated format is a hint: it is checked against the file.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from phasegate.adapters.aif360 import Aif360
from phasegate.adapters.alibi_detect import AlibiDetect
from phasegate.adapters.bandit import Bandit
from phasegate.adapters.ctrf import Ctrf
from phasegate.adapters.cyclonedx import Cyclonedx
from phasegate.adapters.cyclonedx_ml import CyclonedxMl
from phasegate.adapters.dbt_run_results import DbtRunResults
from phasegate.adapters.dbt_sources import DbtSources
from phasegate.adapters.deepchecks import Deepchecks
from phasegate.adapters.evidently import Evidently
from phasegate.adapters.fairlearn import Fairlearn
from phasegate.adapters.feast import Feast
from phasegate.adapters.great_expectations import GreatExpectations
from phasegate.adapters.guard import Guarded
from phasegate.adapters.http_health import HttpHealth
from phasegate.adapters.hyperfine import Hyperfine
from phasegate.adapters.interface import Adapter
from phasegate.adapters.jest import Jest
from phasegate.adapters.json_file import parse
from phasegate.adapters.junit import Junit
from phasegate.adapters.k6_summary import K6Summary
from phasegate.adapters.k6_summary_export import K6SummaryExport
from phasegate.adapters.kubernetes import Kubernetes
from phasegate.adapters.locust_json import LocustJson
from phasegate.adapters.locust_stats import LocustStats
from phasegate.adapters.markdown_runbook import MarkdownRunbook
from phasegate.adapters.mlflow_registry import MlflowRegistry
from phasegate.adapters.mlflow_run import MlflowRun
from phasegate.adapters.model_card import ModelCard
from phasegate.adapters.modelscan import Modelscan
from phasegate.adapters.pandera import Pandera
from phasegate.adapters.pip_audit import PipAudit
from phasegate.adapters.prometheus_api_rules import PrometheusApiRules
from phasegate.adapters.prometheus_query import PrometheusQuery
from phasegate.adapters.prometheus_range import PrometheusRange
from phasegate.adapters.prometheus_rules import PrometheusRules
from phasegate.adapters.prometheus_text import PrometheusText
from phasegate.adapters.promtool_test import PromtoolTest
from phasegate.adapters.pytest_json_report import PytestJsonReport
from phasegate.adapters.sarif import Sarif
from phasegate.adapters.shap_summary import ShapSummary
from phasegate.adapters.sklearn_cv import SklearnCv
from phasegate.adapters.sklearn_report import SklearnReport
from phasegate.adapters.tap import Tap
from phasegate.adapters.whylogs_constraints import WhylogsConstraints
from phasegate.adapters.wrk import Wrk
from phasegate.errors import Fault, Invalid, Malformed, nearest

GROUP = "phasegate.adapters"
BUILT_IN: tuple[Adapter, ...] = (
    Junit(),
    Aif360(),
    AlibiDetect(),
    Bandit(),
    Ctrf(),
    Cyclonedx(),
    CyclonedxMl(),
    DbtRunResults(),
    DbtSources(),
    Deepchecks(),
    Evidently(),
    Fairlearn(),
    Feast(),
    GreatExpectations(),
    HttpHealth(),
    Hyperfine(),
    Jest(),
    K6Summary(),
    K6SummaryExport(),
    Kubernetes(),
    LocustJson(),
    LocustStats(),
    MarkdownRunbook(),
    MlflowRegistry(),
    MlflowRun(),
    ModelCard(),
    Modelscan(),
    Pandera(),
    PipAudit(),
    PrometheusApiRules(),
    PrometheusQuery(),
    PrometheusRange(),
    PrometheusRules(),
    PrometheusText(),
    PromtoolTest(),
    PytestJsonReport(),
    Sarif(),
    ShapSummary(),
    SklearnCv(),
    SklearnReport(),
    Tap(),
    WhylogsConstraints(),
    Wrk(),
)
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
"""Starts of gzip, zstd and zip."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class UnusableAdapters(Exception):
    """What is installed can't be used together; the server must not start with it."""


@cache
def adapters() -> Mapping[str, Adapter]:
    """Every adapter by name, loaded once. Raises `UnusableAdapters`."""
    return assemble(BUILT_IN, entry_points(group=GROUP))


def assemble(built_in: Iterable[Adapter], plugged_in: Iterable[EntryPoint]) -> Mapping[str, Adapter]:
    """Both kinds by name. Raises `UnusableAdapters` where one can't be loaded, isn't one, or takes a name twice."""
    found: dict[str, Adapter] = {}
    sources: dict[str, str] = {}
    candidates = [(adapter, "phasegate itself") for adapter in built_in]
    candidates += [(_load(point), _source(point)) for point in plugged_in]
    for adapter, source in candidates:
        if adapter.name in found:
            raise UnusableAdapters(
                f"two adapters are called {adapter.name!r}: of {sources[adapter.name]} and of {source}; "
                "uninstall one of them or rename it"
            )
        found[adapter.name] = adapter
        sources[adapter.name] = source
    return MappingProxyType(found)


def _source(point: EntryPoint) -> str:
    return f"{point.dist.name if point.dist else 'an unknown package'} ({point.value})"


def _load(point: EntryPoint) -> Adapter:
    try:
        adapter = point.load()
        fits = not isinstance(adapter, type) and isinstance(adapter, Adapter)
    except Exception as error:
        raise UnusableAdapters(f"the adapter {point.name!r} of {_source(point)} can't be loaded: {error}") from error
    if not fits:
        raise UnusableAdapters(f"{_source(point)} is no adapter; name an object with {_members()} in its entry point")
    if not isinstance(adapter.name, str) or not _NAME.fullmatch(adapter.name):
        raise UnusableAdapters(f"{_source(point)} has the name {adapter.name!r}; a format's is like 'my-tool-json'")
    if isinstance(adapter.shapes, str) or not adapter.shapes:
        raise UnusableAdapters(f"{_source(point)} names no shape that it gives; `shapes` is a tuple of names")
    return Guarded(adapter, _source(point))


def _members() -> str:
    return ", ".join(("name", "version", "shapes", "title", "detects", "read"))


def choose(raw: bytes, stated_format: str | None, shape: str, *, among: Mapping[str, Adapter] | None = None) -> Adapter:
    """The adapter that reads `raw` into `shape`. Raises `Invalid` where that isn't exactly one.

    `among` is what competes (a policy's mappings too); default: `adapters()`.
    """
    known = adapters() if among is None else among
    fitting = sorted(name for name, adapter in known.items() if shape in adapter.shapes)
    if stated_format is None:
        return _detected(raw, shape, known, fitting)
    adapter = known.get(stated_format)
    if adapter is None:
        raise _invalid(f"there is no format {stated_format!r}; known: {_listed(known)}", nearest(stated_format, known))
    if stated_format not in fitting:
        raise _invalid(f"{stated_format!r} gives {_listed(adapter.shapes)}, not {shape!r}; {_fit(shape, fitting)}")
    if not _matches(adapter, raw):
        others = _matching(raw, known)
        seen = f"it looks like {_listed(others)}" if others else f"it {_unlike(raw)}"
        raise _invalid(f"the file is not {stated_format!r} ({adapter.title}); {seen}")
    return adapter


def _detected(raw: bytes, shape: str, known: Mapping[str, Adapter], fitting: list[str]) -> Adapter:
    matching = _matching(raw, known)
    # A format of another shape would be refused anyway, so it makes nothing ambiguous.
    candidates = [name for name in matching if name in fitting]
    if len(candidates) == 1:
        return known[candidates[0]]
    if candidates:
        raise _invalid(f"the file could be {_listed(candidates)}; say which with format=")
    if matching:
        raise _invalid(f"the file looks like {_listed(matching)}, which doesn't give {shape!r}; {_fit(shape, fitting)}")
    raise _invalid(f"the file {_unlike(raw)}; {_fit(shape, fitting)}")


def _unlike(raw: bytes) -> str:
    """What is to be said of a file that is like none."""
    if not raw.strip():
        return "is empty: the tool wrote nothing"
    if raw.startswith(_COMPRESSED):
        return "is compressed: send what is in it, or name the Content-Encoding of the body"
    if raw.lstrip()[:1] in (b"{", b"["):
        try:
            parse(raw)
        except Malformed as error:
            return f"is no JSON that is read here: {error.detail}"
    return "is in no format known here"


def _matching(raw: bytes, known: Mapping[str, Adapter]) -> list[str]:
    return sorted(name for name, adapter in known.items() if _matches(adapter, raw))


def _matches(adapter: Adapter, raw: bytes) -> bool:
    try:
        return adapter.detects(raw)
    except Exception:  # one at fault matches nothing, and hinders no other format
        return False


def _fit(shape: str, fitting: list[str]) -> str:
    if not fitting:
        return f"no format gives {shape!r}: send the JSON envelope"
    return f"formats that give {shape!r}: {_listed(fitting)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _invalid(message: str, suggestion: str | None = None) -> Invalid:
    return Invalid(message, faults=(Fault("format", message, suggestion=suggestion),))
