"""Credentials of the simulated accounts, made from the seed: worthless anywhere else."""

from __future__ import annotations

import base64
import hashlib
import uuid

from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.profile import Profile
from exchange_cache.simulator.venue.records import Account


def make_account(name: str, profile: Profile, seed: int, created_ms: int) -> Account:
    """An account with the key format of its exchange (kraken secrets are base64, coinbase's a PEM
    block, others letters and digits)."""
    digest = hashlib.sha512(f"{seed}:{name}:{profile.exchange}".encode()).digest()
    key = base64.b64encode(digest[:42]).decode().replace("+", "p").replace("/", "s")
    secret = digest.hex()[:64]
    if profile.secret_format == "base64":
        secret = base64.b64encode(hashlib.sha512(digest).digest()).decode()
    if profile.secret_format == "pem":
        key, secret = (
            f"organizations/{_uuid(digest)}/apiKeys/{_uuid(digest[16:])}",
            _pem(digest[32:]),
        )
    elif profile.secret_format == "uuid":
        key, secret = str(uuid.UUID(bytes=digest[:16])), secret[:32].upper()
    return Account(
        name=name, exchange=profile.exchange, api_key=key, secret=secret,
        password=digest.hex()[64:80] if profile.has_password else None,
        uid=str(int.from_bytes(digest[:4], "big")), created_ms=created_ms,
        margin=profile.margin,
        upgraded_ms=created_ms + profile.classic_days * DAY_MS if profile.classic_days else 0,
    )  # fmt: skip


def _uuid(digest: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=digest[:16], version=4)


def _pem(digest: bytes) -> str:
    """An elliptic-curve private key (P-256) in the PEM form of the Coinbase Developer Platform."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    number = int.from_bytes(digest[:31], "big") + 1
    key = ec.derive_private_key(number, ec.SECP256R1())
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        .decode()
        .strip()
    )
