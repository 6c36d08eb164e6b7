"""What a drift detector of Alibi Detect returns from `predict`, as JSON (arrays as lists).

With `drift_type="batch"` the verdict is one and the threshold is corrected for the number of features;
with `"feature"` there is a verdict for each, and the threshold is not corrected.
"""

from typing import Any

from phasegate.adapters.drift_report import SHAPE, Columns
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import label, object_in, refused
from phasegate.engine.facts import Producer

_MOST = 100_000
"""Features; some tenths of a second of work."""


class AlibiDetect:
    """The adapter `alibi-detect`."""

    name = "alibi-detect"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Alibi Detect drift detector, predict() as JSON"
    command = "json.dump(detector.predict(x), file, default=lambda array: array.tolist())"
    fingerprint = "JSON with `data.is_drift` and the name of a detector in `meta`"
    example = Example("alibi-detect.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `drift-report`; features have no names and are called 0, 1 and so on."""
        content = parse_like(raw, _looks, "the answer of a drift detector of Alibi Detect")
        found, meta = content["data"], object_in(content.get("meta"))
        warnings = Warnings()
        columns = Columns(warnings)
        verdict = found["is_drift"]
        whole = None if isinstance(verdict, list) else _drifted(verdict)
        values, distances = _listed(found.get("p_val")), _listed(found.get("distance"))
        if not values and not distances:
            raise refused("", "the answer has neither p-values nor distances; call predict with return_p_val=True")
        verdicts = [_drifted(each) for each in verdict] if isinstance(verdict, list) else []
        lengths = {len(part) for part in (values, distances, verdicts) if part}
        if len(lengths) > 1 or (isinstance(verdict, list) and not verdict):
            raise refused("", "p-values, distances and verdicts are not as many; send the answer as predict gave it")
        features = lengths.pop()
        if features > _MOST:
            raise refused("", f"the answer has {features} features; at most {_MOST:,} are read: compare fewer")
        for n in range(features):
            columns.add(
                str(n),
                label(meta.get("name")),
                value=values[n] if values else distances[n],
                p_value=bool(values),
                threshold=found.get("threshold") if values else found.get("distance_threshold"),
                detected=verdicts[n] if verdicts else whole if len(values or distances) == 1 else None,
                more={"statistic": distances[n]} if values and distances else None,
            )
        if whole and not columns.any_drifted:
            columns.all_drifted()
        columns.dataset_drift = whole
        data = columns.data()
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(
            SHAPE, data, producer=Producer("alibi-detect", label(meta.get("version"))), warnings=warnings.all()
        )


def _looks(content: Any) -> bool:
    data, meta = object_in(object_in(content).get("data")), object_in(object_in(content).get("meta"))
    return "is_drift" in data and meta.get("detector_type", "drift") == "drift" and "name" in meta


def _drifted(value: Any) -> bool:
    """Raises `Invalid` on anything but 0, 1, true and false."""
    if type(value) in (int, float, bool) and value in (0, 1):
        return bool(value)
    raise refused("", "is_drift is neither 0 nor 1; send the answer as predict gave it")


def _listed(value: Any) -> list[Any]:
    """One value of a detector that looks at all features at once is a list of one."""
    return [] if value is None else value if isinstance(value, list) else [value]
