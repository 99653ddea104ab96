"""Credentials of the simulated accounts, made from the seed: worthless anywhere else."""

from __future__ import annotations

import base64
import hashlib

from exchange_cache.simulator.venue.profile import Profile
from exchange_cache.simulator.venue.records import Account


def make_account(name: str, profile: Profile, seed: int, created_ms: int) -> Account:
    """An account with the key format of its exchange (kraken secrets are base64, others letters and digits)."""
    digest = hashlib.sha512(f"{seed}:{name}:{profile.exchange}".encode()).digest()
    key = base64.b64encode(digest[:42]).decode().replace("+", "p").replace("/", "s")
    secret = digest.hex()[:64]
    if profile.secret_format == "base64":
        secret = base64.b64encode(hashlib.sha512(digest).digest()).decode()
    return Account(
        name=name, exchange=profile.exchange, api_key=key, secret=secret,
        password=digest.hex()[64:80] if profile.has_password else None,
        uid=str(int.from_bytes(digest[:4], "big")), created_ms=created_ms,
    )  # fmt: skip
