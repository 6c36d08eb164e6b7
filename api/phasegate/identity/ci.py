"""What tokens of CI systems say of a run: which of it can't change hands, which may be kept, and who started it.

Claims are opaque here: compared as texts, never taken apart to find who is meant. What is kept with evidence is
kept for good, so names and addresses of people never are; ids of people are looked up and then dropped.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from phasegate.identity.jwt import Unverified


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LONGEST = 1_024
"""Characters of a claim that is kept."""
_PERSONAL = frozenset(
    _words(
        "actor actor_id user_id user_login user_email user_identities email name nickname preferred_username given_name"
        " family_name picture profile"
    )
)
_CIRCLE = "oidc.circleci.com/"
_CIRCLE_USER = re.compile(r"org/[^/]+/project/[^/]+/user/(?P<user>[^/]+)(/.*)?")
_STARTED_BY_OTHERS = ("pull_request", "refs/pull/", "merge_request", "refs/merge-requests/")
"""How a claim of a run begins that somebody without a right to the code can start, with code of his own."""
_SHELL = f"{_CIRCLE}ssh-rerun"
"""That somebody had a shell in the job."""


class System(NamedTuple):
    """A CI system whose tokens are known."""

    name: str
    issuers: re.Pattern[str]
    tells: frozenset[str]
    """Claims that only its tokens have."""
    immutable: tuple[str, ...]
    """What a rule must name: numbers of projects, since names can be given away and taken by others."""
    kept: tuple[str, ...]
    """Claims that say which run it was, of what and where."""


SYSTEMS = (
    System(
        "GitHub",
        re.compile(r"https://token\.actions\.[a-z0-9.-]+(/.*)?|https?://[^/]+/_services/token"),
        frozenset(
            _words("repository repository_id repository_owner repository_owner_id workflow_ref job_workflow_ref")
        ),
        ("repository_id", "repository_owner_id"),
        _words(
            "repository repository_id repository_owner repository_owner_id repository_visibility ref ref_type sha"
            " base_ref head_ref event_name environment workflow_ref workflow_sha job_workflow_ref job_workflow_sha"
            " run_id run_number run_attempt runner_environment enterprise_id check_run_id"
        ),
    ),
    System(
        "GitLab",
        re.compile(r"https?://[^/]*gitlab[^/]*(/.*)?"),
        frozenset(_words("project_id project_path namespace_id namespace_path ci_config_ref_uri")),
        ("project_id", "namespace_id"),
        _words(
            "project_id project_path namespace_id namespace_path project_visibility ref ref_type ref_path ref_protected"
            " sha environment environment_protected environment_action deployment_tier pipeline_id pipeline_source"
            " job_id runner_id runner_environment ci_config_ref_uri ci_config_sha"
        ),
    ),
    System(
        "Buildkite",
        re.compile(r"https://agent\.buildkite\.com"),
        frozenset(_words("organization_slug pipeline_slug")),
        ("organization_id", "pipeline_id"),
        _words(
            "organization_slug organization_id pipeline_slug pipeline_id build_number build_branch build_tag"
            " build_commit build_source step_key job_id agent_id runner_environment"
        ),
    ),
    System(
        "CircleCI",
        re.compile(r"https://oidc\.circleci\.com(/.*)?"),
        frozenset((f"{_CIRCLE}project-id", f"{_CIRCLE}org-id")),
        (f"{_CIRCLE}project-id",),
        tuple(
            _CIRCLE + name
            for name in _words(
                "org-id project-id pipeline-id pipeline-definition-id workflow-id job-id vcs-origin vcs-ref ssh-rerun"
            )
        ),
    ),
)
"""Jenkins and every other issuer are known by what their rules name: `sub`, usually."""


def system(issuer: str, names: Iterable[str]) -> System | None:
    """The CI system of an issuer, else the one whose claims these names are. One's own server has any address."""
    of_issuer = (each for each in SYSTEMS if each.issuers.fullmatch(issuer))
    named = frozenset(names)
    return next(of_issuer, None) or next((each for each in SYSTEMS if each.tells & named), None)


def missing(issuer: str, claims: Iterable[str], named: Iterable[str]) -> tuple[str, ...]:
    """What a rule that names `named` would have to name beside it, for tokens of that issuer with such claims."""
    found = system(issuer, claims)
    return () if found is None else tuple(name for name in found.immutable if name not in set(named))


def texts(claims: Mapping[str, Any]) -> dict[str, str]:
    """Claims as texts: `true` and `"true"`, 74 and `"74"` are alike, since systems write either; lists, objects, nulls
    and fractions are left out."""
    found = {}
    for name, value in claims.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, str | int):
            found[name] = str(value)
    return found


def started_by_others(claims: Mapping[str, str], named: Iterable[str]) -> str | None:
    """A claim that says that the run may not be the project's own doing, unless a rule names it; None: there is
    none."""
    known = set(named)
    for name, value in claims.items():
        if name not in known and (value.startswith(_STARTED_BY_OTHERS) or (name == _SHELL and value != "false")):
            return name
    return None


def kept(issuer: str, claims: Mapping[str, str], matched: Iterable[str]) -> dict[str, str]:
    """What is kept of a run with all that it sends: its issuer, what the system says of it, and what a rule
    named."""
    found = system(issuer, claims)
    names = {*(found.kept if found is not None else ("build_number",)), *matched} - _PERSONAL
    chosen = {"iss": issuer} | {name: claims[name] for name in sorted(names) if name in claims}
    return {name: value for name, value in chosen.items() if 0 < len(value) <= _LONGEST and value.isprintable()}


def people(claims: Mapping[str, str]) -> tuple[str, ...]:
    """Ids under which the issuer may know who started the run."""
    found = [claims[name] for name in ("actor_id", "user_id", "sub") if name in claims]
    circle = _CIRCLE_USER.fullmatch(claims.get("sub", ""))
    found += [circle["user"]] if circle else []
    return tuple(dict.fromkeys(each for each in found if each.isprintable()))


def proof(unverified: Unverified, claims: Mapping[str, Any]) -> str:
    """What a token is known by, as a hex SHA-256: its issuer and `jti`, or where it has none, what was signed. Not
    the signature, of which one can make others that hold."""
    jti = claims.get("jti")
    known = f"jti {jti}" if isinstance(jti, str) and jti else unverified.token.rpartition(".")[0]
    return sha256(f"{unverified.issuer}\n{known}".encode("utf-8", "surrogatepass")).hexdigest()
