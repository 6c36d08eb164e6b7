"""The text that an exporter shows at `/metrics` (Prometheus text exposition format 0.0.4)."""

import re
from datetime import datetime

from phasegate.adapters import check_report
from phasegate.adapters.check_report import Checks
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.prometheus_sample import METRICS, Sample, metrics_data, number_in
from phasegate.adapters.stated import since_epoch
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.text_file import lines
from phasegate.adapters.typed import amount, label, refused
from phasegate.engine.facts import Producer
from phasegate.errors import Malformed

FRESHNESS = "data_freshness_seconds"
LIMIT = "limit_s"
_HEAD = re.compile(rb"\s*# (?:HELP [a-zA-Z_:]|TYPE [a-zA-Z_:][a-zA-Z0-9_:]{0,300} [a-z]{1,20}\s)")
_MOST_BYTES = 2_097_152
_MOST_LINES = 20_000
_LONGEST_LINE = 2_048
"""Characters; quotes in a line take time by the square of their number."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SAMPLE = re.compile(r'[^\s{}"]*(?:\{[^{}"]*\}[ \t]*|[ \t]+)[^\s{}"]+(?:[ \t]+-?[0-9]{1,18})?[ \t]*')
"""Without what is in quotes."""
_FIGURES = ("gauge", "counter", "unknown")


class PrometheusText:
    """The adapter `prometheus-text`."""

    name = "prometheus-text"
    version = "1.0.0"
    shapes = (METRICS, check_report.SHAPE)
    title = "Prometheus text exposition (curl URL/metrics)"
    command = "curl https://HOST/metrics"
    fingerprint = "text that begins with `# HELP` or `# TYPE`"
    example = Example("prometheus-text.prom", context={"limit_s": "7200"}, shape="data-quality-report")

    def detects(self, raw: bytes) -> bool:
        return _HEAD.match(raw) is not None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """Gauges and counters as a `metrics-report`; or `data_freshness_seconds` by source as a `data-quality-report`,
        with the limit that the context `limit_s`, or `limit_s.SOURCE` for one source, states in seconds.

        The time is that of the oldest sample where all state one.
        """
        samples, at = _samples(raw)
        warnings = Warnings()
        if hints.shape == check_report.SHAPE:
            checks = Checks()
            for each in samples.get(FRESHNESS, ()):
                _age(each, hints, checks)
            return checks.reading(Producer(), hints, at)
        every = [each for group in samples.values() for each in group]
        if not every:
            raise refused("", "the text holds no gauge and no counter, so no figure; send one that does")
        data = metrics_data(every, hints.context, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(METRICS, data, at, warnings=warnings.all())


def _age(sample: Sample, hints: Hints, checks: Checks) -> None:
    told = (value for key, value in sample.labels.items() if key != "__name__")
    source = label(sample.labels.get("source")) or label("_".join(told)) or FRESHNESS
    key = f"{LIMIT}.{source}" if f"{LIMIT}.{source}" in hints.context else LIMIT
    limit = number_in(hints.context, key, "how old a source may be, in seconds")
    age = amount(sample.value)
    if age is None:
        checks.warnings.add(f"the age of source {shown(source)} is no number from 0 on; counted as an error")
    checks.add(source, "error" if age is None else "pass" if age <= limit else "fail", age_s=age, limit_s=limit)


def _samples(raw: bytes) -> tuple[dict[str, list[Sample]], datetime | None]:
    """Those that are one figure each, by family; and the time of the oldest. Raises `Malformed` and `Invalid`."""
    from prometheus_client.parser import text_string_to_metric_families  # few submissions need it

    text = lines(raw)
    if not _HEAD.match(raw):
        raise refused("", "the text doesn't begin with # HELP or # TYPE; send what the exporter shows at /metrics")
    if len(raw) > _MOST_BYTES or len(text) > _MOST_LINES:
        told = f"the text has more than {_MOST_BYTES:,} bytes or {_MOST_LINES:,} lines"
        raise refused("", f"{told}; send the families that are meant")
    for line in text:
        _check(line)
    found: dict[str, list[Sample]] = {}
    times: list[float | None] = []
    seen: set[tuple[str, ...]] = set()
    try:
        for family in text_string_to_metric_families("\n".join([*text, ""])):
            for each in family.samples:
                key = (each.name, *(part for pair in sorted(each.labels.items()) for part in pair))
                if key in seen:
                    raise refused("", f"the series {shown(each.name)} stands there twice with the same labels")
                seen.add(key)
                if family.type in _FIGURES:
                    found.setdefault(each.name, []).append(Sample({**each.labels, "__name__": each.name}, each.value))
                    times.append(None if each.timestamp is None else float(each.timestamp))
    except ValueError:
        raise Malformed("a line of the text can't be read; send it as the exporter shows it") from None
    known = [at for at in times if at is not None]
    return found, since_epoch(min(known)) if known and len(known) == len(times) else None


def _check(line: str) -> None:
    """That it is one sample and no more: the library reads over what stands behind one."""
    if len(line) > _LONGEST_LINE:
        raise refused("", f"a line has more than {_LONGEST_LINE:,} characters; send the families that are meant")
    if not line.strip() or line.lstrip().startswith("#"):
        return
    if not _SAMPLE.fullmatch(_QUOTED.sub("", line)):
        raise Malformed(f"{shown(line)} is no sample; send the text as the exporter shows it")
