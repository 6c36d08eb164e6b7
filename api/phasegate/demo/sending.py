"""What is submitted, and how: `outputs/` holds it.

No file states the time by which a server reckons its age: it would be too old one day. So the instant of receipt
counts, and the few instants that stand inside a document are reckoned back from now.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from phasegate.demo.server import Api, Json
from phasegate.engine.instants import rfc3339

OUTPUTS = Path(__file__).parent / "outputs"
SUBJECT = "churn-scorer"
PATH = f"/v1/subjects/{SUBJECT}"
HOLDOUT = {"split": "test", "dataset": "churn-holdout-2026-10"}
STAGING, PRODUCTION = {"environment": "staging"}, {"environment": "production"}
CARD_GAINS = "Never tried on customers with more than one contract."
"""A limitation that the model card states late."""
_AGO = re.compile(rb"\{(\d+) h ago\}")


class Sent(NamedTuple):
    """A file, sent as it is."""

    file: str
    type: str
    context: dict[str, str]
    """What the file doesn't say."""


MODEL = (
    Sent("junit.xml", "edge-case-tests", {}),
    Sent("mlflow-run.json", "holdout-evaluation", {**HOLDOUT, "rows": "171"}),
    Sent("mlflow-run.json", "baseline-comparison", {**HOLDOUT, "baseline": "current-process"}),
    Sent("cross-validate.json", "temporal-evaluation", {"time_column": "billing_date", "metric": "roc_auc"}),
    Sent("fairlearn.json", "fairness-evaluation", HOLDOUT),
    Sent("shap.json", "explanation", {}),
    Sent("model-card.md", "model-card", {}),
    Sent("evidently.json", "drift-check", {"reference": "training", "current": "shadow"}),
)
"""In `first/` and in `second/`: what the first phase asks of each release, and one thing more."""

SERVICE = (
    Sent("parity.tap", "feature-parity-tests", STAGING),
    Sent("../second/evidently.json", "training-serving-skew", {"reference": "training", "current": "shadow"}),
    Sent("dbt-sources.json", "source-freshness", PRODUCTION),
    Sent("schema-handling.xml", "schema-handling-tests", {}),
    Sent("great-expectations.json", "data-contract", PRODUCTION),
    Sent("pandera-without-email.json", "missing-column-drill", {}),
    Sent("k6-summary.json", "load-test", STAGING),
    Sent("deployment.yaml", "serving-manifest", PRODUCTION),
    Sent("health.http", "health-probe", STAGING),
    Sent("health-without-model.http", "health-probe-degraded", {**STAGING, "fault": "model file missing"}),
    Sent("staging-e2e.xml", "staging-e2e-run", STAGING),
    Sent("mlflow-model-version.json", "model-registry", {}),
    Sent("prometheus-rules.json", "alert-rules", PRODUCTION),
    Sent("promtool.txt", "alert-rule-tests", {}),
    Sent(
        "evidently-scores.json",
        "prediction-drift",
        {"reference": "holdout", "current": "shadow", "notifies": "on-call"},
    ),
    Sent("hyperfine.json", "rollback-timing", {**STAGING, "target": "previous-version"}),
    Sent("runbook.md", "rollback-runbook", {}),
)
"""In `launch/`: what the phases after it ask, as far as there is a file."""


class Sender:
    """The pipeline: it sends evidence to a release, or to the subject where the policy scopes a type so."""

    def __init__(self, api: Api, policy: Json, now: datetime) -> None:
        self._api, self._now = api, now
        self._scopes = {name: each["scope"] for name, each in policy["evidence"].items()}

    def files(self, version: str, folder: Path, sent: Iterable[Sent]) -> list[Json]:
        """Each file as it is; the receipts."""
        return [self.file(version, each, (folder / each.file).read_bytes()) for each in sent]

    def file(self, version: str, sent: Sent, content: bytes) -> Json:
        """What a tool or a team wrote; its format is found by the server."""
        query = {"type": sent.type, "raw": "true"} | {f"context.{key}": value for key, value in sent.context.items()}
        url = f"{self._to(version, sent.type)}?{urlencode(query)}"
        return self._api.call("POST", url, dated(content, self._now), "application/octet-stream")

    def documents(self, file: Path, version: str = "") -> list[Json]:
        """JSON in the form that the policy asks for; the receipts. `version` where it tells of a release."""
        stated = json.loads(dated(file.read_bytes(), self._now))
        return [self._api.send("POST", self._to(version, each["type"]), each) for each in stated]

    def _to(self, version: str, kind: str) -> str:
        return f"{PATH}/evidence" if self._scopes[kind] == "subject" else f"{PATH}/releases/{version}/evidence"


def dated(content: bytes, now: datetime) -> bytes:
    """With an instant for each `{N h ago}`."""
    return _AGO.sub(lambda ago: rfc3339(now - timedelta(hours=int(ago[1]))).encode(), content)
