"""Reports on named things: one for each name, and what two files say of the same one has to agree."""

from collections.abc import Sequence

from phasegate.adapters.fairness import SHAPE as FAIRNESS
from phasegate.adapters.merging.parts import Data, listed, same, unlisted
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import refused

__all__ = ["FAIRNESS", "REGISTRY", "merge_fairness", "merge_registries"]
REGISTRY = "registry-report"


def merge_fairness(parts: Sequence[Data], warnings: Warnings) -> Data:
    """The union of the dimensions. Raises `Invalid` where two files compare the same one."""
    names: set[str] = set()
    for dimension in (dimension for part in parts for dimension in part["dimensions"]):
        if dimension["name"] in names:
            raise refused("", f"two files compare the dimension {shown(dimension['name'])}; send one of them")
        names.add(dimension["name"])
    dimensions, cut = listed(parts, "dimensions", lambda one: one["selection_rate_ratio"], as_written=True)
    groups, groups_cut = listed(
        parts, "groups", lambda group: group["metrics"].get("selection_rate", 0.0), as_written=True
    )
    return {
        "dimensions": dimensions,
        "groups": groups,
        **unlisted(parts, cut + groups_cut),
        "overall": _overall(parts, warnings),
    }


def _overall(parts: Sequence[Data], warnings: Warnings) -> dict[str, float]:
    """Figures of the whole population are the same in each file; one that isn't was taken of something else."""
    result: dict[str, float] = {}
    for name in sorted({name for part in parts for name in part["overall"]}):
        value = same(part["overall"][name] for part in parts if name in part["overall"])
        if value is None:
            warnings.add(f"the files state {shown(name)} of the whole population differently; left out")
        else:
            result[name] = value
    return result


def merge_registries(parts: Sequence[Data], warnings: Warnings) -> Data:
    """The union of the versions of one thing. Raises `Invalid` where the files are about several, or contradict.

    One whole listing among them is enough for the union to be whole; so are all pages of one, of which the last has
    no next page.
    """
    for field in ("kind", "name"):
        if same(part[field] for part in parts) is None:
            told = ", ".join(sorted({shown(part[field]) for part in parts}))
            raise refused("", f"the files are about several registries: {told}; send those of one")
    versions: dict[str, Data] = {}
    for entry in (entry for part in parts for entry in part["entries"]):
        before = versions.get(entry["version"])
        versions[entry["version"]] = entry if before is None else _agreed(before, entry)
    whole = [{"entries": list(versions.values())}]
    entries, cut = listed(whole, "entries", lambda entry: entry["status"] == "ready", as_written=True)
    return {
        "kind": parts[0]["kind"],
        "name": parts[0]["name"],
        "entries": entries,
        **unlisted(parts, cut),
        "aliases": _aliases(parts, warnings),
        "complete": any(part["complete"] for part in parts),
    }


def _agreed(one: Data, other: Data) -> Data:
    """What two answers say of the same version; one may leave out what the other has."""
    result = {**one, **other, "status": one["status"] or other["status"], "tags": {**one["tags"], **other["tags"]}}
    for field in ("status", "updated_at", "materialized_until"):
        said = {part[field] for part in (one, other) if part.get(field)}
        if len(said) > 1:
            raise _contradiction(one["version"], field, said)
        if said:
            result[field] = said.pop()
    for tag in one["tags"].keys() & other["tags"].keys():
        if one["tags"][tag] != other["tags"][tag]:
            raise _contradiction(one["version"], f"tag {tag}", {one["tags"][tag], other["tags"][tag]})
    return result


def _contradiction(version: str, what: str, said: set[str]) -> Exception:
    values = " and ".join(sorted(shown(value) for value in said))
    return refused(
        "", f"the files give version {shown(version)} two values of {shown(what)}: {values}; fetch them together"
    )


def _aliases(parts: Sequence[Data], warnings: Warnings) -> dict[str, str]:
    """What stands for two versions at once is left out: nobody can say which is live."""
    result: dict[str, str] = {}
    for alias in sorted({alias for part in parts for alias in part["aliases"]}):
        version = same(part["aliases"][alias] for part in parts if alias in part["aliases"])
        if version is None:
            warnings.add(f"{shown(alias)} stands for more than one version; left out")
        else:
            result[alias] = version
    return result
