"""The system's keyring behind three methods; its library is optional and loaded only when a secret
is stored there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from exchange_cache.config.sources import Hidden
from exchange_cache.errors import SecretUnavailable

SERVICE = "excache"
INSTALL_HINT = "pip install 'excache[keyring]'"
BACKEND_HINT = (
    "no keyring is available here (usual under cron and on servers); use { file = … } or"
    " { command = … } instead"
)


class Keyring(Protocol):
    """Entries of the service ``excache``, named ACCOUNT.CREDENTIAL. Every method may raise
    SecretUnavailable."""

    def get(self, entry: str) -> Hidden | None: ...
    def put(self, entry: str, secret: Hidden) -> None: ...
    def delete(self, entry: str) -> None: ...


class SystemKeyring:
    """The desktop's keyring (macOS Keychain, Secret Service, KWallet …) through the keyring
    library."""

    def get(self, entry: str) -> Hidden | None:
        with _translated():
            import keyring

            text = keyring.get_password(SERVICE, entry)
            return None if text is None else Hidden(text)

    def put(self, entry: str, secret: Hidden) -> None:
        with _translated():
            import keyring

            keyring.set_password(SERVICE, entry, secret.reveal())

    def delete(self, entry: str) -> None:
        with _translated():
            import keyring

            keyring.delete_password(SERVICE, entry)


def entry_name(account: str, credential: str) -> str:
    return f"{account}.{credential}"


@contextmanager
def _translated() -> Iterator[None]:
    """Translate the library's errors; drop their texts, since a backend may quote its input."""
    message, hint = "", ""
    try:
        from keyring.errors import KeyringError

        try:
            yield
        except (KeyringError, RuntimeError, OSError) as exc:
            message, hint = f"the keyring refused ({type(exc).__name__})", BACKEND_HINT
    except ImportError:
        message, hint = "the keyring library is not installed", INSTALL_HINT
    if message:
        raise SecretUnavailable(message, hint=hint)
