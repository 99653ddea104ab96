"""Credentials and the sources of their values. Nothing here opens a file, runs a command or uses a
keyring.

A private key is refused on principle: on exchanges that use one, it signs orders, approvals and
withdrawals alike, so it cannot be read-only. Messages about credentials never quote the value: it
may be the secret itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exchange_cache.config.faults import Wrong, kind_of, suggestion

#: Names of credentials in config.toml and in ccxt.
CCXT_NAMES = {
    "api_key": "apiKey",
    "secret": "secret",
    "password": "password",
    "uid": "uid",
    "login": "login",
    "token": "token",
    "account_id": "accountId",
    "wallet_address": "walletAddress",
}
CREDENTIAL_DOCS = {
    "api_key": "The key's public half, as the exchange shows it.",
    "secret": "The key's secret half; for coinbase the PEM block.",
    "password": "The passphrase of the key (okx, kucoin, bitget …).",
    "uid": "The user number, if the exchange requires it.",
    "login": "The login name, if the exchange requires it.",
    "token": "An access token, if the exchange uses one.",
    "account_id": "The account number, if the exchange requires it.",
    "wallet_address": "The public address (hyperliquid); may stand in config.toml as plain text.",
}
#: Not secret: public on the blockchain.
PUBLIC = frozenset({"wallet_address"})

#: Names that people write instead.
ALIASES = {
    "key": "api_key",
    "apikey": "api_key",
    "apiKey": "api_key",
    "api_secret": "secret",
    "apiSecret": "secret",
    "secret_key": "secret",
    "secretKey": "secret",
    "passphrase": "password",
    "address": "wallet_address",
    "walletAddress": "wallet_address",
    "accountId": "account_id",
}
PRIVATE_KEYS = frozenset(
    {"private_key", "privateKey", "privatekey", "mnemonic", "seed", "seed_phrase"}
)
NO_PRIVATE_KEY = (
    "is never accepted: a private key signs orders, approvals and withdrawals, so it cannot be"
    " read-only; remove it, and give wallet_address (hyperliquid) or a read-only api_key and secret"
    " instead"
)
SOURCE_KINDS = ("env", "keyring", "command", "file")
IN_THE_CLEAR = (
    'is a secret in the clear; move it to a file of mode 0600 and write { file = "…" }, or use {'
    ' env = "…" }, { keyring = true } or { command = "…" } (allow_plaintext_secrets = true'
    " permits it)"
)

_PRIVATE_KEY_HEX = re.compile(r"(0x)?[0-9a-fA-F]{64}")


class Hidden:
    """A text that only ``reveal`` shows: not repr, format, pickle or a traceback's variables."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a hidden text cannot be pickled")


@dataclass(frozen=True, slots=True)
class EnvSecret:
    """``{ env = "NAME" }``: an environment variable."""

    name: str

    def __str__(self) -> str:
        return f"environment variable {self.name}"


@dataclass(frozen=True, slots=True)
class KeyringSecret:
    """``{ keyring = true }``: the entry ACCOUNT.CREDENTIAL of the service ``excache`` in the
    system's keyring."""

    def __str__(self) -> str:
        return "system keyring"


@dataclass(frozen=True, slots=True)
class CommandSecret:
    """``{ command = "pass show x" }``: the output of a program, started without a shell."""

    words: tuple[str, ...]

    def __repr__(self) -> str:
        return f"CommandSecret({self.words[0]} …)"

    def __str__(self) -> str:
        return f"command {self.words[0]}"


@dataclass(frozen=True, slots=True)
class FileSecret:
    """``{ file = "main.key" }``: a file that only its owner may read; relative names start at the
    folder of config.toml."""

    name: str

    def __str__(self) -> str:
        return f"file {self.name}"


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """The value itself, in config.toml: public addresses, and secrets if
    ``allow_plaintext_secrets`` permits."""

    value: Hidden

    def __str__(self) -> str:
        return "plain text"


SecretSource = EnvSecret | KeyringSecret | CommandSecret | FileSecret | PlainSecret


def plain(text: str) -> PlainSecret:
    """A value that is already known, for example one typed hidden."""
    return PlainSecret(Hidden(trimmed(text)))


def trimmed(text: str) -> str:
    """The text without its final line end; a PEM block written with backslash and n gets real line
    ends."""
    text = text.rstrip("\r\n")
    return text.replace("\\n", "\n").replace("\r\n", "\n").rstrip("\n") if is_pem(text) else text


#: What surrounds a pasted text besides blanks: marks that no screen shows.
_UNSEEN = "\ufeff\u200b\u200e\u200f\u2060"


def without_blanks(text: str) -> str:
    """The text without blanks around it, which copying adds."""
    return text.strip().strip(_UNSEEN).strip()


def read_source(credential: str, value: object) -> SecretSource:
    """The source that config.toml names for a credential; Wrong never quotes a value. Whether plain
    text is allowed is checked later."""
    if isinstance(value, str):
        problem = shape_problem(credential, trimmed(value))
        if problem is not None:
            raise Wrong(problem)
        return plain(value)
    if not isinstance(value, dict):
        raise Wrong(
            f'must say where the value comes from, such as {{ env = "NAME" }}, not {kind_of(value)}'
        )
    if len(value) != 1:
        raise Wrong(f"must name exactly one of {', '.join(SOURCE_KINDS)}, not {len(value)}")
    [(kind, argument)] = value.items()
    if kind not in _READERS:
        raise Wrong(f"names an unknown kind of source; {suggestion(kind, SOURCE_KINDS)}")
    return _READERS[kind](argument)


def shape_problem(credential: str, text: str) -> str | None:
    """What is wrong with a credential's value, without showing it; None if it is plausible."""
    if not text.strip():
        return "is empty"
    if credential == "wallet_address" and _PRIVATE_KEY_HEX.fullmatch(text):
        return f"looks like a private key (64 hexadecimal digits), which {NO_PRIVATE_KEY}"
    if "\x00" in text:
        return "contains a zero byte, so it is not text"
    if "\n" in text and not is_pem(text):
        return "has more than one line and is not a PEM block"
    return None


def is_pem(text: str) -> bool:
    return text.lstrip().startswith("-----BEGIN ")


def source_table(
    source: EnvSecret | KeyringSecret | CommandSecret | FileSecret,
) -> dict[str, object]:
    """A source as config.toml writes it; the inverse of :func:`read_source`."""
    match source:
        case EnvSecret(name):
            return {"env": name}
        case KeyringSecret():
            return {"keyring": True}
        case CommandSecret(words):
            return {"command": list(words)}
        case FileSecret(name):
            return {"file": name}


def _env(argument: object) -> EnvSecret:
    if not isinstance(argument, str) or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", argument) is None:
        raise Wrong(
            'needs the name of an environment variable, such as { env = "BINANCE_KEY" }, not the'
            " value",
            at=("env",),
        )
    return EnvSecret(argument)


def _keyring(argument: object) -> KeyringSecret:
    if argument is not True:
        raise Wrong("must be written { keyring = true }", at=("keyring",))
    return KeyringSecret()


def _command(argument: object) -> CommandSecret:
    words = _words(argument)
    if not words or not words[0]:
        raise Wrong(
            'needs a program and its arguments, such as { command = "pass show exchange/main" }',
            at=("command",),
        )
    return CommandSecret(words)


def _words(argument: object) -> tuple[str, ...]:
    if isinstance(argument, list) and all(isinstance(word, str) for word in argument):
        return tuple(argument)
    if not isinstance(argument, str):
        return ()
    import shlex

    try:
        return tuple(shlex.split(argument))
    except ValueError:
        raise Wrong("has a command with an unclosed quotation mark", at=("command",)) from None


def _file(argument: object) -> FileSecret:
    if (
        not isinstance(argument, str)
        or not argument.strip()
        or "\x00" in argument
        or "\n" in argument
    ):
        raise Wrong('needs the name of a file, such as { file = "main.key" }', at=("file",))
    return FileSecret(argument)


_READERS: Mapping[str, Callable[[object], SecretSource]] = {
    "env": _env,
    "keyring": _keyring,
    "command": _command,
    "file": _file,
}


def secret_file(account: str, credential: str) -> str:
    """The file in which excache stores a credential, relative to the folder of config.toml."""
    return f"secrets/{account}.{credential}"
