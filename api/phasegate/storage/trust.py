"""Rules of trust and their removals."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from phasegate.storage import texts
from phasegate.storage.statements import insert_if_new, table_of
from phasegate.storage.tables.texts import FreeText
from phasegate.storage.tables.trust import TrustRule, TrustRuleRemoval

_rule = table_of(TrustRule)
_removal = table_of(TrustRuleRemoval)
_text = table_of(FreeText)
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_claims = msgspec.json.Decoder(dict[str, str]).decode
_RULES = (
    select(_rule, _text.c.text.label("claims"))
    .outerjoin(_text, (_text.c.org == _rule.c.org) & (_text.c.id == _rule.c.id))
    .outerjoin(_removal, (_removal.c.org == _rule.c.org) & (_removal.c.rule == _rule.c.id))
    .where(_removal.c.rule.is_(None))
)


class TrustRuleRecord(msgspec.Struct, frozen=True):
    """Whose verified claims are believed, as whom and how far."""

    id: str
    name: str
    use: str
    """`exchange`, `login` or `sigstore`."""
    issuer: str
    jwks: Any
    """The issuer's key set where it is given here; None: from its discovery document."""
    audience: str | None
    match: dict[str, str] | None
    """Claims, each exactly equal; None once erased, and then nobody matches."""
    principal: str | None
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]
    """Patterns of subject names, with `*`."""
    max_ttl: int | None
    """Seconds."""
    client_id: str | None
    roles: tuple[str, ...]
    created_at: datetime
    created_by: str
    client_secret: bytes | None = None
    """Encrypted under the master key."""


def insert(connection: Connection, org: str, rule: TrustRuleRecord) -> None:
    values = {
        "org": org,
        "id": rule.id,
        "name": rule.name,
        "use": rule.use,
        "issuer": rule.issuer,
        "jwks": None if rule.jwks is None else msgspec.json.encode(rule.jwks),
        "audience": rule.audience,
        "principal": rule.principal,
        "scopes": msgspec.json.encode(rule.scopes),
        "subjects": msgspec.json.encode(rule.subjects),
        "max_ttl": rule.max_ttl,
        "client_id": rule.client_id,
        "client_secret": rule.client_secret,
        "roles": msgspec.json.encode(rule.roles),
        "created_at": rule.created_at,
        "created_by": rule.created_by,
    }
    connection.execute(_rule.insert().values(**values))
    texts.insert(connection, org, rule.id, msgspec.json.encode(rule.match or {}).decode())


def hold(connection: Connection, org: str, identifier: str, *, alone: bool) -> None:
    """Let nobody remove the rule until this transaction ends; `alone`: nor do anything else that holds it."""
    query = select(_rule.c.id).where(_rule.c.org == org, _rule.c.id == identifier)
    connection.execute(query.with_for_update(read=not alone)).all()


def by_id(connection: Connection, org: str, identifier: str) -> TrustRuleRecord | None:
    """The rule, unless it was removed."""
    row = connection.execute(_RULES.where(_rule.c.org == org, _rule.c.id == identifier)).first()
    return None if row is None else _record(row)


def of_use(connection: Connection, org: str, use: str, issuer: str) -> list[TrustRuleRecord]:
    """The rules in force for one use of one issuer, oldest first."""
    query = _RULES.where(_rule.c.org == org, _rule.c.use == use, _rule.c.issuer == issuer).order_by(_rule.c.id)
    return [_record(row) for row in connection.execute(query)]


def in_force(connection: Connection, org: str, use: str) -> list[TrustRuleRecord]:
    """The rules in force for one use, by name."""
    query = _RULES.where(_rule.c.org == org, _rule.c.use == use).order_by(_rule.c.name, _rule.c.id)
    return [_record(row) for row in connection.execute(query)]


def page(connection: Connection, org: str, before: str, limit: int) -> list[TrustRuleRecord]:
    """Rules in force older than the one with id `before` (empty: all), newest first."""
    query = _RULES.where(_rule.c.org == org).order_by(_rule.c.id.desc()).limit(limit)
    if before:
        query = query.where(_rule.c.id < before)
    return [_record(row) for row in connection.execute(query)]


def remove(connection: Connection, org: str, identifier: str, by: str, at: datetime) -> bool:
    """Remove a rule; False if it was removed already."""
    values = {"org": org, "rule": identifier, "removed_at": at, "removed_by": by}
    return insert_if_new(connection, _removal, values, ("org", "rule"))


def _record(row: Any) -> TrustRuleRecord:
    return TrustRuleRecord(
        row.id,
        row.name,
        row.use,
        row.issuer,
        None if row.jwks is None else msgspec.json.decode(row.jwks),
        row.audience,
        None if row.claims is None else _claims(row.claims),
        row.principal,
        _names(row.scopes),
        _names(row.subjects),
        row.max_ttl,
        row.client_id,
        _names(row.roles),
        row.created_at,
        row.created_by,
        row.client_secret,
    )
