"""The shape `drift-report`, which several formats give."""

from typing import Any

from phasegate.adapters.bounds import bounded
from phasegate.adapters.text import Warnings, clean, shown
from phasegate.adapters.typed import finite, refused, whole

SHAPE = "drift-report"
_P_VALUES = (
    *("anderson", "chisquare", "cramer_von_mises", "es", "fisher_exact", "g_test", "ks", "mannw", "t_test", "tvd", "z"),
    *("anderson-darling", "cramer-von mises", "epps-singleton", "fisher's exact test", "mann-whitney u-rank test"),
    *("total-variation-distance", "empirical_mmd"),
)
_DISTANCES = (
    *("ed", "hellinger", "jensenshannon", "kl_div", "psi", "wasserstein"),
    *("energy-distance", "hellinger distance", "jensen-shannon distance", "kullback-leibler divergence"),
    "wasserstein distance (normed)",
)
"""Names and titles in Evidently's sources."""


def gives_p_value(method: str) -> bool | None:
    """Whether a test of that name gives a p-value, not a distance; None where the name is unknown."""
    plain = method.strip().lower()
    if "p_value" in plain or plain in _P_VALUES:
        return True
    return False if plain in _DISTANCES else None


class Columns:
    """Compared columns as they are met, and what the file says of all of them."""

    def __init__(self, warnings: Warnings) -> None:
        self._warnings = warnings
        self._columns: list[dict[str, Any]] = []
        self._drifted: dict[str, bool] = {}
        self._stated: list[tuple[int, int]] = []
        self.dataset_drift: bool | None = None
        """The tool's own verdict."""

    def add(
        self,
        name: str,
        method: str,
        *,
        value: Any = None,
        p_value: bool | None,
        threshold: Any,
        detected: bool | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """One column. `p_value`: what `value` is, None if unknown; `detected`: the tool's verdict, if it gives one.

        It drifted where value and threshold say so or the tool does, and where nothing says that it didn't.
        """
        number, limit = finite(value), finite(threshold)
        if number is not None and limit is not None and p_value is not None:
            computed = number < limit if p_value else number >= limit
            if detected is not None and detected != computed:
                self._warnings.add(
                    f"column {shown(name)}: the tool's verdict is not what its figures say; the worse counts"
                )
            drifted = computed or bool(detected)
        elif detected is not None and (value is None or number is not None):
            drifted = detected
        else:
            self._warnings.add(f"column {shown(name)}: nothing shows that it didn't drift; counted as drifted")
            drifted = True
        column: dict[str, Any] = {"name": clean(name)[:500], "drifted": drifted, "method": clean(method)[:200]}
        if number is not None:
            column["p_value" if p_value else "statistic"] = number
        if limit is not None:
            column["threshold"] = limit
        column |= {key: found for key, each in (more or {}).items() if (found := finite(each)) is not None}
        self._columns.append(column)
        self._drifted[name] = self._drifted.get(name, False) or drifted

    def all_drifted(self) -> None:
        """The tool found drift, and its columns don't show where."""
        self._warnings.add("the tool found drift, yet none of its columns shows it; all are counted as drifted")
        for column in self._columns:
            column["drifted"] = True
        self._drifted = dict.fromkeys(self._drifted, True)

    @property
    def any_drifted(self) -> bool:
        return any(self._drifted.values())

    def __len__(self) -> int:
        return len(self._columns)

    def state(self, drifted: Any, total: Any) -> None:
        """What the file counts. Raises `Invalid` where it is no count."""
        few, many = whole(drifted), whole(total)
        if few is None or many is None or few > many:
            raise refused("", "the file's count of drifted columns is no count of them; send it as the tool wrote it")
        if many:
            self._stated.append((few, many))

    def data(self) -> dict[str, Any]:
        """The fields of the shape; of different counts the worst. Raises `Invalid` where nothing was compared."""
        counts = [(sum(self._drifted.values()), len(self._drifted))] if self._drifted else []
        counts += self._stated
        if not counts:
            raise refused("", "the file compares no column; run the comparison with some and send it again")
        if len(set(counts)) > 1:
            self._warnings.add("the file counts drifted columns in several ways; the worst counts")
        listed, _ = bounded(self._columns, lambda column: column["drifted"])
        data: dict[str, Any] = {
            "columns": listed,
            "column_count": max(many for _, many in counts),
            "drifted_count": max(few for few, _ in counts),
            "drift_share": max(few / many for few, many in counts),
        }
        if self.dataset_drift is not None:
            data["dataset_drift"] = self.dataset_drift
        return data
