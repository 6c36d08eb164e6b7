"""Kubernetes manifests, YAML or JSON: what is declared of containers and autoscalers."""

import re
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.quantity import quantity
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import count, label, listed, mapping, refused, text, within, words
from phasegate.adapters.yaml_file import decoded, documents

SHAPE = "workload-spec"
MAX_ENTRIES = 1_000
_KEYS = (re.compile(rb"^apiVersion:", re.M), re.compile(rb"^kind:", re.M))
_RESOURCES = (("cpu", "millicores", Decimal("1e-3")), ("memory", "bytes", Decimal(1)))
_LEVELS = (("requests", "request"), ("limits", "limit"))
_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[^:@\s]+(?::[0-9]+/[^:@\s]+)?:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})")
"""Behind the name, which may begin with a host and its port."""
_WORKLOADS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob")
_WORST_FIRST = ("memory_limit_bytes", "cpu_limit_millicores", "cpu_request_millicores")


class Kubernetes:
    """The adapter `kubernetes`."""

    name = "kubernetes"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Kubernetes manifests (YAML of one or several documents, or JSON)"
    command = "kubectl get deployment,hpa -o yaml, or the manifests that are applied"
    fingerprint = "YAML or JSON with `apiVersion` and `kind`"
    example = Example("kubernetes.yaml")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        if content is not None:
            return isinstance(content, dict) and {"apiVersion", "kind"} <= content.keys()
        return all(key.search(raw) for key in _KEYS)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `workload-spec`: every container of anything with a pod in it, and every autoscaler."""
        warnings = Warnings()
        found = [parse(raw)] if raw.lstrip()[:1] == b"{" else documents(decoded(raw))
        if not any(found):
            raise refused("", "the file holds no manifest; send what is applied to the cluster")
        containers: list[dict[str, Any]] = []
        autoscalers: list[dict[str, Any]] = []
        for path, manifest in _manifests(found):
            kind = text(manifest.get("kind"), f"{path}.kind")
            name = label(within(manifest, "metadata", path).get("name"))
            spec = within(manifest, "spec", path)
            if kind == "HorizontalPodAutoscaler":
                autoscalers.append(_autoscaler(spec, f"{path}.spec", warnings))
            elif (pod := _pod(kind, spec, f"{path}.spec")) is not None:
                containers += _containers(pod, name, path, warnings)
        if not containers and not autoscalers:
            warnings.add("the manifests declare no container and no autoscaler")
        containers_left, autoscalers_left = (max(0, len(each) - MAX_ENTRIES) for each in (containers, autoscalers))
        if containers_left:
            containers.sort(key=how_good)
        if autoscalers_left:
            autoscalers.sort(key=lambda one: one["max"] > one["min"])
        data: dict[str, Any] = {"containers": containers[:MAX_ENTRIES], "autoscalers": autoscalers[:MAX_ENTRIES]}
        if containers_left + autoscalers_left:
            data["unlisted"] = containers_left + autoscalers_left
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _manifests(found: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its path; a List is what it lists."""
    waiting = deque((f"document {n}", each) for n, each in enumerate(found, 1))
    while waiting:
        path, each = waiting.popleft()
        manifest = mapping(each, path)
        if isinstance(manifest.get("items"), list) and words(manifest.get("kind")).endswith("List"):
            waiting += [(f"{path}.items[{n}]", item) for n, item in enumerate(manifest["items"])]
        else:
            yield path, manifest


def _pod(kind: str, spec: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The spec of the pods that a manifest makes, whatever its kind; None where it makes none."""
    if "jobTemplate" in spec:
        spec = within(within(spec, "jobTemplate", path), "spec", f"{path}.jobTemplate")
    template = {"spec": spec} if kind == "Pod" else spec.get("template")
    inner = template.get("spec") if isinstance(template, dict) else None
    if isinstance(inner, dict) and inner.get("containers"):
        return inner
    if kind in _WORKLOADS:
        raise refused(path, f"is that of a {kind}, yet has no containers")
    return None


def how_good(container: dict[str, Any]) -> tuple[bool, ...]:
    """A key to sort by: what lacks most comes first."""
    return (*(key in container for key in _WORST_FIRST), container["image_pinned"], container["readiness"])


def _containers(pod: dict[str, Any], workload: str, path: str, warnings: Warnings) -> Iterator[dict[str, Any]]:
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for n, each in enumerate(listed(pod, key, path)):
            inside = f"{path}.{key}[{n}]"
            image = words(each.get("image"))
            container = {
                "workload": workload,
                "name": label(each.get("name")),
                "init": key == "initContainers",
                "image": label(image),
                "image_pinned": _is_pinned(image),
                "readiness": bool(within(each, "readinessProbe", inside)),
                "liveness": bool(within(each, "livenessProbe", inside)),
            }
            yield container | _amounts(within(each, "resources", inside), f"{inside}.resources", warnings)


def _amounts(resources: dict[str, Any], path: str, warnings: Warnings) -> dict[str, int]:
    result = {}
    for level, short in _LEVELS:
        stated = within(resources, level, path)
        for resource, unit, size in _RESOURCES:
            value = stated.get(resource)
            if value is None:
                continue
            amount = quantity(value, size)
            if amount is None:
                raise refused(f"{path}.{level}.{resource}", f"is no quantity: {shown(str(value))}")
            if amount == 0 and level == "limits":
                warnings.add(f"{path}.{level}.{resource} is 0, which limits nothing; left out")
                continue
            result[f"{resource}_{short}_{unit}"] = amount
    return result


def _is_pinned(image: str) -> bool:
    """By digest, or by a tag other than `latest`. An image with a variable in it is not known yet."""
    if _DIGEST.fullmatch(image):
        return True
    found = _TAG.fullmatch(image)
    return found is not None and found[1].lower() != "latest"


def _autoscaler(spec: dict[str, Any], path: str, warnings: Warnings) -> dict[str, Any]:
    target = label(within(spec, "scaleTargetRef", path).get("name"))
    least = spec.get("minReplicas")
    if least is None:
        warnings.add(f"the autoscaler of {shown(target)} states no minReplicas; Kubernetes takes 1")
        least = 1
    metrics = [_metric(each, f"{path}.metrics[{n}]") for n, each in enumerate(listed(spec, "metrics", path))]
    if spec.get("targetCPUUtilizationPercentage") is not None:  # autoscaling/v1
        metrics.append("cpu")
    return {
        "target": target,
        "min": count(least, f"{path}.minReplicas"),
        "max": count(spec.get("maxReplicas"), f"{path}.maxReplicas"),
        "metrics": metrics[:MAX_ENTRIES],
    }


def _metric(each: dict[str, Any], path: str) -> str:
    """`cpu` of a resource, the name of any other metric, else its type."""
    kind = words(each.get("type"))
    source = within(each, kind[:1].lower() + kind[1:], path) if kind else {}
    named = within(source, "metric", path)
    return label(words(source.get("name")) or words(named.get("name")) or kind) or "(unnamed)"
