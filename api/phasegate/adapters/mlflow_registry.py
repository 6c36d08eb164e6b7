"""Answers of MLflow's model registry: `model-versions/get`, `model-versions/search`, `registered-models/get`.

Aliases are texts in the first, pairs in the last and absent in a search; up to 2.9 stages were used instead.
"""

from typing import Any

from phasegate.adapters.bounds import MOST, bounded
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.stated import since_epoch_ms
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, list_in, object_in, refused
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339

_ONE, _MODEL, _SEARCH = "model_version", "registered_model", "model_versions"
_STATUS = {"READY": "ready", "PENDING_REGISTRATION": "pending", "FAILED_REGISTRATION": "failed"}
_NO_STAGE = ("", "None", "Archived")


class MlflowRegistry:
    """The adapter `mlflow-registry`."""

    name = "mlflow-registry"
    version = "1.0.0"
    shapes = ("registry-report",)
    title = "MLflow REST answer of model-versions/get, model-versions/search or registered-models/get"
    command = "curl 'https://MLFLOW/api/2.0/mlflow/model-versions/search?filter=name%3D%27MODEL%27'"
    fingerprint = "JSON with `model_version`, `model_versions` or `registered_model`"
    example = Example("mlflow-registry.json")

    def detects(self, raw: bytes) -> bool:
        return _looks(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `registry-report` of one registered model. Only a search without a next page is complete."""
        content = parse_like(raw, _looks, "an answer of MLflow's model registry")
        warnings = Warnings()
        stated = _versions(content)
        if not stated:
            raise refused(
                "", "the answer holds no model version; register one, and send what model-versions/search gives"
            )
        entries, unlisted = bounded((_entry(version, warnings) for version in stated), lambda e: e["status"] != "ready")
        aliases = _aliases(content, stated, warnings)
        data: dict[str, Any] = {
            "kind": "model",
            "name": _name(content, stated),
            "entries": entries,
            "aliases": dict(list(aliases.items())[:MOST]),
            "complete": _SEARCH in content and not content.get("next_page_token"),
        }
        if unlisted:
            data["unlisted"] = unlisted
        if not data["complete"]:
            warnings.add("the answer may not hold every version; model-versions/search without a next page does")
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading("registry-report", data, producer=Producer("mlflow"), warnings=warnings.all())


def _looks(content: Any) -> bool:
    found = object_in(content)
    kinds = ((_ONE, dict), (_MODEL, dict), (_SEARCH, list))
    return sum(isinstance(found.get(key), kind) for key, kind in kinds) == 1


def _versions(content: dict[str, Any]) -> list[dict[str, Any]]:
    stated = content.get(_SEARCH)
    if _ONE in content:
        stated = [content[_ONE]]
    elif _MODEL in content:
        stated = list_in(content[_MODEL].get("latest_versions"))
    for version in list_in(stated):
        if not isinstance(version, dict) or not _number(version):
            raise refused("", "a model version has no number; send MLflow's answer as it is")
    return list_in(stated)


def _number(version: dict[str, Any]) -> str:
    number = version.get("version")
    return str(number) if type(number) is int else label(number)


def _name(content: dict[str, Any], versions: list[dict[str, Any]]) -> str:
    names = {label(found.get("name")) for found in (*versions, *([content[_MODEL]] if _MODEL in content else ()))}
    if len(names) > 1 or "" in names:
        raise refused(
            "", "the answer is about several models or names none; send that of one: search with name='MODEL'"
        )
    return names.pop()


def _entry(version: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    status = _STATUS.get(label(version.get("status")), "")
    if not status:
        warnings.add(f"version {shown(_number(version))} has a status that isn't known here; left empty")
    if version.get("current_stage") == "Archived":
        status = "archived"
    tags = [object_in(tag) for tag in list_in(version.get("tags"))[:MOST]]
    entry: dict[str, Any] = {
        "version": _number(version),
        "status": status,
        "tags": {label(tag["key"]): label(tag.get("value")) for tag in tags if label(tag.get("key"))},
    }
    if updated := since_epoch_ms(version.get("last_updated_timestamp"), or_digits=True):
        entry["updated_at"] = rfc3339(updated)
    return entry


def _aliases(content: dict[str, Any], versions: list[dict[str, Any]], warnings: Warnings) -> dict[str, str]:
    """What stands for which version. What stands for two at once is left out: nobody can say which is live."""
    pairs = [(label(version.get("current_stage")), _number(version)) for version in versions]
    pairs = [(stage, number) for stage, number in pairs if stage not in _NO_STAGE]
    for version in versions:
        pairs += [(label(alias), _number(version)) for alias in list_in(version.get("aliases"))]
    for alias in list_in(object_in(content.get(_MODEL)).get("aliases")):
        found = object_in(alias)
        pairs.append((label(found.get("alias")), _number(found)))
    aliases: dict[str, str] = {}
    doubled = set()
    for name, number in pairs:
        if name and number and aliases.setdefault(name, number) != number:
            doubled.add(name)
    for name in sorted(doubled):
        warnings.add(f"{shown(name)} stands for more than one version; left out")
        del aliases[name]
    return aliases
