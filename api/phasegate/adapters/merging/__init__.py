"""Several files of one format as one record: which shapes have a rule for it, and how files become one reading."""
