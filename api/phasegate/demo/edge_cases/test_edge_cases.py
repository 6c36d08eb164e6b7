"""Edge cases, hostile inputs and out-of-distribution inputs of the churn scorer.

The environment variable `MODEL_FILE` names the artifact under test.
"""

import math
import os
import random
from pathlib import Path
from typing import Any

import pytest

from phasegate.demo.edge_cases.scorer import Scorer, Unanswerable

CUSTOMER: dict[str, Any] = {
    "tenure_months": 14,
    "monthly_charges": 79.95,
    "support_calls": 2,
    "late_payments": 1,
    "usage_change": -0.1,
    "contract": "monthly",
    "payment_method": "card",
    "billing_run": "2025-W44",
}
NUMERIC = ("tenure_months", "monthly_charges", "support_calls", "late_payments", "usage_change")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.from_file(Path(os.environ["MODEL_FILE"]))


class TestIncomplete:
    @pytest.mark.parametrize("field", NUMERIC)
    def test_missing_number_still_gets_an_answer(self, scorer: Scorer, field: str) -> None:
        assert 0.0 < scorer.score(CUSTOMER | {field: None}) < 1.0

    def test_absent_field_is_refused_by_name(self, scorer: Scorer) -> None:
        row = {field: value for field, value in CUSTOMER.items() if field != "contract"}
        with pytest.raises(Unanswerable, match="no contract"):
            scorer.score(row)

    def test_text_for_a_number_is_refused(self, scorer: Scorer) -> None:
        with pytest.raises(Unanswerable, match="monthly_charges"):
            scorer.score(CUSTOMER | {"monthly_charges": "79,95"})

    def test_additional_field_changes_nothing(self, scorer: Scorer) -> None:
        assert scorer.score(CUSTOMER | {"sex": "female", "age_band": "60+"}) == scorer.score(CUSTOMER)


class TestOutOfDistribution:
    @pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
    def test_non_finite_number_is_refused(self, scorer: Scorer, value: float) -> None:
        with pytest.raises(Unanswerable, match="no finite number"):
            scorer.score(CUSTOMER | {"usage_change": value})

    def test_unseen_contract_still_gets_an_answer(self, scorer: Scorer) -> None:
        """Sales offers a new kind of contract before the model is trained on it."""
        score = scorer.score(CUSTOMER | {"contract": "weekly"})
        assert 0.0 < score < 1.0

    def test_extreme_charges_give_no_certainty(self, scorer: Scorer) -> None:
        """A source that switches from euros to cents must not make every customer a certain loss."""
        score = scorer.score(CUSTOMER | {"monthly_charges": 7995.0})
        assert score < 0.99

    def test_unseen_billing_run_still_gets_an_answer(self, scorer: Scorer) -> None:
        assert 0.0 < scorer.score(CUSTOMER | {"billing_run": "2031-W01"}) < 1.0

    def test_out_of_range_tenure_of_minus_one_counts_as_new(self, scorer: Scorer) -> None:
        new = scorer.score(CUSTOMER | {"tenure_months": 0})
        assert scorer.score(CUSTOMER | {"tenure_months": -1}) == pytest.approx(new, abs=0.02)


class TestAdversarial:
    @pytest.mark.parametrize("field", ["monthly_charges", "usage_change"])
    def test_perturbation_of_one_percent_moves_little(self, scorer: Scorer, field: str) -> None:
        low, high = scorer.numeric[field]
        moved = CUSTOMER | {field: CUSTOMER[field] + 0.01 * (high - low)}
        assert scorer.score(moved) == pytest.approx(scorer.score(CUSTOMER), abs=0.02)

    def test_fuzzed_rows_get_probabilities(self, scorer: Scorer) -> None:
        draw = random.Random(7)
        for _ in range(1000):
            numbers = {field: draw.uniform(low, high) for field, (low, high) in scorer.numeric.items()}
            levels = {field: draw.choice(levels) for field, levels in scorer.categorical.items()}
            assert 0.0 < scorer.score(CUSTOMER | numbers | levels) < 1.0

    def test_attack_by_more_complaints_never_lowers_the_score(self, scorer: Scorer) -> None:
        scores = [scorer.score(CUSTOMER | {"support_calls": calls}) for calls in range(8)]
        assert scores == sorted(scores)
