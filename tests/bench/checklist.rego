# The policy ml-deployment 1.0.0 in Rego: 26 criteria, 181 checks. Input is the body of POST /v1/evaluate,
# already validated against its shapes. Entry point: data.phasegate.decision.
#
# A check is one rule under `fails`: it adds [number, message] when it does not hold. Where the field is required
# by its shape the rule states the opposite comparison. Where it may be absent the rule negates a helper, so that
# absence is a failure; a negated call on the field itself would be undefined, and pass.
# Sign-offs and waivers are left to the caller: the two sign-off criteria are judged by their checks alone.
package phasegate

defaults := {
	"min_holdout_rows": 100,
	"max_temporal_gap": 0.02,
	"min_temporal_folds": 3,
	"min_edge_case_tests": 10,
	"max_skipped_share": 0.2,
	"adversarial_pattern": `(?i)adversarial|perturb|attack|fuzz`,
	"ood_pattern": `(?i)out.?of.?(dist|range|scope)|[^a-z]ood[^a-z]|unseen|extreme|non_?finite`,
	"min_selection_rate_ratio": 0.8,
	"max_selection_rate_difference": 0.1,
	"max_equalized_odds_difference": 0.1,
	"min_group_size": 30,
	"min_explained_samples": 100,
	"max_top_feature_share": 0.5,
	"min_baseline_margin": 0.01,
	"max_skew_share": 0.1,
	"min_load_test_requests": 500,
	"max_error_rate": 0.01,
	"max_memory_growth": 0.05,
	"min_soak_minutes": 60,
	"max_drift_share": 0.3,
	"max_rollback_seconds": 900.0,
	"max_review_days": 10,
}

max_age_days := {
	"success-criteria": 365,
	"service-objectives": 365,
	"holdout-evaluation": 90,
	"baseline-comparison": 90,
	"temporal-evaluation": 90,
	"edge-case-tests": 90,
	"fairness-evaluation": 90,
	"explanation": 180,
	"model-card": 180,
	"feature-parity-tests": 90,
	"training-serving-skew": 30,
	"source-freshness": 7,
	"stale-data-tests": 90,
	"schema-handling-tests": 90,
	"data-contract": 30,
	"missing-column-drill": 90,
	"load-test": 30,
	"serving-manifest": 90,
	"memory-soak": 90,
	"health-probe": 90,
	"health-probe-degraded": 90,
	"staging-e2e-run": 30,
	"artifact-scan": 30,
	"model-registry": 30,
	"scaling-test": 90,
	"alert-rules": 30,
	"alert-rule-tests": 90,
	"prediction-drift": 14,
	"drift-check": 14,
	"outcome-evaluation": 30,
	"rollback-timing": 90,
	"rollback-runbook": 90,
	"rollback-drill": 90,
	"fallback-tests": 180,
	"degradation-tests": 180,
	"business-test-cases": 90,
}

# The types each criterion needs, and those it reads only where they are present.
requires := {
	"holdout-performance": {"holdout-evaluation", "success-criteria"},
	"temporal-validation": {"temporal-evaluation", "success-criteria"},
	"edge-cases": {"edge-case-tests", "model-card"},
	"fairness": {"fairness-evaluation", "success-criteria"},
	"explainability": {"explanation", "model-card"},
	"baseline-comparison": {"baseline-comparison", "holdout-evaluation", "success-criteria"},
	"feature-parity": {"feature-parity-tests", "training-serving-skew"},
	"data-freshness": {"source-freshness", "stale-data-tests"},
	"schema-handling": {"schema-handling-tests", "data-contract"},
	"load-capacity": {"load-test", "service-objectives"},
	"resource-limits": {"serving-manifest", "memory-soak"},
	"health-endpoint": {"health-probe", "health-probe-degraded"},
	"staging-e2e": {"staging-e2e-run", "service-objectives"},
	"model-versioning": {"model-registry", "staging-e2e-run"},
	"autoscaling": {"scaling-test", "serving-manifest"},
	"prediction-monitoring": {"alert-rules", "alert-rule-tests", "prediction-drift"},
	"drift-detection": {"drift-check", "alert-rules"},
	"outcome-monitoring": {"outcome-evaluation", "alert-rules", "success-criteria"},
	"previous-version": {"rollback-timing", "model-registry"},
	"rollback-procedure": {"rollback-runbook", "rollback-drill"},
	"rule-based-fallback": {"fallback-tests", "rollback-runbook"},
	"graceful-degradation": {"degradation-tests"},
	"rollback-criteria": {"rollback-runbook", "alert-rules"},
	"post-rollback-review": {"rollback-runbook"},
	"business-review": {"business-test-cases", "model-card", "rollback-runbook"},
	"compliance-review": {"model-card"},
}

guards := {
	"temporal-validation": {"explanation"},
	"schema-handling": {"missing-column-drill"},
	"staging-e2e": {"artifact-scan"},
	"compliance-review": {"fairness-evaluation"},
}

phases := [
	{"id": "model-validation", "criteria": ["holdout-performance", "temporal-validation", "edge-cases", "fairness", "explainability", "baseline-comparison"]},
	{"id": "data-pipeline-validation", "criteria": ["feature-parity", "data-freshness", "schema-handling"]},
	{"id": "infrastructure-readiness", "criteria": ["load-capacity", "resource-limits", "health-endpoint", "staging-e2e", "model-versioning", "autoscaling"]},
	{"id": "monitoring-and-alerting", "criteria": ["prediction-monitoring", "drift-detection", "outcome-monitoring"]},
	{"id": "rollback-and-recovery", "criteria": ["previous-version", "rollback-procedure", "rule-based-fallback", "graceful-degradation", "rollback-criteria", "post-rollback-review"]},
	{"id": "governance-and-sign-off", "criteria": ["business-review", "compliance-review"]},
]

# Selection: of each type the newest record by collected_at, then received_at, that was received by now, is not
# revoked and is bound to exactly the release's artifacts.

ns_per_day := 86400000000000

now := time.parse_rfc3339_ns(input.at)

digests := {a.sha256 | some a in input.release.artifacts}

discounted contains i if {
	some i
	is_string(input.evidence[i].revoked_at)
	time.parse_rfc3339_ns(input.evidence[i].revoked_at) <= now
}

discounted contains i if {
	some i
	is_array(input.evidence[i].artifacts)
	{sha256 | some sha256 in input.evidence[i].artifacts} != digests
}

usable[e.type] contains [collected_at, received_at, i] if {
	some i, e in input.evidence
	not i in discounted
	collected_at := time.parse_rfc3339_ns(e.collected_at)
	received_at := time.parse_rfc3339_ns(object.get(e, "received_at", e.collected_at))
	received_at <= now
}

newest := {t: max(records) | some t, records in usable}

collected := {t: r[0] | some t, r in newest}

received := {t: r[1] | some t, r in newest}

expired := {t |
	some t, at in collected
	now >= at + (max_age_days[t] * ns_per_day)
}

facts := {t: input.evidence[r[2]] |
	some t, r in newest
	not t in expired
}

params := object.union(defaults, object.get(facts, ["success-criteria", "data", "params"], {}))

attributes := object.get(input.subject, "attributes", {})

# Shared by several criteria.

list(names) := concat(", ", names) if count(names) <= 10

list(names) := sprintf("%s and %d more", [concat(", ", array.slice(names, 0, 10)), count(names) - 10]) if {
	count(names) > 10
}

all_passed(report) if {
	report.passed >= 1
	report.failed + report.errors == 0
}

too_many_skipped(report) if report.skipped > params.max_skipped_share * report.total

passed_case(report, pattern) if {
	some c in report.cases
	c.status == "passed"
	regex.match(pattern, c.id)
}

at_least(values, key, limit) if values[key] >= limit

at_most(values, key, limit) if values[key] <= limit

section(card, pattern) if {
	some s in card.sections
	regex.match(pattern, s)
}

sc := facts["success-criteria"].data

so := facts["service-objectives"].data

card := facts["model-card"].data

runbook := facts["rollback-runbook"].data

alerts := [{"rule": r, "text": concat(" ", [r.name, r.expr])} |
	some r in facts["alert-rules"].data.rules
	r.kind == "alerting"
]

live := {"staging", "production"}

# 1. model-validation/holdout-performance

holdout := facts["holdout-evaluation"]

holdout_rows := holdout.data.rows if {
	holdout.data.rows
} else := to_number(holdout.context.rows) if {
	regex.match(`^\d+$`, holdout.context.rows)
}

fails["holdout-performance"] contains [1, m] if {
	holdout.context.split != "test"
	m := sprintf("measured on the %v split; the held-out test set is required", [holdout.context.split])
}

fails["holdout-performance"] contains [2, m] if {
	received["success-criteria"] > collected["holdout-evaluation"]
	m := sprintf("the thresholds were registered at %v, after this evaluation ran (%v); run it again", [facts["success-criteria"].received_at, holdout.collected_at])
}

fails["holdout-performance"] contains [3, m] if {
	sc.holdout_dataset != holdout.context.dataset
	m := sprintf("evaluated on %v, but %v was set aside for this", [holdout.context.dataset, sc.holdout_dataset])
}

fails["holdout-performance"] contains [4, m] if {
	holdout.data.status != "finished"
	m := sprintf("the evaluation run ended as %v", [holdout.data.status])
}

enough_rows if holdout_rows >= params.min_holdout_rows

fails["holdout-performance"] contains [5, m] if {
	not enough_rows
	m := sprintf("fewer than %v test rows: the result says too little", [params.min_holdout_rows])
}

fails["holdout-performance"] contains [6, "the success criteria name no metric"] if count(sc.minimum) + count(sc.maximum) == 0

fails["holdout-performance"] contains [7, m] if {
	failed := [x.name | some x in holdout.data.conditions; not x.passed]
	count(failed) > 0
	m := sprintf("conditions of the tool itself failed: %v", [list(failed)])
}

fails["holdout-performance"] contains [8, m] if {
	count((object.keys(sc.minimum) | object.keys(sc.maximum)) - object.keys(holdout.data.metrics)) > 0
	m := sprintf("a registered metric was not measured or is not a number (not finite: %v)", [list(holdout.data.non_finite)])
}

fails["holdout-performance"] contains [9, m] if {
	some k, limit in sc.minimum
	not at_least(holdout.data.metrics, k, limit)
	m := sprintf("below the registered minimum: %v", [list([n | some n, least in sc.minimum; holdout.data.metrics[n] < least])])
}

fails["holdout-performance"] contains [10, m] if {
	some k, limit in sc.maximum
	not at_most(holdout.data.metrics, k, limit)
	m := sprintf("above the registered maximum: %v", [list([n | some n, most in sc.maximum; holdout.data.metrics[n] > most])])
}

# 2. model-validation/temporal-validation

temporal := facts["temporal-evaluation"].data

fails["temporal-validation"] contains [1, m] if {
	temporal.temporal_folds < params.min_temporal_folds
	m := sprintf("only %v time-ordered folds; at least %v", [temporal.temporal_folds, params.min_temporal_folds])
}

fails["temporal-validation"] contains [2, "a fold trains on data from after its test window begins"] if {
	some f in temporal.folds
	time.parse_rfc3339_ns(f.train_end) >= time.parse_rfc3339_ns(f.test_start)
}

fails["temporal-validation"] contains [3, m] if {
	temporal.gap > params.max_temporal_gap
	m := sprintf("%v drops by %v from random to time-based splits; at most %v", [temporal.metric, temporal.gap, params.max_temporal_gap])
}

fails["temporal-validation"] contains [4, m] if {
	temporal.temporal_mean < sc.minimum[temporal.metric]
	m := sprintf("%v on time-based splits is %v, below the registered %v", [temporal.metric, temporal.temporal_mean, sc.minimum[temporal.metric]])
}

fails["temporal-validation"] contains [5, "the thresholds were registered after this evaluation ran"] if received["success-criteria"] > collected["temporal-evaluation"]

fails["temporal-validation"] contains [6, m] if {
	explanation.top1_share > params.max_top_feature_share
	m := sprintf("one feature carries %v of the explanation: check %v for leakage", [explanation.top1_share, explanation.top_feature])
}

fails["temporal-validation"] contains [7, m] if {
	count(temporal.leakage_suspects) > 0
	m := sprintf("suspected leaks not cleared: %v", [list(temporal.leakage_suspects)])
}

# 3. model-validation/edge-cases

edge := facts["edge-case-tests"].data

fails["edge-cases"] contains [1, m] if {
	edge.passed < 1
	m := sprintf("no test passed: %v tests in the report", [edge.total])
}

fails["edge-cases"] contains [2, m] if {
	edge.failed + edge.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [edge.failed, edge.errors, edge.total])
}

fails["edge-cases"] contains [3, m] if {
	too_many_skipped(edge)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [edge.skipped, edge.total, params.max_skipped_share])
}

fails["edge-cases"] contains [4, m] if {
	edge.passed < params.min_edge_case_tests
	m := sprintf("%v edge-case tests passed; at least %v", [edge.passed, params.min_edge_case_tests])
}

fails["edge-cases"] contains [5, "no passed test on hostile or perturbed inputs"] if not passed_case(edge, params.adversarial_pattern)

fails["edge-cases"] contains [6, "no passed test on out-of-distribution inputs"] if not passed_case(edge, params.ood_pattern)

fails["edge-cases"] contains [7, "the model card has no section on limits or out-of-distribution behaviour"] if not section(card, `(?i)limitation|out.of.(scope|distribution)|failure`)

fails["edge-cases"] contains [8, "the model card still contains placeholder text"] if card.placeholder_text

# 4. model-validation/fairness

fairness := facts["fairness-evaluation"]

compared_attributes := {a | some x in fairness.data.dimensions; some a in x.attributes}

fails["fairness"] contains [1, m] if {
	fairness.context.split != "test"
	m := sprintf("measured on the %v split; the held-out test set is required", [fairness.context.split])
}

fails["fairness"] contains [2, "the dimensions were registered after this evaluation ran"] if received["success-criteria"] > collected["fairness-evaluation"]

fails["fairness"] contains [3, "the success criteria name no demographic dimension"] if count(sc.dimensions) < 1

fails["fairness"] contains [4, m] if {
	absent := [d | some d in sc.dimensions; not d in compared_attributes]
	count(absent) > 0
	m := sprintf("not evaluated: %v", [list(absent)])
}

fails["fairness"] contains [5, "a dimension with fewer than two groups compares nothing"] if {
	some x in fairness.data.dimensions
	x.groups < 2
}

fails["fairness"] contains [6, m] if {
	small := [g.group | some g in fairness.data.groups; g.count < params.min_group_size]
	count(small) > 0
	m := sprintf("groups too small to judge (below %v): %v", [params.min_group_size, list(small)])
}

fails["fairness"] contains [7, m] if {
	unequal := [x.name | some x in fairness.data.dimensions; x.selection_rate_ratio < params.min_selection_rate_ratio]
	count(unequal) > 0
	m := sprintf("selection-rate ratio below %v in: %v", [params.min_selection_rate_ratio, list(unequal)])
}

fails["fairness"] contains [8, m] if {
	unequal := [x.name |
		some x in fairness.data.dimensions
		x.selection_rate_difference > params.max_selection_rate_difference
	]
	count(unequal) > 0
	m := sprintf("selection rates differ by more than %v in: %v", [params.max_selection_rate_difference, list(unequal)])
}

fails["fairness"] contains [9, m] if {
	some x in fairness.data.dimensions
	x.equalized_odds_difference > params.max_equalized_odds_difference
	m := sprintf("error rates differ by more than %v between groups", [params.max_equalized_odds_difference])
}

# 5. model-validation/explainability

explanation := facts.explanation.data

fails["explainability"] contains [1, m] if {
	explanation.n_samples < params.min_explained_samples
	m := sprintf("explained on %v rows; at least %v", [explanation.n_samples, params.min_explained_samples])
}

fails["explainability"] contains [2, "the report names no feature"] if count(explanation.features) < 1

fails["explainability"] contains [3, m] if {
	explanation.top1_share > params.max_top_feature_share
	m := sprintf("%v alone carries a share of %v; above %v it needs clearing", [explanation.top_feature, explanation.top1_share, params.max_top_feature_share])
}

fails["explainability"] contains [4, m] if {
	explanation.additivity_max_error > 0.01
	m := sprintf("the attributions do not add up to the model's output (error %v)", [explanation.additivity_max_error])
}

fails["explainability"] contains [5, "the model card has no section that explains the decision logic"] if not section(card, `(?i)explain|interpret|how .*(decid|work)`)

fails["explainability"] contains [6, "the model card still contains placeholder text"] if card.placeholder_text

# 6. model-validation/baseline-comparison

baseline := facts["baseline-comparison"]

primary := object.get(sc, "primary_metric", "?")

improvement := baseline.data.metrics[primary] - baseline.data.baseline[primary] if {
	sc.minimum[primary]
} else := baseline.data.baseline[primary] - baseline.data.metrics[primary]

measured_for_both if {
	baseline.data.metrics[primary]
	baseline.data.baseline[primary]
}

fails["baseline-comparison"] contains [1, m] if {
	baseline.context.split != "test"
	m := sprintf("compared on the %v split; the held-out test set is required", [baseline.context.split])
}

fails["baseline-comparison"] contains [2, m] if {
	baseline.context.dataset != holdout.context.dataset
	m := sprintf("compared on %v, evaluated on %v", [baseline.context.dataset, holdout.context.dataset])
}

fails["baseline-comparison"] contains [3, m] if {
	not baseline.context.baseline in {"current-process", "heuristic", "previous-model"}
	m := sprintf("a %v baseline proves nothing: compare with the current process, a heuristic or the previous model", [baseline.context.baseline])
}

fails["baseline-comparison"] contains [4, "the margin was registered after this comparison ran"] if received["success-criteria"] > collected["baseline-comparison"]

fails["baseline-comparison"] contains [5, m] if {
	not at_least(sc, "baseline_margin", params.min_baseline_margin)
	m := sprintf("the registered margin %v is below the policy's floor of %v", [object.get(sc, "baseline_margin", "?"), params.min_baseline_margin])
}

fails["baseline-comparison"] contains [6, m] if {
	not measured_for_both
	m := sprintf("%v is not given for both model and baseline", [primary])
}

same_measurement if baseline.data.metrics[primary] == holdout.data.metrics[primary]

fails["baseline-comparison"] contains [7, m] if {
	not same_measurement
	m := sprintf("the model's %v here is not the one of the held-out evaluation", [primary])
}

outperforms if improvement >= sc.baseline_margin - 1e-9

fails["baseline-comparison"] contains [8, m] if {
	not outperforms
	m := sprintf("the model is not better than the baseline by the registered %v in %v", [object.get(sc, "baseline_margin", "?"), primary])
}

# 7. data-pipeline-validation/feature-parity

parity := facts["feature-parity-tests"]

skew := facts["training-serving-skew"]

fails["feature-parity"] contains [1, m] if {
	parity.data.passed < 1
	m := sprintf("no test passed: %v tests in the report", [parity.data.total])
}

fails["feature-parity"] contains [2, m] if {
	parity.data.failed + parity.data.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [parity.data.failed, parity.data.errors, parity.data.total])
}

fails["feature-parity"] contains [3, m] if {
	too_many_skipped(parity.data)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [parity.data.skipped, parity.data.total, params.max_skipped_share])
}

fails["feature-parity"] contains [4, m] if {
	not parity.context.environment in live
	m := sprintf("run in %v: parity must be shown on the pipeline that serves", [parity.context.environment])
}

fails["feature-parity"] contains [5, m] if {
	skew.context.reference != "training"
	m := sprintf("the reference is %v; it must be the training data", [skew.context.reference])
}

fails["feature-parity"] contains [6, m] if {
	not skew.context.current in {"serving", "shadow"}
	m := sprintf("compared with %v; features as served are required", [skew.context.current])
}

fails["feature-parity"] contains [7, "the comparison covers no column"] if skew.data.column_count < 1

fails["feature-parity"] contains [8, m] if {
	skew.data.drift_share > params.max_skew_share
	m := sprintf("features that differ between training and serving: %v", [list([x.name | some x in skew.data.columns; x.drifted])])
}

# 8. data-pipeline-validation/data-freshness

freshness := facts["source-freshness"]

stale := facts["stale-data-tests"].data

fails["data-freshness"] contains [1, m] if {
	freshness.context.environment != "production"
	m := sprintf("freshness of the %v sources says nothing about production", [freshness.context.environment])
}

fails["data-freshness"] contains [2, "the report covers no source"] if count(freshness.data.checks) < 1

fails["data-freshness"] contains [3, m] if {
	names := [x.name | some x in freshness.data.checks; not x.age_s]
	count(names) > 0
	m := sprintf("no age measured for: %v", [list(names)])
}

fails["data-freshness"] contains [4, m] if {
	names := [x.name | some x in freshness.data.checks; not x.limit_s]
	count(names) > 0
	m := sprintf("no maximum age defined for: %v", [list(names)])
}

fails["data-freshness"] contains [5, m] if {
	names := [x.name | some x in freshness.data.checks; x.age_s > x.limit_s]
	count(names) > 0
	m := sprintf("older than allowed: %v", [list(names)])
}

fails["data-freshness"] contains [6, m] if {
	freshness.data.errors + freshness.data.failed != 0
	m := sprintf("%v sources in error", [freshness.data.errors + freshness.data.failed])
}

fails["data-freshness"] contains [7, "the tests for late or absent sources did not all pass"] if not all_passed(stale)

fails["data-freshness"] contains [8, m] if {
	too_many_skipped(stale)
	m := sprintf("%v of %v tests for late or absent sources skipped", [stale.skipped, stale.total])
}

fails["data-freshness"] contains [9, "no passed test with a delayed source"] if not passed_case(stale, `(?i)delay|late|stale|old`)

fails["data-freshness"] contains [10, "no passed test with an unavailable source"] if not passed_case(stale, `(?i)unavail|outage|down|timeout|missing`)

# 9. data-pipeline-validation/schema-handling

schema := facts["schema-handling-tests"].data

contract := facts["data-contract"].data

column_drill := facts["missing-column-drill"].data

fails["schema-handling"] contains [1, m] if {
	schema.passed < 1
	m := sprintf("no test passed: %v tests in the report", [schema.total])
}

fails["schema-handling"] contains [2, m] if {
	schema.failed + schema.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [schema.failed, schema.errors, schema.total])
}

fails["schema-handling"] contains [3, m] if {
	too_many_skipped(schema)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [schema.skipped, schema.total, params.max_skipped_share])
}

fails["schema-handling"] contains [4, "no passed test that a new column is ignored"] if not passed_case(schema, `(?i)(new|extra|added|unknown|additional).?(col|field|feature)`)

fails["schema-handling"] contains [5, "no passed test that a missing column fails loudly"] if not passed_case(schema, `(?i)(missing|absent|dropped|removed).?(col|field|feature)`)

fails["schema-handling"] contains [6, "no passed test of a changed type"] if not passed_case(schema, `(?i)type|coerc|cast|numeric|dtype`)

contract_kept if {
	contract.total >= 1
	contract.failed + contract.errors == 0
}

fails["schema-handling"] contains [7, m] if {
	not contract_kept
	m := sprintf("the data breaks its contract in %v of %v checks", [contract.failed + contract.errors, contract.total])
}

fails["schema-handling"] contains [8, "the drill removed a column and the validation stayed green"] if column_drill.failed + column_drill.errors < 1

# 10. infrastructure-readiness/load-capacity

load := facts["load-test"]

latency_limited if {
	some k, _ in so.maximum
	startswith(k, "latency_")
}

fails["load-capacity"] contains [1, m] if {
	not load.context.environment in live
	m := sprintf("load was put on %v; staging of production size or production is required", [load.context.environment])
}

fails["load-capacity"] contains [2, "the objectives were registered after this test ran"] if received["service-objectives"] > collected["load-test"]

fails["load-capacity"] contains [3, m] if {
	load.data.requests < params.min_load_test_requests
	m := sprintf("%v requests are no load; at least %v", [load.data.requests, params.min_load_test_requests])
}

fails["load-capacity"] contains [4, m] if {
	load.data.error_rate > params.max_error_rate
	m := sprintf("%v of the requests failed; at most %v", [load.data.error_rate, params.max_error_rate])
}

fails["load-capacity"] contains [5, "the objectives name no latency limit or no peak throughput"] if not latency_limited

fails["load-capacity"] contains [5, "the objectives name no latency limit or no peak throughput"] if not so.minimum.throughput_rps

fails["load-capacity"] contains [6, m] if {
	unmeasured := object.keys(so.maximum) - object.keys(load.data.metrics)
	count(unmeasured) > 0
	m := sprintf("not measured by this tool: %v", [list([k | some k in unmeasured])])
}

fails["load-capacity"] contains [7, m] if {
	some k, limit in so.maximum
	not at_most(load.data.metrics, k, limit)
	m := sprintf("over the objective: %v", [list([n | some n, most in so.maximum; load.data.metrics[n] > most])])
}

peak_reached if load.data.metrics.throughput_rps >= so.minimum.throughput_rps

fails["load-capacity"] contains [8, m] if {
	not peak_reached
	m := sprintf("%v requests per second reached; the peak is %v", [object.get(load.data.metrics, "throughput_rps", "?"), object.get(so.minimum, "throughput_rps", "?")])
}

fails["load-capacity"] contains [9, m] if {
	agreed := so.minimum.duration_s
	not at_least(load.data, "duration_s", agreed)
	m := sprintf("the test ran %v s; %v s were agreed", [object.get(load.data, "duration_s", "?"), agreed])
}

fails["load-capacity"] contains [10, m] if {
	load.data.thresholds_failed + load.data.checks_failed != 0
	m := sprintf("%v thresholds and %v response checks of the tool itself failed", [load.data.thresholds_failed, load.data.checks_failed])
}

# 11. infrastructure-readiness/resource-limits

manifest := facts["serving-manifest"].data

soak := facts["memory-soak"]

highest_memory_limit := max([x.memory_limit_bytes | some x in manifest.containers])

watched_long_enough if {
	count(soak.data.series) >= 1
	every s in soak.data.series {
		time.parse_rfc3339_ns(s.until) - time.parse_rfc3339_ns(s.from) >= params.min_soak_minutes * 60000000000
	}
}

fails["resource-limits"] contains [1, "the manifest holds no container"] if count(manifest.containers) < 1

fails["resource-limits"] contains [2, m] if {
	names := [x.name | some x in manifest.containers; not x.memory_limit_bytes]
	count(names) > 0
	m := sprintf("no memory limit on: %v", [list(names)])
}

fails["resource-limits"] contains [3, m] if {
	names := [x.name | some x in manifest.containers; not x.cpu_limit_millicores; not x.cpu_request_millicores]
	count(names) > 0
	m := sprintf("neither CPU limit nor CPU request on: %v", [list(names)])
}

fails["resource-limits"] contains [4, m] if {
	soak.context.unit != "bytes"
	m := sprintf("the soak series is in %v; bytes are required", [soak.context.unit])
}

fails["resource-limits"] contains [5, m] if {
	not watched_long_enough
	m := sprintf("memory was watched for less than %v minutes", [params.min_soak_minutes])
}

fails["resource-limits"] contains [6, m] if {
	some s in soak.data.series
	s.slope_per_s * 3600 > params.max_memory_growth * s.first
	m := sprintf("memory grows faster than a share of %v per hour", [params.max_memory_growth])
}

below_a_limit(s) if s.max < highest_memory_limit

fails["resource-limits"] contains [7, "memory reached the limit"] if {
	some s in soak.data.series
	not below_a_limit(s)
}

# 12. infrastructure-readiness/health-endpoint

health := facts["health-probe"].data

degraded := facts["health-probe-degraded"]

fails["health-endpoint"] contains [1, m] if {
	health.http_status != 200
	m := sprintf("the healthy service answered %v / %v", [health.http_status, health.status])
}

fails["health-endpoint"] contains [1, m] if {
	health.status != "pass"
	m := sprintf("the healthy service answered %v / %v", [health.http_status, health.status])
}

fails["health-endpoint"] contains [2, "the answer names no component: it can't mean more than \"the process runs\""] if health.checks < 1

fails["health-endpoint"] contains [3, "which fault was injected is not said"] if degraded.context.fault == ""

fails["health-endpoint"] contains [4, m] if {
	degraded.data.http_status < 500
	degraded.data.http_status != 429
	m := sprintf("with %v broken the endpoint still answered %v", [degraded.context.fault, degraded.data.http_status])
}

fails["health-endpoint"] contains [5, "the degraded answer does not name what fails"] if degraded.data.status != "fail"

fails["health-endpoint"] contains [5, "the degraded answer does not name what fails"] if degraded.data.failing_checks < 1

fails["health-endpoint"] contains [6, m] if {
	id := health.release_id
	not endswith(id, input.release.version)
	m := sprintf("the probe answered for %v, not for %v", [id, input.release.version])
}

# 13. infrastructure-readiness/staging-e2e

e2e := facts["staging-e2e-run"]

scan := facts["artifact-scan"].data

scan_is_clean if {
	scan.runs >= 1
	scan.errors == 0
	object.get(scan, "scanned", 1) >= 1
	scan.critical + scan.high == 0
}

fails["staging-e2e"] contains [1, m] if {
	e2e.data.passed < 1
	m := sprintf("no test passed: %v tests in the report", [e2e.data.total])
}

fails["staging-e2e"] contains [2, m] if {
	e2e.data.failed + e2e.data.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [e2e.data.failed, e2e.data.errors, e2e.data.total])
}

fails["staging-e2e"] contains [3, m] if {
	too_many_skipped(e2e.data)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [e2e.data.skipped, e2e.data.total, params.max_skipped_share])
}

fails["staging-e2e"] contains [4, m] if {
	e2e.context.environment != "staging"
	m := sprintf("run in %v; staging is required", [e2e.context.environment])
}

fails["staging-e2e"] contains [5, m] if {
	e2e.data.properties.environment != e2e.context.environment
	m := sprintf("the report itself says %v, the submitter says %v", [e2e.data.properties.environment, e2e.context.environment])
}

fails["staging-e2e"] contains [6, "the objectives don't say how many rows are representative"] if not so.minimum.staging_rows

representative_volume if {
	rows := e2e.data.properties.rows
	regex.match(`^\d+$`, rows)
	to_number(rows) >= so.minimum.staging_rows
}

fails["staging-e2e"] contains [7, m] if {
	not representative_volume
	m := sprintf("%v rows; production-representative are %v", [object.get(e2e.data.properties, "rows", "?"), object.get(so.minimum, "staging_rows", "?")])
}

fails["staging-e2e"] contains [8, m] if {
	id := e2e.data.properties.release
	not endswith(id, input.release.version)
	m := sprintf("the run deployed %v, not %v", [id, input.release.version])
}

fails["staging-e2e"] contains [9, "the representative volume was registered after this run"] if received["service-objectives"] > collected["staging-e2e-run"]

fails["staging-e2e"] contains [10, m] if {
	scan
	not scan_is_clean
	m := sprintf("the artifact scan did not run to the end, or found %v critical and %v high issues", [scan.critical, scan.high])
}

# 14. infrastructure-readiness/model-versioning

registry := facts["model-registry"].data

ready := [e | some e in registry.entries; e.status == "ready"]

fails["model-versioning"] contains [1, m] if {
	registry.kind != "model"
	m := sprintf("this is a %v registry; a model registry is required", [registry.kind])
}

fails["model-versioning"] contains [2, "no version in the registry is ready"] if count(ready) == 0

fails["model-versioning"] contains [3, "an entry has no version"] if {
	some e in registry.entries
	e.version == ""
}

fails["model-versioning"] contains [4, "no alias or stage says which version serves"] if count(registry.aliases) < 1

fails["model-versioning"] contains [5, "no passed test in staging with two versions at once"] if not passed_case(e2e.data, `(?i)shadow|canary|a.?b.?test|two.?versions|side.?by.?side|blue.?green`)

# 15. infrastructure-readiness/autoscaling

scaling := facts["scaling-test"]

scaled_out if {
	some s in scaling.data.series
	s.max > s.first
}

most_replicas := max([a.max | some a in manifest.autoscalers])

fails["autoscaling"] contains [1, "the manifest configures no autoscaler"] if count(manifest.autoscalers) < 1

fails["autoscaling"] contains [2, "minimum and maximum replicas are equal: nothing can scale"] if {
	some a in manifest.autoscalers
	a.max <= a.min
}

fails["autoscaling"] contains [3, m] if {
	scaling.context.unit != "replicas"
	m := sprintf("the series counts %v; replicas are required", [scaling.context.unit])
}

fails["autoscaling"] contains [4, m] if {
	not scaling.context.environment in live
	m := sprintf("scaled in %v", [scaling.context.environment])
}

fails["autoscaling"] contains [5, "the replica count did not rise under load"] if not scaled_out

within_autoscaler(s) if s.max <= most_replicas

fails["autoscaling"] contains [6, "more replicas than the autoscaler allows: someone scaled by hand"] if {
	some s in scaling.data.series
	not within_autoscaler(s)
}

# 16. monitoring-and-alerting/prediction-monitoring

alert_tests := facts["alert-rule-tests"].data

prediction_drift := facts["prediction-drift"]

alert_with_runbook(pattern) if {
	some a in alerts
	a.rule.runbook_url != ""
	regex.match(pattern, a.text)
}

alert_on(pattern) if {
	some a in alerts
	regex.match(pattern, a.text)
}

shift_reaches_someone if prediction_drift.context.notifies != ""

shift_reaches_someone if alert_on(`(?i)(prediction|score).*(drift|shift|psi|distribution|quantile)`)

fails["prediction-monitoring"] contains [1, "no alert with a runbook watches the number of predictions"] if not alert_with_runbook(`(?i)volume|throughput|prediction.*(low|high|anomal)`)

fails["prediction-monitoring"] contains [2, "no alert with a runbook watches null or default predictions"] if not alert_with_runbook(`(?i)null|default|empty|fallback`)

fails["prediction-monitoring"] contains [3, "nobody is told when the score distribution shifts: add an alert, or name whom the drift job notifies"] if not shift_reaches_someone

fails["prediction-monitoring"] contains [4, "no expected score distribution with a limit is defined"] if count(prediction_drift.data.columns) < 1

fails["prediction-monitoring"] contains [4, "no expected score distribution with a limit is defined"] if {
	some x in prediction_drift.data.columns
	not x.threshold
}

fails["prediction-monitoring"] contains [5, m] if {
	names := [a.rule.name | some a in alerts; a.rule.severity == ""]
	count(names) > 0
	m := sprintf("alerts without severity reach nobody: %v", [list(names)])
}

fails["prediction-monitoring"] contains [6, m] if {
	names := [r.name | some r in facts["alert-rules"].data.rules; r.health != "ok"]
	count(names) > 0
	m := sprintf("rules that do not evaluate: %v", [list(names)])
}

fails["prediction-monitoring"] contains [7, "the alert rules were not tested, or a test fails"] if not all_passed(alert_tests)

fails["prediction-monitoring"] contains [8, m] if {
	too_many_skipped(alert_tests)
	m := sprintf("%v of %v alert tests skipped", [alert_tests.skipped, alert_tests.total])
}

# 17. monitoring-and-alerting/drift-detection

drift := facts["drift-check"]

fails["drift-detection"] contains [1, m] if {
	not drift.context.reference in {"training", "production-window"}
	m := sprintf("the reference is %v; training data or a reviewed production window is required", [drift.context.reference])
}

fails["drift-detection"] contains [2, m] if {
	not drift.context.current in {"production", "shadow", "staging"}
	m := sprintf("compared with %v", [drift.context.current])
}

fails["drift-detection"] contains [3, "the drift job watches no column"] if drift.data.column_count < 1

fails["drift-detection"] contains [3, "the drift job watches no column"] if count(drift.data.columns) < 1

untested_columns contains x.name if {
	some x in drift.data.columns
	x.method == ""
}

untested_columns contains x.name if {
	some x in drift.data.columns
	not x.threshold
}

fails["drift-detection"] contains [4, m] if {
	count(untested_columns) > 0
	m := sprintf("no test or threshold for: %v", [list([n | some n in untested_columns])])
}

fails["drift-detection"] contains [5, m] if {
	drift.data.drift_share > params.max_drift_share
	m := sprintf("a share of %v of the columns has drifted already: %v", [drift.data.drift_share, list([x.name | some x in drift.data.columns; x.drifted])])
}

fails["drift-detection"] contains [6, "no alert is bound to drift"] if not alert_on(`(?i)drift|psi|divergence|wasserstein|kolmogorov`)

# 18. monitoring-and-alerting/outcome-monitoring

outcome := facts["outcome-evaluation"]

outcome_alert_acts if {
	some a in alerts
	a.rule.labels.action in {"rollback", "retrain"}
}

fails["outcome-monitoring"] contains [1, m] if {
	not outcome.context.source in {"production", "shadow", "backtest"}
	m := sprintf("outcomes come from %v; production, shadow or a backtest on logged production inputs is required", [outcome.context.source])
}

fails["outcome-monitoring"] contains [2, "the label delay is not given as a duration such as 72h"] if not regex.match(`^(0|(\d+(\.\d+)?(ns|us|ms|s|m|h))+)$`, outcome.context.label_delay)

fails["outcome-monitoring"] contains [3, m] if {
	not outcome.data.metrics[primary]
	m := sprintf("%v is not measured on outcomes", [primary])
}

fails["outcome-monitoring"] contains [4, m] if {
	names := [k | some k, limit in sc.minimum; outcome.data.metrics[k] < limit]
	count(names) > 0
	m := sprintf("on real outcomes already below the registered minimum: %v", [list(names)])
}

fails["outcome-monitoring"] contains [5, "no alert on outcomes is labelled with the action it triggers (rollback or retrain)"] if not outcome_alert_acts

# 19. rollback-and-recovery/previous-version

timing := facts["rollback-timing"]

predecessor := object.get(input.release, "predecessor", "")

way_back_timed if timing.context.target == "previous-version"

way_back_timed if {
	timing.context.target == "fallback"
	predecessor == ""
}

fails["previous-version"] contains [1, m] if {
	timing.data.result != "passed"
	m := sprintf("%v of %v timed rollbacks failed", [timing.data.failures, timing.data.runs])
}

fails["previous-version"] contains [1, m] if {
	timing.data.runs < 1
	m := sprintf("%v of %v timed rollbacks failed", [timing.data.failures, timing.data.runs])
}

fails["previous-version"] contains [1, m] if {
	timing.data.failures != 0
	m := sprintf("%v of %v timed rollbacks failed", [timing.data.failures, timing.data.runs])
}

fails["previous-version"] contains [2, m] if {
	timing.data.duration_s >= params.max_rollback_seconds
	m := sprintf("the slowest rollback took %v s; it must take less than %v s", [timing.data.duration_s, params.max_rollback_seconds])
}

fails["previous-version"] contains [3, m] if {
	not way_back_timed
	m := sprintf("rolled back to %v, but %v was launched before: time the way back to it", [timing.context.target, predecessor])
}

fails["previous-version"] contains [4, m] if {
	not timing.context.environment in live
	m := sprintf("timed in %v", [timing.context.environment])
}

fails["previous-version"] contains [5, "the registry holds fewer than two versions that are ready"] if {
	predecessor != ""
	count(ready) < 2
}

# 20. rollback-and-recovery/rollback-procedure

rollback_drill := facts["rollback-drill"]

drill_claimed := object.get(runbook, "last_drill", {})

drilled_in_staging if {
	drill_claimed.environment == "staging"
	drill_claimed.result == "passed"
}

drilled_recently if {
	at := time.parse_rfc3339_ns(drill_claimed.at)
	at <= collected["rollback-runbook"]
	collected["rollback-runbook"] - at <= 90 * ns_per_day
}

fails["rollback-procedure"] contains [1, m] if {
	runbook.kind != "rollback-runbook"
	m := sprintf("the document is a %v", [runbook.kind])
}

fails["rollback-procedure"] contains [2, "the runbook has placeholder text or no steps"] if runbook.placeholder_text

fails["rollback-procedure"] contains [2, "the runbook has placeholder text or no steps"] if runbook.steps < 1

fails["rollback-procedure"] contains [3, m] if {
	not endswith(runbook.release, input.release.version)
	m := sprintf("the runbook is written for %v", [runbook.release])
}

fails["rollback-procedure"] contains [4, m] if {
	not drilled_in_staging
	m := sprintf("last drill: %v in %v", [object.get(drill_claimed, "result", "?"), object.get(drill_claimed, "environment", "?")])
}

drilled_in_time if drill_claimed.duration_s < params.max_rollback_seconds

fails["rollback-procedure"] contains [5, m] if {
	not drilled_in_time
	m := sprintf("the last drill took %v s", [object.get(drill_claimed, "duration_s", "?")])
}

fails["rollback-procedure"] contains [6, m] if {
	not drilled_recently
	m := sprintf("the last drill (%v) is more than 90 days older than the runbook", [object.get(drill_claimed, "at", "?")])
}

fails["rollback-procedure"] contains [7, "no on-call engineer has confirmed to know the runbook"] if count(runbook.on_call_ack) < 1

fails["rollback-procedure"] contains [8, m] if {
	rollback_drill.context.environment != "staging"
	m := sprintf("the recorded drill ran in %v", [rollback_drill.context.environment])
}

fails["rollback-procedure"] contains [9, "the recorded drill did not pass"] if not all_passed(rollback_drill.data)

# 21. rollback-and-recovery/rule-based-fallback

fallback := facts["fallback-tests"]

fails["rule-based-fallback"] contains [1, m] if {
	fallback.data.passed < 1
	m := sprintf("no test passed: %v tests in the report", [fallback.data.total])
}

fails["rule-based-fallback"] contains [2, m] if {
	fallback.data.failed + fallback.data.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [fallback.data.failed, fallback.data.errors, fallback.data.total])
}

fails["rule-based-fallback"] contains [3, m] if {
	too_many_skipped(fallback.data)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [fallback.data.skipped, fallback.data.total, params.max_skipped_share])
}

works_without_model if runbook.fallback.type in {"rules", "manual-process", "safe-default"}

fails["rule-based-fallback"] contains [4, "the runbook defines no fallback that works without a model"] if not works_without_model

fails["rule-based-fallback"] contains [5, "the fallback is not marked as tested"] if not runbook.fallback.tested

fails["rule-based-fallback"] contains [6, m] if {
	not fallback.context.environment in live
	m := sprintf("tested in %v", [fallback.context.environment])
}

# 22. rollback-and-recovery/graceful-degradation

degradation := facts["degradation-tests"]

consumer_tested(name) if {
	some x in degradation.data.cases
	x.status == "passed"
	contains(x.id, name)
}

fails["graceful-degradation"] contains [1, m] if {
	degradation.data.passed < 1
	m := sprintf("no test passed: %v tests in the report", [degradation.data.total])
}

fails["graceful-degradation"] contains [2, m] if {
	degradation.data.failed + degradation.data.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [degradation.data.failed, degradation.data.errors, degradation.data.total])
}

fails["graceful-degradation"] contains [3, m] if {
	too_many_skipped(degradation.data)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [degradation.data.skipped, degradation.data.total, params.max_skipped_share])
}

fails["graceful-degradation"] contains [4, m] if {
	not degradation.context.environment in live
	m := sprintf("tested in %v", [degradation.context.environment])
}

fails["graceful-degradation"] contains [5, "no passed test with the model unavailable"] if not passed_case(degradation.data, `(?i)unavail|timeout|times? out|down|outage|5\d\d|circuit|degrad|without.*(model|score)`)

fails["graceful-degradation"] contains [6, m] if {
	names := [k | some k in attributes.consumers; not consumer_tested(k)]
	count(names) > 0
	m := sprintf("consuming systems without a passed test: %v", [list(names)])
}

# 23. rollback-and-recovery/rollback-criteria

rollback_signals := [t.signal | some t in runbook.triggers; t.action == "rollback"]

investigated if {
	some t in runbook.triggers
	t.action == "investigate"
}

complete(t) if {
	t.signal != ""
	t.op in {"<", "<=", ">", ">="}
	t.window != ""
}

rollback_signal_live if {
	some signal in rollback_signals
	some a in alerts
	contains(a.rule.expr, signal)
}

fails["rollback-criteria"] contains [1, "no signal triggers an immediate rollback"] if count(rollback_signals) == 0

fails["rollback-criteria"] contains [2, "no signal is marked for investigation"] if not investigated

fails["rollback-criteria"] contains [3, "a trigger lacks signal, comparison or window"] if {
	some t in runbook.triggers
	not complete(t)
}

fails["rollback-criteria"] contains [4, "none of the rollback signals appears in a live alert rule"] if not rollback_signal_live

# 24. rollback-and-recovery/post-rollback-review

reviewed_in_time if runbook.review.within_days <= params.max_review_days

fails["post-rollback-review"] contains [1, m] if {
	not reviewed_in_time
	m := sprintf("the review is due later than %v days after a rollback, or not defined", [params.max_review_days])
}

fails["post-rollback-review"] contains [2, "nobody owns the review"] if object.get(runbook, ["review", "owner"], "") == ""

fails["post-rollback-review"] contains [3, "the review has no template"] if object.get(runbook, ["review", "template"], "") == ""

# 25. governance-and-sign-off/business-review

business := facts["business-test-cases"].data

fails["business-review"] contains [1, m] if {
	business.passed < 1
	m := sprintf("no test passed: %v tests in the report", [business.total])
}

fails["business-review"] contains [2, m] if {
	business.failed + business.errors != 0
	m := sprintf("%v failed and %v broken of %v tests", [business.failed, business.errors, business.total])
}

fails["business-review"] contains [3, m] if {
	too_many_skipped(business)
	m := sprintf("%v of %v tests skipped; at most a share of %v may be", [business.skipped, business.total, params.max_skipped_share])
}

fails["business-review"] contains [4, "the model card has no section on limits and failure modes"] if not section(card, `(?i)limitation|failure`)

fails["business-review"] contains [5, "the runbook names no owner to escalate to"] if runbook.owner == ""

# 26. governance-and-sign-off/compliance-review

fails["compliance-review"] contains [1, "the model card still contains placeholder text"] if card.placeholder_text

fails["compliance-review"] contains [2, "the model card does not state the intended use"] if not section(card, `(?i)intended.use|purpose`)

fails["compliance-review"] contains [3, "the model card does not discuss bias, risks or limits"] if not section(card, `(?i)bias|fairness|limitation|risk`)

fails["compliance-review"] contains [4, "the model card reports no result"] if count(card.metrics) < 1

fails["compliance-review"] contains [5, "the model card names no licence or terms"] if card.license == ""

affects_nobody if attributes.affects_people == false

fails["compliance-review"] contains [6, "decisions about people need a fairness evaluation"] if {
	not facts["fairness-evaluation"]
	not affects_nobody
}

# The decision.

exempt contains "fairness" if affects_nobody

exempt contains "outcome-monitoring" if attributes.outcomes_observable == false

exempt contains "compliance-review" if attributes.regulated == false

absent := object.keys(max_age_days) - object.keys(newest)

missing := {c: types |
	some c, required in requires
	types := required & absent
	count(types) > 0
}

lapsed := {c: types |
	count(expired) > 0
	some c, required in requires
	types := (required | object.get(guards, c, set())) & expired
	count(types) > 0
}

failed := {c: messages |
	some c, found in fails
	messages := [m | some [_, m] in found]
	count(messages) > 0
}

# Of several findings against one criterion the last of these speaks.
verdicts := object.union_n([
	{c: {"status": "fail", "messages": messages} | some c, messages in failed},
	{c: {"status": "expired", "messages": types} | some c, types in lapsed},
	{c: {"status": "missing", "messages": types} | some c, types in missing},
	{c: {"status": "not-applicable", "messages": []} | some c in exempt},
])

results := [[{"id": c, "status": v.status, "messages": v.messages} |
	some c in phase.criteria
	v := object.get(verdicts, c, {"status": "pass", "messages": []})
] |
	some phase in phases
]

standing := [[r.id | some r in rs; not r.status in {"pass", "not-applicable"}] | some rs in results]

# The first phase that is not passed; after the last one where all are.
current := min(array.concat([i | some i, ids in standing; count(ids) > 0], [count(phases)]))

phase_status(i) := "passed" if {
	i < current
} else := "open" if {
	i == current
} else := "locked"

gate(i) := "go" if {
	i < current
} else := "no-go"

gates := object.union(
	{p.id: gate(i) | some i, p in phases},
	{"launch": gate(count(phases) - 1)},
)

decision := {
	"subject": input.subject.name,
	"release": input.release.version,
	"gate": input.gate,
	"outcome": gates[input.gate],
	"summary": sprintf("%d of %d criteria stand between %s %s and launch", [
		sum([count(ids) | some ids in standing]),
		count(requires),
		input.subject.name,
		input.release.version,
	]),
	"phases": [{"id": p.id, "status": phase_status(i), "criteria": results[i]} | some i, p in phases],
	"gates": gates,
	"evaluated_at": input.at,
}
