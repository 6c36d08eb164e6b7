"""CycloneDX JSON: what an SBOM or ML-BOM lists, and the vulnerabilities that were found in it."""

from typing import Any

from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse_like
from phasegate.adapters.scan_report import SEVERITIES, SHAPE, Scan
from phasegate.adapters.text import shown
from phasegate.adapters.typed import finite, label, listed, moment, within, words
from phasegate.engine.facts import Producer

_SEVERITIES = {**{severity: severity for severity in SEVERITIES}, "none": "info"}
_SCORES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"))
_SETTLED = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")
"""What an analysis may say so that a vulnerability is none here."""
_MODEL = "machine-learning-model"


class Cyclonedx:
    """The adapter `cyclonedx`."""

    name = "cyclonedx"
    version = "1.1.0"
    shapes = (SHAPE,)
    title = "CycloneDX JSON (SBOM or ML-BOM, with or without vulnerabilities)"
    command = "cyclonedx-py environment .venv --of JSON -o sbom.json"
    fingerprint = "JSON whose `bomFormat` is CycloneDX"
    example = Example("cyclonedx.json")

    def detects(self, raw: bytes) -> bool:
        return is_cyclonedx(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `scan-report`. Without a vulnerability in it the file is an inventory: some tools write an empty
        list of them without having looked for any.
        """
        content = parse_like(raw, is_cyclonedx, "CycloneDX JSON")
        scan = Scan()
        scan.components = _components(content)
        vulnerabilities = listed(content, "vulnerabilities")
        for n, each in enumerate(vulnerabilities):
            _vulnerability(each, f"vulnerabilities[{n}]", scan)
        scan.runs = 1 if vulnerabilities else 0
        _compare_models(content, hints, scan)
        if not vulnerabilities:
            scan.warnings.add("the file names no vulnerability, so it is an inventory and no analysis")
        metadata = within(content, "metadata")
        return scan.reading(producer(metadata), hints, moment(metadata.get("timestamp"), scan.warnings))


def is_cyclonedx(content: Any) -> bool:
    """Whether it is a CycloneDX document of any kind."""
    return isinstance(content, dict) and content.get("bomFormat") == "CycloneDX"


def _components(content: dict[str, Any]) -> int:
    """All of them, those inside others too."""
    waiting = [("", content)]
    total = -1  # the file itself is none
    while waiting:
        path, holder = waiting.pop()
        total += 1
        inside = f"{path}.components".removeprefix(".")
        waiting += [(f"{inside}[{n}]", each) for n, each in enumerate(listed(holder, "components", path))]
    return total


def _compare_models(content: dict[str, Any], hints: Hints, scan: Scan) -> None:
    """An analysis of models none of which is an artifact of the release is one of something else."""
    main = within(within(content, "metadata"), "component", "metadata")
    models = [one for one in (main, *listed(content, "components")) if one.get("type") == _MODEL]
    hashes = [one for model in models for one in listed(model, "hashes", "components")]
    named = {words(one.get("content")).lower() for one in hashes if one.get("alg") == "SHA-256"}
    if named and hints.artifacts and not named & set(hints.artifacts):
        scan.warnings.add(
            f"the file names the model sha256 {shown(min(named))}, which is none of the release's artifacts"
        )
        scan.errors += scan.runs


def _vulnerability(each: dict[str, Any], path: str, scan: Scan) -> None:
    state = within(each, "analysis", path).get("state")
    if state in _SETTLED:
        scan.warnings.add(f"vulnerabilities whose analysis says {shown(str(state))} are not counted")
        return
    severities = [_severity(rating, scan) for rating in listed(each, "ratings", path)]
    affects = [words(one.get("ref")) for one in listed(each, "affects", path)]
    scan.add(
        words(each.get("id")) or "(unnamed)",
        min(severities, key=SEVERITIES.index, default="high"),
        words(each.get("description")) or words(each.get("detail")),
        ", ".join(affects[:10]),
    )


def _severity(rating: dict[str, Any], scan: Scan) -> str:
    """The stated one, or that of the score where it is worse; high where neither is stated."""
    word, score = rating.get("severity"), finite(rating.get("score"))
    found = [_SEVERITIES[word]] if isinstance(word, str) and word in _SEVERITIES else []
    if score is not None:
        found.append(next((severity for limit, severity in _SCORES if score >= limit), "low"))
    if not found:
        scan.warnings.add(f"the severity {shown(str(word))} is none; counted as high")
        return "high"
    return min(found, key=SEVERITIES.index)


def producer(metadata: dict[str, Any]) -> Producer:
    """The first of the tools, which 1.5 and later put among `components`."""
    tools = metadata.get("tools")
    if isinstance(tools, dict):
        tools = tools.get("components")
    first = tools[0] if isinstance(tools, list) and tools and isinstance(tools[0], dict) else {}
    return Producer(label(first.get("name")), label(first.get("version")))
