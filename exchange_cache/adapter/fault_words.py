"""The texts of an error: a sentence that says what the exchange did, and a hint what to do next."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.errors import (
    BadResponse,
    Banned,
    CertificateRefused,
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    ProxyFailed,
    RateLimited,
    SymbolUnknown,
)


def sentence_of(
    kind: type[ExchangeFault], exchange: str, reason: str, doing: str, error: Exception
) -> str:
    what = f"{exchange} {_VERBS.get(kind, 'refused the request')}"
    if isinstance(error, binascii.Error | ValueError) and kind is KeyRefused:
        shape = (
            "is not valid base64"
            if isinstance(error, binascii.Error)
            else "does not have the form of a key"
        )
        what, reason = (
            f"the secret is malformed: it {shape}; copy the whole secret from {exchange} again",
            "",
        )
    elif kind is CertificateRefused:
        what, reason = f"the certificate of {exchange} is not trusted", _certificate_reason(error)
    elif kind is ProxyFailed or _is_silence(kind, error):
        what, reason = f"{exchange} did not answer", _network_reason(error)
    about = f" ({doing})" if doing else ""
    return f"{what}{about}: {reason}" if reason else f"{what}{about}"


def _is_silence(kind: type[ExchangeFault], error: Exception) -> bool:
    return kind is ExchangeUnavailable and type(error).__name__ in {
        "NetworkError",
        "RequestTimeout",
    }


def chain_of(error: BaseException) -> str:
    """The texts of an error and of what caused it."""
    return " ".join(str(item) for item in (error, error.__cause__ or "", error.__context__ or ""))


def _certificate_reason(error: Exception) -> str:
    """Why a certificate was refused, in the words of OpenSSL."""
    found = re.search(r"certificate verify failed: ([^()\"']+)", chain_of(error))
    return found[1].strip() if found else ""


def is_proxy_down(text: str) -> bool:
    """Whether a proxy was not reached; one that refuses an exchange is there."""
    return "ProxyError" in text and "Tunnel connection failed" not in text


def _proxy_reason(text: str) -> str:
    """Which proxy failed, and how; never its user or password."""
    rest = text[text.index("ProxyError") :]
    refused = re.search(r"Tunnel connection failed: ([\w ]+)", rest)
    if refused:
        return f"the proxy refused ({refused[1].strip()})"
    place = re.search(r"host='([^']+)', port=(\d+)", rest)
    proxy = f"the proxy {place[1]}:{place[2]}" if place else "the proxy"
    reason = next((reason for words, reason in _NETWORK_WORDS if words in rest), "")
    return f"{proxy} failed" + (f": {reason}" if reason else "")


def _network_reason(error: Exception) -> str:
    """Why the exchange was not reached, in a few words and without the URL."""
    text = chain_of(error)
    if "ProxyError" in text:
        return _proxy_reason(text)
    for words, reason in _NETWORK_WORDS:
        if words in text:
            return reason
    return "timed out" if type(error).__name__ == "RequestTimeout" else "the connection failed"


_NETWORK_WORDS = (
    ("NameResolutionError", "its name cannot be resolved"),
    ("Name or service not known", "its name cannot be resolved"),
    ("Temporary failure in name resolution", "its name cannot be resolved"),
    ("Connection refused", "connection refused"),
    ("Missing dependencies for SOCKS", "a SOCKS proxy needs the package pysocks"),
    ("Read timed out", "timed out"),
    ("timed out", "timed out"),
    ("Connection reset", "connection reset"),
    ("Connection aborted", "connection aborted"),
    ("Network is unreachable", "the network is unreachable"),
)

_VERBS: Mapping[type[ExchangeFault], str] = {
    KeyRefused: "refused the key",
    PermissionMissing: "does not let this key read that",
    ClockSkew: "refused the time stamp",
    RateLimited: "asks us to slow down",
    Banned: "banned this address for a while",
    ExchangeUnavailable: "is not available",
    BadResponse: "sent an answer that differs from its documentation",
    SymbolUnknown: "does not know the symbol",
    OutOfRetention: "no longer serves that time",
    NotOffered: "does not offer this",
}


def hint_of(
    kind: type[ExchangeFault], account: str, policy: ExchangePolicy, code: str | None, reason: str
) -> str | None:
    ambiguous = code in policy.ambiguous
    if issubclass(kind, KeyRefused) and not ambiguous and re.search(r"(?i)\bip(?:\b|_)", reason):
        return f"allow this machine's IP address for the key; then: excache account check {account}"
    if issubclass(kind, KeyRefused):
        extra = (
            f"; {policy.title} uses this code for a wrong key, a missing permission and an IP"
            " address that the key does not allow"
            if ambiguous
            else ""
        )
        return f"excache account check {account}{extra}"
    if issubclass(kind, PermissionMissing):
        return f"give the key permission to read this; then: excache account check {account}"
    if issubclass(kind, ClockSkew):
        return "set this machine's clock (NTP)"
    if issubclass(kind, CertificateRefused):
        return (
            "if a proxy of your network reads the traffic, name its certificate:"
            " export REQUESTS_CA_BUNDLE=FILE"
        )
    if issubclass(kind, ProxyFailed):
        return "correct or unset HTTPS_PROXY, or the proxy of the account in config.toml"
    if issubclass(kind, Banned):
        return "wait; every further request makes the ban longer"
    return None
