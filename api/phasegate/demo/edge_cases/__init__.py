"""The churn scorer of the demo and its edge-case tests; `make_outputs.py` runs them, our own test suite doesn't."""
