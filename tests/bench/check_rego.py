"""By hand: does checklist.rego say what the checklist says? `python -m tests.bench.check_rego`

On GREEN every criterion passes; each of the 181 checks is then seen false once, by a change to GREEN that turns its
criterion and says its number; and each status but `pass` is seen for its own cause.
"""

import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.bench.opa import Opa

HERE = Path(__file__).parent
LATE = "2027-03-04T23:00:00Z"

# Criterion, then one line for each check in order: what makes it false. `clean TYPE` stands for the three of a test
# report. A change is TYPE PATH=JSON (PATH from the record; c. and d. are its context and data), or PATH! to delete;
# `.` in place of TYPE changes the request itself. Several changes are parted by ` ; `.
NEGATIVE = """
holdout-performance
  holdout-evaluation c.split="validation"
  success-criteria received_at="LATE"
  holdout-evaluation c.dataset="another"
  holdout-evaluation d.status="failed"
  holdout-evaluation d.rows=99
  success-criteria d.minimum={} ; success-criteria d.maximum={}
  holdout-evaluation d.conditions=[{"name": "Train Test Performance", "passed": false}]
  holdout-evaluation d.metrics.log_loss!
  holdout-evaluation d.metrics.roc_auc=0.89
  holdout-evaluation d.metrics.log_loss=0.31
temporal-validation
  temporal-evaluation d.temporal_folds=2
  temporal-evaluation d.folds=[{"train_end": "2027-01-31T00:00:00Z", "test_start": "2027-01-15T00:00:00Z"}]
  temporal-evaluation d.gap=0.021
  temporal-evaluation d.temporal_mean=0.89
  success-criteria received_at="LATE"
  explanation d.top1_share=0.51
  temporal-evaluation d.leakage_suspects=["closed_at"]
edge-cases
  clean edge-case-tests
  edge-case-tests d.passed=9
  edge-case-tests d.cases.0.status="failed"
  edge-case-tests d.cases.1.id="edge-cases::test_other"
  model-card d.sections=["Intended use", "Explainability"]
  model-card d.placeholder_text=true
fairness
  fairness-evaluation c.split="train"
  success-criteria received_at="LATE"
  success-criteria d.dimensions=[]
  success-criteria d.dimensions=["sex", "age_band"]
  fairness-evaluation d.dimensions.0.groups=1
  fairness-evaluation d.groups.1.count=29
  fairness-evaluation d.dimensions.0.selection_rate_ratio=0.79
  fairness-evaluation d.dimensions.0.selection_rate_difference=0.11
  fairness-evaluation d.dimensions.0.equalized_odds_difference=0.11
explainability
  explanation d.n_samples=99
  explanation d.features=[]
  explanation d.top1_share=0.51
  explanation d.additivity_max_error=0.4
  model-card d.sections=["Limitations"]
  model-card d.placeholder_text=true
baseline-comparison
  baseline-comparison c.split="train"
  baseline-comparison c.dataset="another"
  baseline-comparison c.baseline="constant"
  success-criteria received_at="LATE"
  success-criteria d.baseline_margin=0.001
  baseline-comparison d.baseline={}
  baseline-comparison d.metrics.roc_auc=0.94
  baseline-comparison d.baseline.roc_auc=0.89
feature-parity
  clean feature-parity-tests
  feature-parity-tests c.environment="laptop"
  training-serving-skew c.reference="serving"
  training-serving-skew c.current="training"
  training-serving-skew d.column_count=0
  training-serving-skew d.drift_share=0.2
data-freshness
  source-freshness c.environment="staging"
  source-freshness d.checks=[]
  source-freshness d.checks.0.age_s!
  source-freshness d.checks.1.limit_s!
  source-freshness d.checks.1.age_s=43201.0
  source-freshness d.errors=1
  stale-data-tests d.failed=1
  stale-data-tests d.skipped=1 ; stale-data-tests d.total=3
  stale-data-tests d.cases.0.status="failed"
  stale-data-tests d.cases.1.status="failed"
schema-handling
  clean schema-handling-tests
  schema-handling-tests d.cases.0.id="t::other"
  schema-handling-tests d.cases.1.id="t::other"
  schema-handling-tests d.cases.2.id="t::other"
  data-contract d.failed=1
  + missing-column-drill {"total": 3, "passed": 3, "failed": 0, "warned": 0, "errors": 0, "checks": []}
load-capacity
  load-test c.environment="laptop"
  service-objectives received_at="LATE"
  load-test d.requests=499
  load-test d.error_rate=0.02
  service-objectives d.maximum={"error_rate": 0.01}
  load-test d.metrics.latency_p95_ms!
  load-test d.metrics.latency_p95_ms=200.5
  load-test d.metrics.throughput_rps=149.0
  service-objectives d.minimum.duration_s=600.0 ; load-test d.duration_s=60.0
  load-test d.checks_failed=1
resource-limits
  serving-manifest d.containers=[]
  serving-manifest d.containers.0.memory_limit_bytes!
  serving-manifest d.containers.0.cpu_limit_millicores!
  memory-soak c.unit="pages"
  memory-soak d.series.0.from="2027-03-02T11:01:00Z"
  memory-soak d.series.0.slope_per_s=5000.0
  memory-soak d.series.0.max=536870912.0
health-endpoint
  health-probe d.status="warn"
  health-probe d.checks=0
  health-probe-degraded c.fault=""
  health-probe-degraded d.http_status=200
  health-probe-degraded d.failing_checks=0
  health-probe d.release_id="churn-scorer@2.0.0"
staging-e2e
  clean staging-e2e-run
  staging-e2e-run c.environment="production"
  staging-e2e-run d.properties.environment="dev"
  service-objectives d.minimum.staging_rows!
  staging-e2e-run d.properties.rows="500"
  staging-e2e-run d.properties.release="churn-scorer@2.0.0"
  service-objectives received_at="LATE"
  + artifact-scan {"tool": "bandit", "critical": 0, "high": 1, "errors": 0, "runs": 1}
model-versioning
  model-registry d.kind="feature-store"
  model-registry d.entries=[{"version": "8", "status": "pending", "tags": {}}]
  model-registry d.entries.0.version=""
  model-registry d.aliases={}
  staging-e2e-run d.cases.0.status="skipped"
autoscaling
  serving-manifest d.autoscalers=[]
  serving-manifest d.autoscalers.0.max=3
  scaling-test c.unit="percent"
  scaling-test c.environment="laptop"
  scaling-test d.series.0.max=4.0
  scaling-test d.series.0.max=13.0
prediction-monitoring
  alert-rules d.rules.0.runbook_url="" ; alert-rules d.rules.1.name="NullRate"
  alert-rules d.rules.1.runbook_url=""
  prediction-drift c.notifies!
  prediction-drift d.columns.0.threshold!
  alert-rules d.rules.2.severity=""
  alert-rules d.rules.2.health="err"
  alert-rule-tests d.failed=1
  alert-rule-tests d.skipped=2 ; alert-rule-tests d.total=6
drift-detection
  drift-check c.reference="yesterday"
  drift-check c.current="training"
  drift-check d.column_count=0
  drift-check d.columns.0.method=""
  drift-check d.drift_share=0.31
  alert-rules d.rules.2.name="Other" ; alert-rules d.rules.2.expr="up == 0"
outcome-monitoring
  outcome-evaluation c.source="training"
  outcome-evaluation c.label_delay="-1h"
  outcome-evaluation d.metrics={"f1": 0.9}
  outcome-evaluation d.metrics.roc_auc=0.89
  alert-rules d.rules.3.labels={}
previous-version
  rollback-timing d.failures=1
  rollback-timing d.duration_s=900.0
  rollback-timing c.target="fallback"
  rollback-timing c.environment="laptop"
  model-registry d.entries.0.status="archived"
rollback-procedure
  rollback-runbook d.kind="notes"
  rollback-runbook d.steps=0
  rollback-runbook d.release="churn-scorer@2.0.0"
  rollback-runbook d.last_drill.result="failed"
  rollback-runbook d.last_drill.duration_s=900.0
  rollback-runbook d.last_drill.at="2026-12-01T09:00:00Z"
  rollback-runbook d.on_call_ack=[]
  rollback-drill c.environment="laptop"
  rollback-drill d.failed=1
rule-based-fallback
  clean fallback-tests
  rollback-runbook d.fallback!
  rollback-runbook d.fallback.tested=false
  fallback-tests c.environment="laptop"
graceful-degradation
  clean degradation-tests
  degradation-tests c.environment="laptop"
  degradation-tests d.cases.0.status="failed"
  . subject.attributes.consumers=["crm", "billing"]
rollback-criteria
  rollback-runbook d.triggers.0.action="retrain"
  rollback-runbook d.triggers.1.action="rollback"
  rollback-runbook d.triggers.0.window=""
  rollback-runbook d.triggers.0.signal="unheard_of"
post-rollback-review
  rollback-runbook d.review.within_days=11
  rollback-runbook d.review.owner=""
  rollback-runbook d.review.template=""
business-review
  clean business-test-cases
  model-card d.sections=["Intended use", "Explainability"]
  rollback-runbook d.owner=""
compliance-review
  model-card d.placeholder_text=true ; . subject.attributes.regulated=true
  model-card d.sections=["Limitations"] ; . subject.attributes.regulated=true
  model-card d.sections=["Intended use"] ; . subject.attributes.regulated=true
  model-card d.metrics={} ; . subject.attributes.regulated=true
  model-card d.license="" ; . subject.attributes.regulated=true
  - fairness-evaluation ; . subject.attributes.regulated=true
""".replace("LATE", LATE)

CLEAN = ("{t} d.passed=0", "{t} d.errors=1", "{t} d.skipped=30 ; {t} d.total=50")

# The change, then the exact standing of every criterion that isn't as in GREEN.
STATUS: list[tuple[str, dict[str, str]]] = [
    ("- load-test", {"load-capacity": "missing"}),
    ('. at="2027-03-11T06:00:00Z"', {"data-freshness": "expired"}),
    ('. at="2027-03-11T05:59:59Z"', {}),
    ('edge-case-tests artifacts=["bb"]', {"edge-cases": "missing"}),
    ('edge-case-tests revoked_at="2027-03-05T10:00:00Z"', {"edge-cases": "missing"}),
    ('edge-case-tests revoked_at="2027-03-05T13:00:00Z"', {}),
    ("edge-case-tests revoked_at=null ; edge-case-tests artifacts=null", {}),
    ('edge-case-tests received_at="2027-03-05T13:00:00Z"', {"edge-cases": "missing"}),
    ("> edge-case-tests 2027-03-05T10:00:00Z d.failed=1", {"edge-cases": "fail"}),
    ("> edge-case-tests 2027-02-28T10:00:00Z d.failed=3", {}),
    (". subject.attributes.affects_people=false ; - fairness-evaluation", {"fairness": "not-applicable"}),
    ('. subject.attributes.affects_people="no"', {}),
    (". subject.attributes.outcomes_observable=false", {"outcome-monitoring": "not-applicable"}),
    (". subject.attributes.regulated!", {"compliance-review": "pass"}),
    ("holdout-evaluation d.rows!", {"holdout-performance": "fail"}),
    ('holdout-evaluation d.rows! ; holdout-evaluation c.rows="5000"', {}),
    ("load-test d.metrics.throughput_rps!", {"load-capacity": "fail"}),
    ("service-objectives d.minimum.duration_s=600.0", {"load-capacity": "fail"}),
    ("staging-e2e-run d.properties.rows!", {"staging-e2e": "fail"}),
    ("success-criteria d.baseline_margin!", {"baseline-comparison": "fail"}),
    ("success-criteria d.primary_metric!", {"baseline-comparison": "fail", "outcome-monitoring": "fail"}),
    ('outcome-evaluation c.label_delay="soon"', {"outcome-monitoring": "fail"}),
    ("rollback-runbook d.last_drill!", {"rollback-procedure": "fail"}),
    ("rollback-runbook d.review!", {"post-rollback-review": "fail"}),
    ("success-criteria d.params.min_holdout_rows=6000", {"holdout-performance": "fail"}),
    ('holdout-evaluation c.split="validation"', {"holdout-performance": "fail"}),
    (
        'explanation collected_at="2026-09-01T10:00:00Z"',
        {"temporal-validation": "expired", "explainability": "expired"},
    ),
    (
        f'success-criteria received_at="{LATE}"',
        dict.fromkeys(("holdout-performance", "temporal-validation", "fairness", "baseline-comparison"), "fail"),
    ),
]


def changed(green: dict[str, Any], change: str) -> dict[str, Any]:
    request = copy.deepcopy(green)
    evidence = request["evidence"]
    for part in change.split(" ; "):
        kind, rest = part.strip().split(" ", 1)
        if kind == "-":
            request["evidence"] = evidence = [e for e in evidence if e["type"] != rest]
        elif kind == "+":
            name, data = rest.split(" ", 1)
            evidence.append(
                {"type": name, "data": json.loads(data), "context": {}, "collected_at": "2027-03-02T10:00:00Z"}
            )
        elif kind == ">":
            name, at, rest = rest.split(" ", 2)
            record = copy.deepcopy(next(e for e in evidence if e["type"] == name))
            record |= {"collected_at": at, "received_at": "2027-03-05T11:00:00Z"}
            assign(record, rest)
            evidence.append(record)
        else:
            assign(request if kind == "." else next(e for e in evidence if e["type"] == kind), rest)
    return request


def assign(target: Any, change: str) -> None:
    path, delete, value = change.partition("!") if change.endswith("!") else change.partition("=")
    path = re.sub(r"^d\.", "data.", re.sub(r"^c\.", "context.", path))
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        target = target[step]
    if delete == "!":
        del target[last]
    else:
        target[last] = json.loads(value)


def negatives() -> list[tuple[str, int, str]]:
    found: list[tuple[str, int, str]] = []
    criterion, number = "", 0
    for line in NEGATIVE.strip().splitlines():
        if not line.startswith(" "):
            criterion, number = line, 0
            continue
        line = line.strip()
        for change in [c.format(t=line[6:]) for c in CLEAN] if line.startswith("clean ") else [line]:
            number += 1
            found.append((criterion, number, change))
    return found


def standing(opa: Opa, request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = json.loads(opa.decide(json.dumps(request).encode()))["result"][0]["expressions"][0]["value"]
    first_blocked = next((p["id"] for p in answer["phases"] if p["status"] != "passed"), None)
    assert (answer["outcome"] == "go") == (first_blocked is None), answer["gates"]
    return {c["id"]: c for phase in answer["phases"] for c in phase["criteria"]}


def main() -> int:
    rego = (HERE / "checklist.rego").read_text()
    green = json.loads((HERE / "green.json").read_text())
    opa, wrong = Opa(rego), []
    # The number of a check isn't in the decision: a second policy answers with the numbers alone.
    numbers = Opa(
        rego.replace("\ndecision := {", "\nnot_asked := {")
        + "\ndecision := {c: [n | some [n, _] in f] | some c, f in fails}\n"
    )

    usual = {c: found["status"] for c, found in standing(opa, green).items()}
    if set(usual.items()) - {("compliance-review", "not-applicable")} != {
        (c, "pass") for c in usual if c != "compliance-review"
    }:
        wrong.append(f"GREEN: {usual}")

    checks = negatives()
    written = {(c, int(n)) for c, n in re.findall(r'^fails\["([a-z0-9-]+)"\] contains \[(\d+),', rego, re.MULTILINE)}
    if written != {(c, n) for c, n, _ in checks} or len(checks) != 181:
        wrong.append(f"{len(written)} checks written, {len(checks)} tried")
    for criterion, number, change in checks:
        request = changed(green, change)
        found = standing(opa, request)[criterion]
        said = json.loads(numbers.decide(json.dumps(request).encode()))["result"][0]["expressions"][0]["value"]
        if found["status"] != "fail" or number not in said.get(criterion, []) or not all(found["messages"]):
            wrong.append(f"{criterion} {number} [{change}]: {found}, false: {said.get(criterion)}")
    for change, expected in STATUS:
        now = {c: found["status"] for c, found in standing(opa, changed(green, change)).items()}
        if {c: s for c, s in now.items() if s != usual[c]} != expected:
            wrong.append(f"[{change}]: { ({c: s for c, s in now.items() if s != usual[c]}) }")

    wrong.append(f"{len(checks)} checks and {len(STATUS)} standings tried, {len(wrong)} wrong")
    sys.stdout.write("\n".join(wrong) + "\n")
    return 1 if len(wrong) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
