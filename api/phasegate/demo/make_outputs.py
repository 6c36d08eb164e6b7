"""Makes `outputs/`: what the tools of a real training run said about two releases of one model.

Run it from the root of the repository, in an environment of its own:

    python3 -m venv VENV
    VENV/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 pytest==9.2.0
    PYTHONPATH=api VENV/bin/python api/phasegate/demo/make_outputs.py

The demo reads the files and needs none of these packages. Every figure is computed here from a seeded,
made-up table of customers, so a second run differs in the durations that pytest measures and in nothing else.

The *first* release, 2.1.0, has two faults:

- It doesn't guard against what training never saw: an unknown kind of contract raises, and an amount in
  cents for one in euros makes every customer a certain loss. pytest finds both.
- It reads `billing_run`, which is known of the past only: each run had its own incidents, so rows of the same
  run give each other away. A random split mixes them, a split by time doesn't, and the score drops.

The *second*, 2.1.1, clips numbers, ignores unknown levels and does without that column.

`model.json` is the artifact. The other files of JSON are whole envelopes of evidence but for `collected_at`,
which the demo states when it runs; their figures are rounded to four digits. For the same reason the JUnit files
lose their `timestamp` (a tool's own time would win, and be too old one day), and `hostname` becomes `localhost`;
they are otherwise as pytest wrote them. `model-card.md` is the text that `model-card.json` sums up.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import KFold, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, TargetEncoder

from phasegate.demo.edge_cases.scorer import Scorer

HERE = Path(__file__).resolve().parent
OUTPUTS = HERE / "outputs"
SEED = 3
"""Of the tables of 1, 2, 3, 7, 11 and 20250106, all but the last lie within the policy's limits of fairness."""
FIRST_DAY = date(2025, 1, 6)
WEEKS, ROWS_PER_WEEK, HOLDOUT_WEEKS = 52, 500, 13
HOLDOUT = "churn-holdout-2025-q4"
FOLDS = 5
SELECTED_FROM = 0.3
"""A customer whose score reaches this is called by the retention team."""
SUSPICIOUS = 0.01
"""A column that helps a random split by more than this, and a split by time not half as much, is a suspect."""

NUMERIC = ("tenure_months", "monthly_charges", "support_calls", "late_payments", "usage_change")
CATEGORICAL = ("contract", "payment_method")
ENCODED = ("billing_run",)
DIMENSIONS = ("sex", "age_band")
SPOKEN = {
    "tenure_months": "a longer time as a customer",
    "monthly_charges": "a higher monthly bill",
    "support_calls": "each further support call",
    "late_payments": "each late payment",
    "usage_change": "growing use of the service",
    "billing_run": "a billing run after which many customers left",
}

SCIKIT_LEARN = {"tool": "scikit-learn", "version": str(sklearn.__version__)}
THIS_SCRIPT = {"tool": "make_outputs.py", "version": "1"}

Array = Any
"""A numpy array."""
Columns = dict[str, Array]


@dataclass(frozen=True)
class Candidate:
    """One release of the scorer."""

    folder: str
    version: str
    features: tuple[str, ...]
    guarded: bool
    """Numbers are clipped to the range of training, unknown levels ignored."""


CANDIDATES = (
    Candidate("first", "2.1.0", NUMERIC + CATEGORICAL + ENCODED, guarded=False),
    Candidate("second", "2.1.1", NUMERIC + CATEGORICAL, guarded=True),
)


@dataclass(frozen=True)
class Table:
    """Customers in order of time; `left` is the outcome, `week` counts from the first."""

    columns: Columns
    left: Array
    day: Array
    week: Array

    def where(self, rows: Array) -> "Table":
        """These rows of it."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Table(columns, self.left[rows], self.day[rows], self.week[rows])

    def matrix(self, features: Sequence[str]) -> Array:
        """The features as scikit-learn takes them."""
        return np.column_stack([self.columns[name].astype(object) for name in features])

    def records(self) -> list[dict[str, Any]]:
        """The rows as a service receives them: nothing stated is None."""
        lists = {
            name: [None if value != value else value for value in values.tolist()]
            for name, values in self.columns.items()
        }
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


@dataclass(frozen=True)
class Measured:
    """A fitted candidate, its artifact and what the artifact answers on the held-out rows."""

    candidate: Candidate
    pipeline: Pipeline
    artifact: dict[str, Any]
    scores: Array
    develop: Table
    holdout: Table


def main() -> None:
    """Write everything below `outputs/`."""
    table = customers()
    develop = table.where(table.week < WEEKS - HOLDOUT_WEEKS)
    holdout = table.where(table.week >= WEEKS - HOLDOUT_WEEKS)
    write(OUTPUTS / "success-criteria.json", success_criteria())
    for candidate in CANDIDATES:
        folder = OUTPUTS / candidate.folder
        measured = measure(candidate, develop, holdout)
        write(folder / "model.json", measured.artifact)
        figures = quality(holdout, measured.scores)
        fairness = fairness_evaluation(measured)
        drivers = explanation(measured)
        card = model_card(measured, figures, fairness["data"], drivers["data"])
        write(folder / "holdout-evaluation.json", holdout_evaluation(measured, figures))
        write(folder / "baseline-comparison.json", baseline_comparison(measured, figures))
        write(folder / "temporal-evaluation.json", temporal_evaluation(measured))
        write(folder / "fairness-evaluation.json", fairness)
        write(folder / "explanation.json", drivers)
        write(folder / "model-card.json", as_data(candidate, card, figures))
        (folder / "model-card.md").write_text(as_markdown(candidate, card), encoding="utf-8")
        run_edge_case_tests(folder)


# The table


def customers() -> Table:
    """A year of customers, each seen once; the odds of leaving follow from what is known, and from incidents."""
    draw = np.random.default_rng(SEED)
    count = WEEKS * ROWS_PER_WEEK
    day = np.sort(draw.integers(0, 7 * WEEKS, count))
    week = day // 7
    age = np.clip(draw.normal(46.0, 16.0, count), 18, 90).astype(int)
    columns: Columns = {
        "tenure_months": np.clip(draw.gamma(1.6, 18.0, count) + 0.05 * (age - 46), 0, 120).round(),
        "monthly_charges": np.clip(draw.normal(62.0, 20.0, count), 15.0, 125.0).round(2),
        "support_calls": draw.poisson(1.3, count).astype(float),
        "late_payments": draw.poisson(0.6, count).astype(float),
        "usage_change": np.clip(draw.normal(0.0, 0.25, count), -0.9, 0.9).round(3),
        "contract": draw.choice(["monthly", "yearly", "two-year"], count, p=[0.5, 0.32, 0.18]),
        "payment_method": draw.choice(["card", "transfer", "invoice"], count, p=[0.5, 0.3, 0.2]),
        "billing_run": np.array([f"2025-W{number + 2:02d}" for number in week.tolist()]),
        "sex": draw.choice(["female", "male"], count),
        "age_band": np.select([age < 35, age < 60], ["18-34", "35-59"], "60+"),
    }
    incidents = draw.normal(0.0, 0.9, WEEKS)
    left = draw.random(count) < 1.0 / (1.0 + np.exp(-(_log_odds(columns) + incidents[week])))
    for name, share in (("monthly_charges", 0.02), ("usage_change", 0.03)):
        columns[name] = np.where(draw.random(count) < share, np.nan, columns[name])
    return Table(columns, left.astype(int), day, week)


def _log_odds(columns: Columns) -> Array:
    contract = np.select([columns["contract"] == "monthly", columns["contract"] == "yearly"], [1.1, -0.4], -1.4)
    return (
        -3.7
        - 0.035 * (columns["tenure_months"] - 28.0)
        + 0.028 * (columns["monthly_charges"] - 62.0)
        + 0.75 * columns["support_calls"]
        + 0.6 * columns["late_payments"]
        - 3.0 * columns["usage_change"]
        + contract
        + 0.4 * (columns["payment_method"] == "invoice")
    )


def instant(day: int) -> str:
    """The start of a day of the table."""
    return datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# The model


def untrained(features: Sequence[str], *, guarded: bool) -> Pipeline:
    """The pipeline before training."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler(clip=guarded))
    levels = OneHotEncoder(handle_unknown="ignore" if guarded else "error", sparse_output=False)
    rates = TargetEncoder(target_type="binary", cv=shuffled_folds())
    columns = ColumnTransformer(
        [
            ("numeric", numeric, _positions(features, NUMERIC)),
            ("categorical", levels, _positions(features, CATEGORICAL)),
            ("encoded", rates, _positions(features, ENCODED)),
        ]
    )
    return Pipeline([("columns", columns), ("regression", LogisticRegression(C=10.0, max_iter=2000))])


def _positions(features: Sequence[str], of: Sequence[str]) -> list[int]:
    return [position for position, name in enumerate(features) if name in of]


def measure(candidate: Candidate, develop: Table, holdout: Table) -> Measured:
    """Train, write down as an artifact, and score the held-out rows with that artifact."""
    pipeline = untrained(candidate.features, guarded=candidate.guarded)
    pipeline.fit(develop.matrix(candidate.features), develop.left)
    artifact = exported(candidate, pipeline)
    scorer = Scorer(artifact)
    scores = np.array([scorer.score(row) for row in holdout.records()])
    np.testing.assert_allclose(scores, pipeline.predict_proba(holdout.matrix(candidate.features))[:, 1], atol=1e-12)
    return Measured(candidate, pipeline, artifact, scores, develop, holdout)


def exported(candidate: Candidate, pipeline: Pipeline) -> dict[str, Any]:
    """The fitted pipeline as the scorer reads it."""
    used = [[name for name in candidate.features if name in kind] for kind in (NUMERIC, CATEGORICAL, ENCODED)]
    parts = pipeline.named_steps["columns"].named_transformers_
    regression = pipeline.named_steps["regression"]
    weights = iter(regression.coef_[0].tolist())
    imputer, scaler = parts["numeric"]
    return {
        "name": "churn-scorer",
        "version": candidate.version,
        "intercept": regression.intercept_.tolist()[0],
        "numeric": [
            {"field": field, "fill": fill, "low": low, "high": high, "clip": candidate.guarded, "weight": next(weights)}
            for field, fill, low, high in zip(
                used[0],
                imputer.statistics_.tolist(),
                scaler.data_min_.tolist(),
                scaler.data_max_.tolist(),
                strict=True,
            )
        ],
        "categorical": [
            {
                "field": field,
                "weights": {level: next(weights) for level in levels.tolist()},
                "unseen": "ignore" if candidate.guarded else "error",
            }
            for field, levels in zip(used[1], parts["categorical"].categories_, strict=True)
        ],
        "encoded": [
            _encoded(field, parts["encoded"], position, next(weights)) for position, field in enumerate(used[2])
        ],
    }


def _encoded(field: str, encoder: TargetEncoder, position: int, weight: float) -> dict[str, Any]:
    levels, rates = encoder.categories_[position].tolist(), encoder.encodings_[position].tolist()
    return {
        "field": field,
        "rates": dict(zip(levels, rates, strict=True)),
        "unseen": float(encoder.target_mean_),
        "weight": weight,
    }


# The evidence


def figure(value: Any) -> float:
    """A figure as evidence states it."""
    return round(float(value), 4)


def envelope(kind: str, data: dict[str, Any], context: dict[str, str], producer: dict[str, str]) -> dict[str, Any]:
    """Evidence of this type, without the time of its making."""
    return {"type": kind, "data": data, "context": context, "producer": producer}


def on_holdout(**more: str) -> dict[str, str]:
    """The context of what was measured on the held-out rows."""
    return {"split": "test", "dataset": HOLDOUT, **more}


def success_criteria() -> dict[str, Any]:
    """What was agreed when the project began; written down here and not computed."""
    data = {
        "minimum": {"roc_auc": 0.8},
        "maximum": {"log_loss": 0.45},
        "primary_metric": "roc_auc",
        "baseline_margin": 0.05,
        "holdout_dataset": HOLDOUT,
        "dimensions": list(DIMENSIONS),
        "params": {},
        "rationale": "Below 0.80 the retention team reaches too few of those who leave to pay for its calls.",
    }
    return envelope("success-criteria", data, {}, THIS_SCRIPT)


def quality(table: Table, scores: Array) -> dict[str, float]:
    """The figures that the success criteria name."""
    return {"roc_auc": figure(roc_auc_score(table.left, scores)), "log_loss": figure(log_loss(table.left, scores))}


def metrics_report(measured: Measured, figures: dict[str, float], baseline: dict[str, float]) -> dict[str, Any]:
    """The shape of that name."""
    return {
        "metrics": figures,
        "baseline": baseline,
        "non_finite": [],
        "rows": len(measured.holdout.left),
        "status": "finished",
        "slices": [],
        "conditions": [],
        "model": "churn-scorer",
        "revision": measured.candidate.version,
    }


def holdout_evaluation(measured: Measured, figures: dict[str, float]) -> dict[str, Any]:
    """The artifact on rows that took part in no choice."""
    return envelope("holdout-evaluation", metrics_report(measured, figures, {}), on_holdout(), SCIKIT_LEARN)


def baseline_comparison(measured: Measured, figures: dict[str, float]) -> dict[str, Any]:
    """Against a rule of three points, each worth the share of past customers who left with as many."""
    past, held_out = points(measured.develop), points(measured.holdout)
    rates = np.array([measured.develop.left[past == number].mean() for number in range(4)])
    report = metrics_report(measured, figures, quality(measured.holdout, rates[held_out]))
    return envelope("baseline-comparison", report, on_holdout(baseline="heuristic"), SCIKIT_LEARN)


def points(table: Table) -> Array:
    """One each for three support calls, a first year as a customer and a contract by the month."""
    columns = table.columns
    return (
        (columns["support_calls"] >= 3).astype(int)
        + (columns["tenure_months"] < 12).astype(int)
        + (columns["contract"] == "monthly").astype(int)
    )


def temporal_evaluation(measured: Measured) -> dict[str, Any]:
    """Cross-validation on the rows before the held-out ones, with folds at random and by time."""
    candidate, develop = measured.candidate, measured.develop
    at_random, by_time = cross_validated(candidate.features, candidate.guarded, develop)
    random_mean, temporal_mean = figure(at_random.mean()), figure(by_time.mean())
    data = {
        "metric": "roc_auc",
        "random_mean": random_mean,
        "random_std": figure(at_random.std()),
        "temporal_mean": temporal_mean,
        "temporal_std": figure(by_time.std()),
        "random_folds": len(at_random),
        "temporal_folds": len(by_time),
        "gap": figure(random_mean - temporal_mean),
        "folds": [
            {
                "train_end": instant(int(develop.day[train].max())),
                "test_start": instant(int(develop.day[test].min())),
                "score": figure(score),
            }
            for (train, test), score in zip(folds_by_time(develop), by_time, strict=True)
        ],
        "leakage_suspects": leakage_suspects(measured, random_mean, temporal_mean),
    }
    return envelope("temporal-evaluation", data, {"time_column": "event_date"}, SCIKIT_LEARN)


def shuffled_folds() -> KFold:
    """Folds that don't look at time."""
    return KFold(FOLDS, shuffle=True, random_state=SEED)


def folds_by_time(table: Table) -> list[tuple[Array, Array]]:
    """Rows to train and to test on; whole weeks, so that no day is on both sides."""
    weeks = np.unique(table.week)
    return [
        (np.flatnonzero(np.isin(table.week, weeks[train])), np.flatnonzero(np.isin(table.week, weeks[test])))
        for train, test in TimeSeriesSplit(FOLDS).split(weeks)
    ]


def cross_validated(features: Sequence[str], guarded: bool, table: Table) -> tuple[Array, Array]:
    """The scores of both kinds of folds."""
    pipeline, rows = untrained(features, guarded=guarded), table.matrix(features)
    at_random = cross_val_score(pipeline, rows, table.left, cv=shuffled_folds(), scoring="roc_auc")
    by_time = cross_val_score(pipeline, rows, table.left, cv=folds_by_time(table), scoring="roc_auc")
    return at_random, by_time


def leakage_suspects(measured: Measured, random_mean: float, temporal_mean: float) -> list[str]:
    """Columns without which a random split loses much and a split by time little."""
    candidate = measured.candidate
    found = []
    for name in candidate.features:
        others = [feature for feature in candidate.features if feature != name]
        at_random, by_time = cross_validated(others, candidate.guarded, measured.develop)
        lost_at_random, lost_by_time = random_mean - at_random.mean(), temporal_mean - by_time.mean()
        if lost_at_random > SUSPICIOUS and lost_by_time < 0.5 * lost_at_random:
            found.append(name)
    return found


def fairness_evaluation(measured: Measured) -> dict[str, Any]:
    """Who is called by the retention team, by sex and by age."""
    table, selected = measured.holdout, measured.scores >= SELECTED_FROM
    everyone = np.full(len(table.left), True)
    by_dimension = {name: _by_group(table.columns[name], table.left, selected) for name in DIMENSIONS}
    data = {
        "dimensions": [_compared(name, groups) for name, groups in by_dimension.items()],
        "groups": [
            {"dimension": name, "group": group, "count": count, "metrics": rates}
            for name, groups in by_dimension.items()
            for group, (count, rates) in groups.items()
        ],
        "overall": _rates(table.left, selected, everyone),
    }
    return envelope("fairness-evaluation", data, on_holdout(), THIS_SCRIPT)


def _by_group(values: Array, left: Array, selected: Array) -> dict[str, tuple[int, dict[str, float]]]:
    return {
        group: (int((values == group).sum()), _rates(left, selected, values == group))
        for group in np.unique(values).tolist()
    }


def _rates(left: Array, selected: Array, of: Array) -> dict[str, float]:
    return {
        "selection_rate": figure(selected[of].mean()),
        "true_positive_rate": figure(selected[of & (left == 1)].mean()),
        "false_positive_rate": figure(selected[of & (left == 0)].mean()),
    }


def _compared(name: str, groups: dict[str, tuple[int, dict[str, float]]]) -> dict[str, Any]:
    rates = [rates for _, rates in groups.values()]
    apart = {metric: figure(max(r[metric] for r in rates) - min(r[metric] for r in rates)) for metric in rates[0]}
    chosen = [r["selection_rate"] for r in rates]
    return {
        "name": name,
        "attributes": [name],
        "groups": len(groups),
        "min_count": min(count for count, _ in groups.values()),
        "selection_rate_ratio": figure(min(chosen) / max(chosen)),
        "selection_rate_difference": apart["selection_rate"],
        "equalized_odds_difference": max(apart["true_positive_rate"], apart["false_positive_rate"]),
        "equal_opportunity_difference": apart["true_positive_rate"],
    }


def explanation(measured: Measured) -> dict[str, Any]:
    """How much roc_auc falls on the held-out rows when one column is shuffled."""
    features, table = measured.candidate.features, measured.holdout
    found = permutation_importance(
        measured.pipeline, table.matrix(features), table.left, scoring="roc_auc", n_repeats=10, random_state=SEED
    )
    importances = dict(zip(features, found.importances_mean.tolist(), strict=True))
    total = sum(abs(value) for value in importances.values())
    ranked = sorted(importances.items(), key=lambda item: -abs(item[1]))
    shares = [abs(value) / total for _, value in ranked]
    data = {
        "method": "permutation_importance",
        "n_samples": len(table.left),
        "features": [
            {"name": name, "importance": figure(value), "share": figure(share)}
            for (name, value), share in zip(ranked, shares, strict=True)
        ],
        "feature_count": len(ranked),
        "top_feature": ranked[0][0],
        "top1_share": figure(shares[0]),
        "top5_share": figure(sum(shares[:5])),
    }
    return envelope("explanation", data, {}, SCIKIT_LEARN)


# The model card


def model_card(
    measured: Measured, figures: dict[str, float], fairness: dict[str, Any], drivers: dict[str, Any]
) -> dict[str, list[str]]:
    """The card: what stands under each heading, a line an item."""
    return {
        "Model details": ["A logistic regression on what the billing and support systems know of a customer."],
        "Intended use": ["To choose whom the retention team calls this week. A person makes every offer."],
        "Out-of-scope use": ["Prices, credit and any decision to a customer's disadvantage."],
        "How the model decides": _sentences(measured, drivers),
        "Limitations": _limitations(measured.candidate),
        "Evaluation": [f"On {HOLDOUT}: " + ", ".join(f"{name} {value}" for name, value in figures.items()) + "."],
        "Fairness": [
            f"By {found['name']} the lowest selection rate is {found['selection_rate_ratio']} of the highest."
            for found in fairness["dimensions"]
        ],
    }


def as_markdown(candidate: Candidate, card: dict[str, list[str]]) -> str:
    """The card for readers."""
    front = [
        "model_name: churn-scorer",
        f"version: {candidate.version}",
        "license: apache-2.0",
        f"datasets: [{HOLDOUT}]",
    ]
    sections = [f"\n## {heading}\n\n" + "".join(f"- {line}\n" for line in lines) for heading, lines in card.items()]
    return "\n".join(["---", *front, "---", "", f"# churn-scorer {candidate.version}", ""]) + "".join(sections)


def as_data(candidate: Candidate, card: dict[str, list[str]], figures: dict[str, float]) -> dict[str, Any]:
    """The card as evidence."""
    text = " ".join(line for lines in card.values() for line in lines)
    data = {
        "name": "churn-scorer",
        "version": candidate.version,
        "license": "apache-2.0",
        "sections": [heading for heading, lines in card.items() if lines],
        "placeholder_text": bool(re.search(r"TODO|TBD|FIXME|lorem ipsum|More Information Needed|<[^>]*>", text)),
        "metrics": figures,
        "datasets": [HOLDOUT],
        "limitations": len(card["Limitations"]),
        "fairness_assessments": len(card["Fairness"]),
        "words": len(text.split()),
    }
    return envelope("model-card", data, {}, THIS_SCRIPT)


def _sentences(measured: Measured, drivers: dict[str, Any]) -> list[str]:
    """The five strongest drivers in words, with their direction."""
    artifact = measured.artifact
    weights = {part["field"]: part["weight"] for part in (*artifact["numeric"], *artifact["encoded"])}
    levels = {part["field"]: part["weights"] for part in artifact["categorical"]}
    sentences = []
    for name in [feature["name"] for feature in drivers["features"][:5]]:
        if name in weights:
            sentences.append(
                f"{SPOKEN[name]} {'raises' if weights[name] > 0 else 'lowers'} the score".capitalize() + "."
            )
        else:
            highest = max(levels[name], key=levels[name].__getitem__)
            sentences.append(f"Of the kinds of {name.replace('_', ' ')}, {highest} raises the score most.")
    return sentences


def _limitations(candidate: Candidate) -> list[str]:
    known = ["Trained on made-up customers of one year.", "Incidents of the coming weeks are unknown to it."]
    if candidate.guarded:
        return [*known, "Numbers beyond the range of training count as its end; an unknown level counts as none."]
    return [*known, "Numbers beyond the range of training and unknown levels were not considered."]


# The files


def run_edge_case_tests(folder: Path) -> None:
    """Let pytest test the folder's artifact, and keep its report."""
    report = folder / "edge-case-tests.xml"
    options = ["-c", os.devnull, "--rootdir=.", "--import-mode=importlib", "-p", "no:cacheprovider", "--tb=short", "-q"]
    command = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", "-o", "junit_suite_name=edge-cases"]
    model = (folder / "model.json").relative_to(HERE)
    environment = os.environ | {"MODEL_FILE": str(model), "PYTHONPATH": str(HERE.parents[1])}
    ran = subprocess.run([*command, "edge_cases"], cwd=HERE, env=environment, check=False)
    if ran.returncode not in (0, 1):
        raise SystemExit("pytest did not come to an end")
    text = re.sub(r' timestamp="[^"]*"', "", report.read_text(encoding="utf-8"))
    report.write_text(re.sub(r' hostname="[^"]*"', ' hostname="localhost"', text), encoding="utf-8")


def write(path: Path, content: dict[str, Any]) -> None:
    """As JSON, one field a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
