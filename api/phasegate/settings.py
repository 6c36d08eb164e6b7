"""Settings: the environment and the command line, once, as one frozen value."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

DEFAULT_URL = "http://127.0.0.1:8600"
"""Where `phasegate serve` serves unless told otherwise."""


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set. A bad value refuses to start and names the variable."""

    database: str
    """SQLAlchemy address of PostgreSQL or of a SQLite file."""
    data: Path
    """Folder of the SQLite file and of the first admin token."""
    public_url: str = DEFAULT_URL
    """The BASE of ids and links."""
    bootstrap_token: str | None = None
    sigstore_trusted_root: Path | None = None
    """A `trusted_root.json` of Sigstore; without one, keyless bundles are refused."""
    largest_body: int = 10 * 1024 * 1024
    """Bytes."""
    outbound_allow: str = ""
    """What outgoing calls may reach beside public addresses: `host:port|cidr,…`."""
    secret_key_file: Path | None = None
    """The master key; None: `secret-key` in the data folder."""
    requests_per_second: int = 5_000
    """Of one token, in one process."""
    anonymous_per_second: int = 100
    """Of one address without a token, in one process."""
    failures_per_minute: int = 20
    """Wrong secrets from one address, in one process."""

    @classmethod
    def read(
        cls, environment: Mapping[str, str], *, data: str | None = None, database: str | None = None
    ) -> "Settings":
        """From the environment, options given on the command line going first. Raises ValueError."""
        folder = Path(data or environment.get("PHASEGATE_DATA") or "phasegate-data")
        token = environment.get("PHASEGATE_BOOTSTRAP_TOKEN")
        if token is not None and not re.fullmatch(r"[!-~]{32,256}", token):
            raise ValueError("PHASEGATE_BOOTSTRAP_TOKEN must be 32 to 256 visible ASCII characters")
        root = environment.get("PHASEGATE_SIGSTORE_TRUSTED_ROOT")
        if root and not Path(root).is_file():
            raise ValueError("PHASEGATE_SIGSTORE_TRUSTED_ROOT must be the path of a trusted_root.json")
        rate = environment.get("PHASEGATE_REQUESTS_PER_SECOND") or "5000"
        if not re.fullmatch(r"[1-9][0-9]{0,6}", rate):
            raise ValueError("PHASEGATE_REQUESTS_PER_SECOND must be a whole number from 1 to 9999999")
        return cls(
            database=database or environment.get("PHASEGATE_DATABASE_URL") or f"sqlite:///{folder / 'phasegate.db'}",
            data=folder,
            public_url=(environment.get("PHASEGATE_PUBLIC_URL") or DEFAULT_URL).rstrip("/"),
            bootstrap_token=token,
            outbound_allow=environment.get("PHASEGATE_OUTBOUND_ALLOW") or "",
            secret_key_file=Path(key) if (key := environment.get("PHASEGATE_SECRET_KEY_FILE")) else None,
            sigstore_trusted_root=Path(root) if root else None,
            requests_per_second=int(rate),
        )
