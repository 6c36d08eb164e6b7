"""Where the files lie that ship with the server: beside the package when installed, else in the checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE / "_shipped" if (_HERE / "_shipped").is_dir() else _HERE.parent.parent

POLICIES = _ROOT / "policies"
"""`NAME/VERSION/policy.yaml`."""
MIGRATIONS = _ROOT / "migrations"
