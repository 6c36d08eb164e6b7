"""Every table, one module an area. `org` leads every key, so that a distributed PostgreSQL can shard on it.

Rows of an append-only table are never updated or deleted, and triggers forbid it (see the migrations). What can be
personal (raw bytes, normalised data, free text) lies in tables of its own beside the records; their rows can be
deleted, never changed. Lists and maps are kept as JSON bytes, exact, since PostgreSQL's own type would reorder them.
"""

from phasegate.storage.tables import (  # noqa: F401 - which makes all tables known
    approvals,
    audit,
    evidence,
    keyed_answers,
    policies,
    principals,
    releases,
    sessions,
    subjects,
    texts,
    tokens,
    trust,
)

APPEND_ONLY = (
    "principal",
    "person_revision",
    "role_grant",
    "role_end",
    "tool_revision",
    "token",
    "token_revocation",
    "token_rotation",
    "enrolment",
    "enrolment_use",
    "token_exchange",
    "token_run",
    "web_session",
    "web_session_end",
    "policy_version",
    "subject_revision",
    "retirement",
    "release",
    "release_key",
    "moved_pin",
    "decision",
    "launch",
    "evidence",
    "received_event",
    "revocation",
    "key",
    "key_revocation",
    "trust_rule",
    "trust_rule_removal",
    "attestation",
    "signoff",
    "signoff_withdrawal",
    "waiver",
    "waiver_revocation",
    "waiver_request",
    "waiver_verdict",
    "audit",
    "audit_sequence",
)
"""Neither updated nor deleted."""
ERASABLE = (
    "profile",
    "person_identity",
    "evidence_data",
    "raw_content",
    "free_text",
    "keyed_answer",
)
"""Deleted at most, by an erasure; never updated."""
