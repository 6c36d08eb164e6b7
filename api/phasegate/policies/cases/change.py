"""What a case does to its base."""

from typing import Any

from msgspec import UNSET

from phasegate.policies.cases.form import Change


def merged(old: Any, new: Any) -> Any:
    """`new` put into `old`: mappings at every depth, lists as a whole; null takes a key out."""
    if not isinstance(new, dict):
        return new
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def changed(body: dict[str, Any], change: Change) -> dict[str, Any]:
    """`body`, which holds one record a type, with a change. What it names must be there."""
    originals = {record["type"]: record for record in body["evidence"]}
    removed = originals if change.remove == "all" else change.remove
    records = {
        kind: merged(merged(record, change.every_record), change.replace.get(kind, {}))
        for kind, record in originals.items()
        if kind not in removed
    }
    return {
        **body,
        "at": body["at"] if change.at is UNSET else change.at,
        "subject": merged(body["subject"], {"attributes": change.attributes}),
        "release": merged(body["release"], change.release),
        "evidence": [*records.values(), *(_added(record, originals) for record in change.add)],
        "signoffs": [*(body["signoffs"] if change.signoffs is UNSET else change.signoffs), *change.add_signoffs],
        "waivers": [*(body["waivers"] if change.waivers is UNSET else change.waivers), *change.add_waivers],
    }


def _added(record: dict[str, Any], originals: dict[str, Any]) -> dict[str, Any]:
    if "like" not in record:
        return record
    own = {key: value for key, value in record.items() if key != "like"}
    added: dict[str, Any] = merged(originals[record["like"]], own)
    return added
