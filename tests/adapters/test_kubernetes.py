"""Kubernetes manifests: containers of every kind of workload, quantities, autoscalers."""

import json
from decimal import Decimal
from typing import Any

import pytest

from phasegate.adapters.interface import Reading
from phasegate.adapters.kubernetes import Kubernetes
from phasegate.adapters.quantity import quantity
from phasegate.errors import Invalid, Malformed
from tests.adapters.samples import HINTS, expected, read, sample


def of_sample(name: str) -> tuple[Reading, dict[str, Any]]:
    path = f"kubernetes/{name}.yaml"
    return read(Kubernetes(), sample(path)), expected(path)


def workload(kind: str = "Deployment", *, container: Any = None, **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "c", "image": "i:1"} | (container or {})]}
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": "w"},
        "spec": {"template": {"spec": pod}} | spec,
    }


def as_json(manifest: Any) -> Reading:
    return read(Kubernetes(), json.dumps(manifest))


class TestSamples:
    def test_one_that_is_wanting(self) -> None:
        reading, want = of_sample("deployment_fail")
        containers = reading.data["containers"]
        main = [one for one in containers if not one["init"]]
        assert (len(main), len(containers) - len(main)) == (want["containers"], want["init_containers"])
        missing = {one["name"] for one in containers if "memory_limit_bytes" not in one}
        assert missing == set(want["containers_missing_memory_limit"])
        assert any(one["readiness"] for one in containers) == want["has_readiness"]
        assert (reading.data["autoscalers"], want["hpa"]) == ([], "absent")
        assert sum(not one["image_pinned"] for one in containers) == want["images_latest"]
        assert reading.warnings == ()

    def test_one_that_is_whole(self) -> None:
        reading, want = of_sample("deployment_hpa_pass")
        (container,) = reading.data["containers"]
        assert want["containers"] == 1
        assert ("memory_limit_bytes" not in container) + ("cpu_limit_millicores" not in container) == (
            want["containers_missing_limits"]
        )
        assert (container["readiness"], container["liveness"]) == (want["has_readiness"], want["has_liveness"])
        for key in ("memory_limit_bytes", "cpu_limit_millicores", "image_pinned"):
            assert container[key] == want[key]
        assert (container["cpu_request_millicores"], container["memory_request_bytes"]) == (250, 268_435_456)
        assert reading.data["autoscalers"] == [
            {"target": container["workload"], "min": want["hpa"]["min"], "max": want["hpa"]["max"], "metrics": ["cpu"]}
        ]

    def test_an_autoscaler_that_cannot_scale(self) -> None:
        reading, want = of_sample("hpa_no_headroom")
        (one,) = reading.data["autoscalers"]
        assert (one["min"], one["max"]) == (want["hpa"]["min"], want["hpa"]["max"])
        assert (one["max"] > one["min"]) == want["can_scale"]
        assert (one["target"], one["metrics"], reading.data["containers"]) == ("churn-scorer", ["cpu"], [])


class TestQuantities:
    @pytest.mark.parametrize(
        ("value", "millicores"),
        [
            ("250m", 250),
            ("1", 1000),
            (2, 2000),
            (0.5, 500),
            ("1.5", 1500),
            ("0.1m", 1),
            ("1500u", 2),
            ("1k", 1_000_000),
        ],
    )
    def test_of_cpu(self, value: Any, millicores: int) -> None:
        assert quantity(value, Decimal("1e-3")) == millicores

    @pytest.mark.parametrize(
        ("value", "bytes_"),
        [
            ("512Mi", 2**29),
            ("1Gi", 2**30),
            ("1G", 10**9),
            ("129e6", 129 * 10**6),
            ("64k", 64_000),
            ("1Ki", 1024),
            (7, 7),
        ],
    )
    def test_of_memory(self, value: Any, bytes_: int) -> None:
        assert quantity(value, Decimal(1)) == bytes_

    @pytest.mark.parametrize(
        "value", ["", "1 Gi", "-1", "1K", "1KiB", "1e3Mi", "Gi", "1..2", "٢", "16Ei", "1e99", True, None, [], -2, 1e300]
    )
    def test_none(self, value: Any) -> None:
        assert quantity(value, Decimal(1)) is None

    @pytest.mark.parametrize("value", ["much", True, -1, [], {}, "-5Mi"])
    def test_none_in_a_manifest_is_refused(self, value: Any) -> None:
        with pytest.raises(Invalid, match=r"document 1\.containers\[0\]\.resources\.limits\.memory is no quantity"):
            as_json(workload(container={"resources": {"limits": {"memory": value}}}))

    def test_a_limit_of_nothing_is_no_limit(self) -> None:
        reading = as_json(
            workload(container={"resources": {"limits": {"memory": 0, "cpu": "0"}, "requests": {"cpu": 0}}})
        )
        container = reading.data["containers"][0]
        assert not container.keys() & {"memory_limit_bytes", "cpu_limit_millicores"}
        assert container["cpu_request_millicores"] == 0
        assert "limits nothing" in reading.warnings[0]


class TestWorkloads:
    @pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "Job", "Rollout"])
    def test_each_kind_with_a_template(self, kind: str) -> None:
        assert [one["workload"] for one in as_json(workload(kind)).data["containers"]] == ["w"]

    def test_a_cron_job_and_a_pod(self) -> None:
        job = workload("CronJob") | {"spec": {"jobTemplate": {"spec": workload()["spec"]}}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}}
        assert (
            as_json({"apiVersion": "v1", "kind": "List", "items": [job, pod]}).data["containers"][1]["workload"] == "p"
        )
        assert len(as_json(job).data["containers"]) == 1

    def test_init_and_side_containers_are_among_them(self) -> None:
        pod = {"initContainers": [{"name": "i"}], "containers": [{"name": "c"}], "ephemeralContainers": [{"name": "e"}]}
        manifest = workload() | {"spec": {"template": {"spec": pod}}}
        assert [(one["name"], one["init"]) for one in as_json(manifest).data["containers"]] == [
            ("i", True),
            ("c", False),
            ("e", False),
        ]

    @pytest.mark.parametrize(
        ("image", "pinned"),
        [
            ("a:1", True),
            ("host:5000/a:1", True),
            (f"a@sha256:{'0' * 64}", True),
            (f"host:5000/a:latest@sha256:{'0' * 64}", True),
            ("a", False),
            ("host:5000/a", False),
            ("a:latest", False),
            ("a:Latest", False),
            ("a:${TAG}", False),
            ("a:{{ tag }}", False),
            ("a@sha256:0", False),
            ("a:", False),
            ("", False),
            (None, False),
            (5, False),
        ],
    )
    def test_images(self, image: Any, pinned: bool) -> None:
        assert as_json(workload(container={"image": image})).data["containers"][0]["image_pinned"] is pinned

    @pytest.mark.parametrize("probe", [{}, None])
    def test_an_empty_probe_is_none(self, probe: Any) -> None:
        assert as_json(workload(container={"readinessProbe": probe})).data["containers"][0]["readiness"] is False

    def test_other_kinds_declare_nothing(self) -> None:
        reading = as_json({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": []}})
        assert (reading.data["containers"], reading.data["autoscalers"]) == ([], [])
        assert "declare no container" in reading.warnings[0]

    def test_several_documents_and_empty_ones(self) -> None:
        text = "\n---\n".join(
            ["---", "# only a comment", json.dumps(workload(), indent=1), "apiVersion: v1\nkind: X\n"]
        )
        assert len(read(Kubernetes(), text).data["containers"]) == 1

    def test_a_thousand_are_listed_the_worst_first(self) -> None:
        good = {"name": "c", "resources": {"limits": {"memory": "1Gi", "cpu": 1}}}
        pod = {"containers": [*[good] * 1_200, {"name": "bad"}]}
        data = as_json(workload() | {"spec": {"template": {"spec": pod}}}).data
        assert (data["containers"][0]["name"], len(data["containers"]), data["unlisted"]) == ("bad", 1_000, 201)


class TestAutoscalers:
    def one(self, **spec: Any) -> Reading:
        head = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}}
        return as_json({**head, "spec": {"scaleTargetRef": {"name": "w"}, "minReplicas": 1, "maxReplicas": 2} | spec})

    def test_no_least_number_is_one_and_told(self) -> None:
        reading = self.one(minReplicas=None)
        assert reading.data["autoscalers"][0]["min"] == 1
        assert "states no minReplicas" in reading.warnings[0]

    def test_metrics_by_name(self) -> None:
        metrics = [
            {"type": "Resource", "resource": {"name": "memory"}},
            {"type": "ContainerResource", "containerResource": {"name": "cpu"}},
            {"type": "Pods", "pods": {"metric": {"name": "rps"}}},
            {"type": "External", "external": {}},
            {},
        ]
        assert self.one(metrics=metrics).data["autoscalers"][0]["metrics"] == [
            "memory",
            "cpu",
            "rps",
            "External",
            "(unnamed)",
        ]

    @pytest.mark.parametrize(
        "spec", [{"maxReplicas": None}, {"maxReplicas": "9"}, {"minReplicas": -1}, {"metrics": {}}]
    )
    def test_another_structure_is_refused(self, spec: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            self.one(**spec)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: X\nkind: Y",
        "apiVersion: v1\nkind: &a X\nb: *a",
        "apiVersion: v1\nkind: !!str X",
        "apiVersion: v1\nkind: 5",
        "apiVersion: v1\nkind: X\nspec: []",
        "apiVersion: v1\nkind: X\n---\n- 1",
        "apiVersion: v1\nkind: Pod\nspec: {containers: {}}",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [c]}",
        "apiVersion: v1\nkind: Deployment\nspec: {template: {spec: {containers: []}}}",
        "apiVersion: v1\nkind: Pod\nspec: {}",
        "apiVersion: v1\nkind: CronJob\nspec: {template: {spec: {}}}",
        "apiVersion: v1\nkind: X\na: " + "{a: " * 50_000,
        "apiVersion: v1\nkind: X\na: [" + "1," * 60_000 + "]",
        '{"apiVersion": "v1", "kind": "Pod", "kind": "List"}',
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises((Invalid, Malformed)):
        Kubernetes().read(text.encode(), HINTS)
