"""The verbs: each one transaction, with the instant and the caller passed in."""
