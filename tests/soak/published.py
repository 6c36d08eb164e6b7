"""Cases that schemathesis makes from the published OpenAPI document, fitting it and not."""

import time
import warnings
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.soak import target
from tests.soak.server import TOKEN, Served
from tests.soak.wire import Answer, Sent

_WRITES = ("POST", "PUT")
_SKIPPED = ("positive_data_acceptance", "ignored_auth")
"""7.0 is an integer to JSON Schema, and what fits a schema can still not fit the policy. Wrong tokens are answered with
429 from the 21st a minute on, which schemathesis doesn't expect."""
Judge = Callable[[Sent, Answer], list[str]]


def attack(served: Served, number: int, seed_: int, found: target.Target) -> Iterator[tuple[Sent, Answer, list[str]]]:
    """About `number` cases over all writes in both modes, with what schemathesis itself found wrong."""
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_url(f"{served.url}/schema/openapi.json")
    operations: list[Any] = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == len(list(schema.get_all_operations())), "an operation of the document can't be read"
    writes = [each for each in operations if each.method.upper() in _WRITES]
    rounds = [(each, mode) for each in writes for mode in GenerationMode]
    for n, (operation, mode) in enumerate(rounds):
        wanted = number // len(rounds) + (n < number % len(rounds))
        if not wanted:
            continue
        cases = _cases(operation.as_strategy(generation_mode=mode), wanted, seed_)
        random = Random(f"{seed_}:{operation.label}:{mode}")
        for case in cases:
            if random.random() < 0.7:
                _aim(case, found, random)
            yield _sent(case, served.url, f"schemathesis, {mode.value}: {operation.label}")


def _cases(strategy: Any, number: int, seed_: int) -> list[Any]:
    made: list[Any] = []

    @seed(seed_)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Any) -> None:
        made.append(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    return made


def _aim(case: Any, found: target.Target, random: Random) -> None:
    """At something that is there, so that the body is looked at and not only the path."""
    known = {"subject": target.SUBJECT, "version": target.RELEASE, "id": random.choice(found.records)}
    if case.path_parameters:
        case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}


def _sent(case: Any, url: str, kind: str) -> tuple[Sent, Answer, list[str]]:
    import requests
    import schemathesis
    from schemathesis.core.failures import Failure, FailureGroup

    headers = {"Authorization": f"Bearer {TOKEN}"}
    began = time.monotonic()
    try:
        prepared = requests.Request(**case.as_transport_kwargs(base_url=url, headers=headers)).prepare()
    except (requests.RequestException, UnicodeError, ValueError) as error:
        return Sent(kind, "", "", (), b"", garbage=True), Answer(0, {}, b"", 0.0, f"can't be sent: {error}"), []
    body = prepared.body if isinstance(prepared.body, bytes) else str(prepared.body or "").encode("utf-8", "replace")
    shown = tuple((str(name), str(value)) for name, value in prepared.headers.items())
    sent = Sent(kind, str(prepared.method), prepared.path_url, shown, body)
    try:
        response = case.call(base_url=url, headers=headers, timeout=30)
    except requests.RequestException as error:
        return sent, Answer(0, {}, b"", time.monotonic() - began, f"{type(error).__name__}: {error}"), []
    answered = {name.lower(): values[0] for name, values in response.headers.items()}
    answer = Answer(response.status_code, answered, response.content, time.monotonic() - began)
    skipped = [schemathesis.checks.CHECKS.get_one(name) for name in _SKIPPED]
    try:
        case.validate_response(response, headers=headers, excluded_checks=skipped)
    except (FailureGroup, Failure) as failed:
        failures = failed.exceptions if isinstance(failed, FailureGroup) else [failed]
        return sent, answer, [f"schemathesis: {each.title}: {' '.join(str(each).split())[:300]}" for each in failures]
    return sent, answer, []
