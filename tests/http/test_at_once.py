"""Signing and waiving while others do the same: a real server, real time."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from phasegate.engine.instants import parse_instant, rfc3339
from tests.support.desk import Desk, desk
from tests.support.loopback import Loopback
from tests.support.policies import metrics, report


class Posted(NamedTuple):
    """One of several calls made at once."""

    token: str
    path: str
    body: Any
    key: str = ""
    method: str = "POST"


@pytest.fixture
def at(loopback_server: Loopback) -> Iterator[Desk]:
    with loopback_server.world() as world:
        yield desk(world)


def together(at: Desk, calls: list[Posted]) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=at.world.http.base_url, timeout=60) as http:

            async def one(call: Posted) -> httpx.Response:
                headers = {"Authorization": f"Bearer {call.token}"} | (
                    {"Idempotency-Key": call.key} if call.key else {}
                )
                return await http.request(call.method, call.path, json=call.body, headers=headers)

            return await asyncio.gather(*(one(call) for call in calls))

    return asyncio.run(run())


def either(at: Desk, one: Posted, other: Posted, first: int) -> tuple[httpx.Response, httpx.Response]:
    """The answers to two calls at once, of which now the one and now the other is sent first."""
    a, b = together(at, [other, one] if first else [one, other])
    return (b, a) if first else (a, b)


def owners(at: Desk) -> list[tuple[str, str]]:
    return [(at.mia, "model-owner"), (at.ben, "business-owner")]


def approval(role: str, **more: Any) -> Any:
    return {"role": role, "verdict": "approve", "acknowledged": ["limits"], **more}


def waiver() -> Any:
    ends = rfc3339(datetime.now(UTC) + timedelta(days=1))
    return {"criterion": "tests-pass", "reason": "for once", "expires_at": ends}


def test_two_owners_at_once(at: Desk) -> None:
    calls = [Posted(at.mia, f"{at.path}/signoffs", approval("model-owner"))]
    calls.append(Posted(at.ben, f"{at.path}/signoffs", approval("business-owner")))
    assert [answer.status_code for answer in together(at, calls)] == [201, 201]
    assert at.world.decision(at.path)["outcome"] == "go"


def test_one_person_in_both_roles_at_once(at: Desk) -> None:
    at.world.role("mia", "business-owner")
    roles = ["model-owner", "business-owner"] * 4
    answers = together(at, [Posted(at.mia, f"{at.path}/signoffs", approval(role)) for role in roles])
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] * 3 + [201] + [403] * 4
    assert at.world.decision(at.path)["outcome"] == "no-go"


def test_the_same_many_times_at_once_is_one(at: Desk) -> None:
    body = approval("model-owner", covers=at.covers("model-owner"))
    answers = together(at, [Posted(at.mia, f"{at.path}/signoffs", body)] * 12)
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_the_same_key_many_times_at_once_is_one(at: Desk) -> None:
    answers = together(at, [Posted(at.lee, f"{at.path}/waivers", waiver(), "k")] * 12)
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in done}) == 1
    assert at.world.count("waiver") == 1


def test_signing_while_evidence_comes_in(at: Desk) -> None:
    """Whoever was shown one thing never stands for another: an approval is refused as stale, or void, or it covers
    exactly what stands."""
    for n in range(4):
        covers = at.covers("model-owner")
        sent = Posted(at.world.admin, f"{at.path}/evidence", {"type": "unit-tests", "data": report(10 + n)})
        signed = Posted(at.mia, f"{at.path}/signoffs", approval("model-owner", covers=covers, comment=str(n)))
        _, answer = together(at, [sent, signed])
        assert answer.status_code in (201, 409)
        given = [each for each in at.listed()["items"] if each["comment"] == str(n)]
        assert [each["state"] for each in given] == (["void"] if answer.status_code == 201 else [])


def test_two_verdicts_on_one_request_at_once(at: Desk) -> None:
    asked = at.world.post(f"{at.path}/waiver-requests", waiver(), token=at.mia).json()
    ada = at.world.own("ada", "waivers:write")
    path = f"{at.path}/waiver-requests/{asked['id']}/verdict"
    answers = together(at, [Posted(at.lee, path, {"verdict": "approve"}), Posted(ada, path, {"verdict": "reject"})])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (request,) = at.world.get(f"{at.path}/waiver-requests").json()["items"]
    assert at.world.count("waiver") == (1 if request["verdict"]["verdict"] == "approve" else 0)


def test_approving_while_the_role_ends(at: Desk) -> None:
    """Whoever approved held the role at that instant, as the access review tells it."""
    for n in range(6):
        role = at.world.role("mia", "business-owner", subject=at.subject)
        ended = Posted(at.world.admin, f"/v1/people/mia/roles/{role}", None, method="DELETE")
        signed = Posted(at.mia, f"{at.path}/signoffs", approval("business-owner", comment=str(n)))
        gone, answer = either(at, ended, signed, n % 2)
        assert gone.status_code == 204
        assert answer.status_code in (201, 403)
        if answer.status_code == 201:
            held = at.world.get("/v1/roles", params={"role": "business-owner", "at": answer.json()["at"]}).json()
            assert role in [each["id"] for each in held["items"]]


def test_disabling_whoever_signs(at: Desk) -> None:
    """Either he had signed by then, or nothing is recorded."""
    for n in range(6):
        person = f"owner-{n}"
        token = at.world.own(person, "signoffs:write")
        at.world.role(person, "model-owner")
        disabled = Posted(at.world.admin, f"/v1/people/{person}", {"display_name": "X", "disabled": True}, method="PUT")
        signed = Posted(token, f"{at.path}/signoffs", approval("model-owner"))
        gone, answer = either(at, disabled, signed, n % 2)
        assert gone.status_code == 200
        assert answer.status_code in (201, 401, 403)
        given = [each for each in at.listed()["items"] if each["by"] == person]
        assert len(given) == (1 if answer.status_code == 201 else 0)
        assert all(parse_instant(each["at"]) <= parse_instant(gone.json()["updated_at"]) for each in given)


def test_one_identity_for_two_people_at_once(at: Desk) -> None:
    """Who is told that it is his has it."""
    for n in range(4):
        identities = [{"issuer": "https://idp.example", "subject": f"s{n}"}]
        body = {"display_name": "X", "identities": identities}
        paths = [f"/v1/people/{name}-{n}" for name in ("ada", "kim")]
        answers = together(at, [Posted(at.world.admin, path, body, method="PUT") for path in paths])
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        for path, answer in zip(paths, answers, strict=True):
            found = at.world.get(path)
            assert (found.json().get("identities") == identities) == answer.is_success


@pytest.mark.parametrize("end", ["revoke", "rotate"])
def test_ending_the_token_of_whoever_signs(at: Desk, end: str) -> None:
    """Nothing is signed with a token at an instant at which it has ended."""
    for n in range(6):
        made = at.world.enrolled("mia", "signoffs:write")
        path = f"/v1/tokens/{made.id}"
        gone = Posted(at.world.admin, path, None, method="DELETE")
        if end == "rotate":
            gone = Posted(made.secret, f"{path}/rotation", {})
        signed = Posted(made.secret, f"{at.path}/signoffs", approval("model-owner", comment=str(n)))
        ended, answer = either(at, gone, signed, n % 2)
        assert ended.status_code in (201, 204)
        assert answer.status_code in (201, 401)
        (token,) = [each for each in at.world.get("/v1/tokens").json()["items"] if each["id"] == made.id]
        if answer.status_code == 201:
            until = parse_instant(token["revoked_at"] or token["ends_at"])
            assert parse_instant(answer.json()["at"]) <= until


def test_waiving_while_the_release_is_launched(at: Desk) -> None:
    """What is stored is what a decision for that instant says ever after."""
    at.both()
    at.world.submit(at.path, data=report(3, failed=1))
    for n in range(6):
        path = at.world.release(at.subject, f"1.1.{n}", f"{n:064x}")
        at.world.submit(path, data=report(3, failed=1))
        at.world.submit(path, "evaluation", metrics(), context={"split": "test"})
        covered = [Posted(token, f"{path}/signoffs", approval(role)) for token, role in owners(at)]
        assert {answer.status_code for answer in together(at, covered)} == {201}
        granted = Posted(at.lee, f"{path}/waivers", waiver())
        launched = Posted(at.world.admin, f"{path}/launch", {})
        given, answer = either(at, granted, launched, n % 2)
        assert given.status_code == 201
        assert answer.status_code in (201, 409)
        if answer.status_code == 201:
            stored = at.world.get(f"/v1/decisions/{answer.json()['decision_id']}").json()["decision"]
            assert stored["outcome"] == "go"
            assert at.world.decision(path, at=stored["evaluated_at"]) == stored


def test_a_recorded_decision_is_given_again_whatever_came_in_beside_it(at: Desk) -> None:
    for n in range(15):
        sent = Posted(at.world.admin, f"{at.path}/evidence", {"type": "unit-tests", "data": report(10 + n)})
        _, answer = either(at, sent, Posted(at.world.admin, f"{at.path}/decision", {}), n % 2)
        recorded = answer.json()["decision"]
        assert at.world.decision(at.path, at=recorded["evaluated_at"]) == recorded
