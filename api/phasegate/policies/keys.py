"""What each key of a policy file means, in the words that an editor shows."""

_TITLE = "Short, as a heading."
_DOC = "What it means, for readers."
_UNIT = "Of the number, for readers; nothing is converted."
_MIN, _MAX = (
    "The least value allowed, inclusive; of numbers only.",
    "The greatest value allowed, inclusive; of numbers only.",
)
_VALUES = "The only values allowed."
_WHEN = (
    "CEL over subject, release and params: where it is false, this does not apply. "
    "Where it can't be computed, it applies."
)
_CHECKS = "Each must be true. One that can't be computed is never a pass."
_STRENGTH = (
    "How each record read must be known at least: declared (typed in), measured (a tool's own), attested (signed)."
)
_OWNER = "Who mends it; free text."
_REMEDIATION = "What to do when it is not met. Markdown."
_MAX_AGE = "How long it counts, as P90D or PT1H. Without it, it never grows old."

KEYS: dict[str, dict[str, str]] = {
    "Policy": {
        "policy": "The name of the checklist: lower-case letters, digits and hyphens.",
        "version": 'Semantic version, quoted: "1.0.0". A published version never changes.',
        "title": _TITLE,
        "introduction": "Stands first in the rendered document. Markdown.",
        "frameworks": "The standards that criteria refer to, by name.",
        "attributes": "Attributes of the subject. Where the block is there, expressions may name only these.",
        "params": "Numbers, texts and switches that expressions read as params.NAME.",
        "roles": "The roles that sign-offs may name.",
        "waivers": "Limits of exceptions. Without it, nothing can be waived.",
        "shapes": "Shapes of its own, beside the built-in ones, by name.",
        "evidence": "The evidence types that criteria read, by name.",
        "mappings": "Adapters written as data, by the name of the format that each reads.",
        "phases": "In order: a gate is passed when all earlier ones are.",
        "maturity": "Levels from 1 on, in order.",
    },
    "Field": {
        "type": "A scalar, list<T>, map<string,T>, or one of these over object.",
        "doc": _DOC,
        "optional": "Whether it may be absent; expressions then need has(…).",
        "unit": _UNIT,
        "min": _MIN,
        "max": _MAX,
        "values": _VALUES,
        "fields": "The fields of an object, or of each object in a list or map.",
        "max_entries": "Of a list or map: data with more is refused.",
    },
    "Shape": {"doc": _DOC, "fields": "The fields by name. Data with any other is refused."},
    "Attribute": {
        "type": "A scalar, list<T> or map<string,T>.",
        "values": "The values expected; another is kept with a warning.",
        "doc": _DOC,
    },
    "Parameter": {
        "type": "Whole numbers are int, others double.",
        "default": "Of the declared type, within its bounds.",
        "min": _MIN,
        "max": _MAX,
        "unit": _UNIT,
        "doc": _DOC,
    },
    "Framework": {"title": _TITLE, "url": "Where it can be read."},
    "Mapping": {
        "reads": "How the file becomes doc: json the value; ndjson a list of values; csv a list of rows, all text; "
        "yaml a list of documents; xml elements {tag, attrs, text, children}.",
        "shape": "The shape of what it gives, which an evidence type has.",
        "detect": "CEL over doc: whether a file is in this format. Not computable is no.",
        "collected_at": "The tool's own time, a timestamp; without it, what the sender states, else that of receipt.",
        "let": "Names for what is computed once, in order, each with those before it in sight.",
        "fields": "By field of the shape: CEL of exactly its type; a number or switch; a map of fields; or a fold "
        "{over, where, value, take, key} over the rows of a list.",
    },
    "WaiverLimits": {"max": "How far ahead a waiver may expire at most, as P30D."},
    "EvidenceType": {
        "shape": "The shape of its data: a built-in one, or one under shapes.",
        "scope": "What it is bound to: release (exactly these artifacts) or subject (until it grows old).",
        "max_age": _MAX_AGE,
        "context": "What a submitter states beside the data. A key is required unless it ends in ?.",
        "recurring": "Whether it comes again and again, as of a nightly run; a newer one then voids no sign-off.",
        "title": _TITLE,
        "doc": _DOC,
    },
    "Check": {
        "that": "A CEL expression that must be true, over evidence, context, record, facts, subject, release, params.",
        "otherwise": "Shown when it is not; {…} is a CEL expression, {{ and }} are braces.",
    },
    "Covers": {"phases": "Ids of the phases covered.", "criteria": "Ids of the criteria covered."},
    "SignOff": {
        "roles": "Each of these has to approve.",
        "distinct_persons": "Whether each role has to be another person.",
        "covers": "What is approved: the evidence of these. When it changes, the approval is void.",
        "acknowledge": "Sentences that the signer confirms, by id.",
        "max_age": _MAX_AGE,
        "via": "The channels that may carry it; all of them unless said.",
        "mfa": "Whether a second factor is demanded.",
    },
    "Criterion": {
        "id": "Unique in the policy; results and waivers name it.",
        "title": "What must be true, as a sentence that is met or not.",
        "label": "A short mark in the rendered document, as Step 1.",
        "owner": _OWNER,
        "why": "Why it matters. Markdown.",
        "guidance": "How to test it. Markdown.",
        "remediation": _REMEDIATION,
        "traps": "How one comes to believe it without its being so.",
        "references": "Where more can be read.",
        "frameworks": "Clauses of standards that it answers to, by the name under frameworks.",
        "source": "The sentence of the checklist from which it comes.",
        "tags": "Free words to select by.",
        "evidence": "The evidence type that its checks read as evidence, context and record.",
        "when": _WHEN,
        "checks": _CHECKS,
        "signoff": "The approval it asks for. With checks, too, both must hold.",
        "strength": _STRENGTH,
        "waivable": "Whether an exception may be granted.",
        "depends_on": "Ids of criteria of which this one is an echo: while one of them is not met, it is the cause.",
        "effective_from": "The instant (RFC 3339 with zone) from which it blocks; before, it is shown only.",
        "advisory": "Whether it is shown only, and never blocks.",
    },
    "Phase": {
        "id": "Also the name of its gate. No phase is called launch.",
        "title": _TITLE,
        "overview": "Stands before its criteria in the rendered document. Markdown.",
        "criteria": "At least one has to be able to block.",
    },
    "Requirement": {
        "id": "Unique beside those of criteria.",
        "title": _TITLE,
        "otherwise": "Shown before the criteria that are not met.",
        "criteria": "all, or ids of criteria that must be met without exception.",
        "evidence": "The evidence type that its checks read, where it is a rule of its own.",
        "when": _WHEN,
        "checks": _CHECKS,
        "strength": _STRENGTH,
        "owner": _OWNER,
        "remediation": _REMEDIATION,
    },
    "Level": {
        "level": "1 to n, in order.",
        "id": "Of the level.",
        "name": "As people call it.",
        "description": "What a team at this level does. Markdown.",
        "anti_patterns": "What keeps teams at this level.",
        "next_step": "The first thing to do for the next level. Markdown.",
        "requires": "Ids of criteria or phases, or rules, beside those of all lower levels. Level 1 requires nothing.",
    },
    "MaturityModel": {"levels": "From 1 to n, in order."},
}
"""By struct and key."""
