"""A policy's own cases: facts and an instant in, the expected decision beside them; what they cover."""
