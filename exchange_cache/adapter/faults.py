"""The border where ccxt's exceptions become the project's: classed once, by what to do next.

Neither ccxt's class nor the HTTP status decides alone: ccxt calls a 5xx with an unknown code
permanent and a 451 retryable. A right is missing only where the exchange documents the code or the
words so (``codes`` and ``words`` of its policy): reading a bare 401 or 403, a foreign IP address or
an expired key as a missing right would hide a failed run. No message leaves here with a key, a
secret, a signature or the query of a signed URL in it.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.errors import (
    BadResponse,
    Banned,
    ClockSkew,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    SymbolUnknown,
)
from exchange_cache.visible import brief

REASON_LIMIT = (
    200  # characters of what the exchange says: the whole error is at most visible.LONGEST
)

_CODE_KEYS = (
    "code",
    "retCode",
    "ret_code",
    "sCode",
    "err-code",
    "err_code",
    "errorCode",
    "label",
    "status",
    "error",
)
_TEXT_KEYS = (
    "msg",
    "retMsg",
    "ret_msg",
    "message",
    "error_details",
    "error_description",
    "err-msg",
    "err_msg",
    "errorMessage",
    "error",
    "errors",
    "reason",
)
_RIGHT = re.compile(
    r"(?i)permission|privilege|scope|not (?:have|enabled?).{0,40}\b(?:right|access)|read access"
)
_KEY = re.compile(r"(?i)\bip\b|whitelist|allow-?list|expired|signature|invalid (?:api[ -]?)?key")
_QUERY = re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>)]*")
_RELATIVE_QUERY = re.compile(r"(with url: [^\s?]+)\?\S*")
_PARAMETER = re.compile(
    r"(?i)\b(signature|sign|api[-_]?key|apikey|api-sign|secret|passphrase|password|token|ok-access-[a-z]+|kc-api-[a-z]+|authorization)"
    r"(['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^&\s,'\"}]+"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without any of the secrets (plain or URL-encoded), without queries of URLs, without
    signature parameters."""
    for secret in sorted(
        {item for item in secrets if item and len(item) >= 4}, key=len, reverse=True
    ):
        for form in {
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            secret.replace("\n", "\\n"),
        }:
            text = text.replace(form, "***")
    text = _QUERY.sub(r"\1", text)
    text = _RELATIVE_QUERY.sub(r"\1", text)
    return _PARAMETER.sub(r"\1\2***", text)


def scrub(error: BaseException, secrets: Iterable[str]) -> None:
    """Redact the text of an exception and of everything it was raised from, so that a traceback
    tells no secret either."""
    secrets, seen, waiting = tuple(secrets), set(), [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        current.args = tuple(_scrubbed(item, secrets, waiting) for item in current.args)
        waiting.extend(
            cause for cause in (current.__cause__, current.__context__) if cause is not None
        )


def _scrubbed(item: Any, secrets: tuple[str, ...], waiting: list[BaseException]) -> Any:
    if isinstance(item, str):
        return redact(item, secrets)
    if isinstance(item, BaseException):
        waiting.append(item)
        return item
    return (
        item if item is None or isinstance(item, int | float | bool) else redact(str(item), secrets)
    )


def translate(
    error: Exception,
    *,
    account: str,
    policy: ExchangePolicy,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    secrets: Iterable[str] = (),
    doing: str = "",
    now: datetime | None = None,
    key_works: bool = False,
    could: bool = False,
    right_missing: bool = False,
) -> ExcacheError:
    """The project's error for whatever ccxt raised; errors of the project pass through with the
    account filled in.

    ``key_works``: the exchange accepted this key a moment ago; ``could``: for this very read, so
    its right is not missing. ``right_missing``: asking again showed that a code for a wrong key or
    a missing right means the latter.
    """
    if isinstance(error, ExcacheError):
        error.account = error.account or account
        return error
    secrets = tuple(secrets)
    scrub(error, secrets)
    exchange = policy.exchange
    code, reason = _code_and_reason(str(error), exchange)
    kind = _kind(error, policy, code, str(error), status)
    if kind is PermissionMissing and could:
        kind = KeyRefused
    elif kind is KeyRefused and right_missing:
        kind = PermissionMissing
    sentence = _sentence(kind, exchange, brief(redact(reason, secrets), REASON_LIMIT), doing, error)
    if kind is KeyRefused and key_works:
        sentence = sentence.replace(
            "refused the key", "refused the key that it accepted a moment ago", 1
        )
    hint = _hint(kind, account, policy, code, reason)
    if issubclass(kind, RateLimited):
        return kind(
            sentence, account=account, hint=hint, retry_after=retry_after(headers or {}, now)
        )
    return kind(sentence, account=account, hint=hint)


def is_ambiguous(error: Exception, policy: ExchangePolicy) -> bool:
    """Whether an error's code stands for a wrong key and for a missing right alike."""
    code, _ = _code_and_reason(str(error), policy.exchange)
    return code in policy.ambiguous


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the exchange asks us to wait: Retry-After (seconds or date), or the reset time
    of bybit, gate and others (ms or s)."""
    lowered = {str(key).lower(): str(value) for key, value in headers.items()}
    text = lowered.get("retry-after")
    if text is not None:
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(0.0, (moment - now).total_seconds()) if now is not None else None
    reset = lowered.get("x-bapi-limit-reset-timestamp")
    if reset is not None and reset.isdigit() and now is not None:
        return max(0.0, int(reset) / 1000 - now.timestamp())
    reset = lowered.get("gw-ratelimit-reset")  # kucoin, milliseconds to go
    return int(reset) / 1000 if reset is not None and reset.isdigit() else None


# --- which class ----------------------------------------------------------------------------------


def _kind(
    error: Exception, policy: ExchangePolicy, code: str | None, text: str, status: int | None
) -> type[ExchangeFault]:
    if isinstance(
        error,
        binascii.Error
        | ValueError
        | TypeError
        | AttributeError
        | KeyError
        | IndexError
        | ArithmeticError,
    ):
        return _kind_of_python_error(error)
    if status == 418:
        return Banned
    meaning = _meaning(policy, code, text)
    if meaning is not None:
        return meaning
    if status == 429:
        return RateLimited
    if status in {451, 403} and not _has_json(text):
        return RequestRefused
    kind = _kind_of_ccxt_error(error)
    if kind in {PermissionMissing, NotOffered} and not _is_said(kind, policy, code, text, status):
        return KeyRefused if status == 401 or code == "401" else RequestRefused
    if status is not None and status >= 500 and kind is RequestRefused:
        return ExchangeUnavailable
    return RequestRefused if status == 404 and kind is ExchangeUnavailable else kind


def _meaning(policy: ExchangePolicy, code: str | None, text: str) -> type[ExchangeFault] | None:
    """What the exchange documents of an answer; None where it says nothing."""
    if code in policy.ambiguous:
        return KeyRefused
    by_words = (kind for words, kind in policy.words.items() if words in text)
    return next(by_words, policy.codes.get(code or ""))


def _is_said(
    kind: type[ExchangeFault],
    policy: ExchangePolicy,
    code: str | None,
    text: str,
    status: int | None,
) -> bool:
    """Whether more than ccxt's class says that a right is missing, or that something is not
    offered: a bare 401 or 403 does not."""
    if kind is PermissionMissing:
        return not policy.reviewed and _says_right_is_missing(text)
    return status not in {401, 403} and code not in {"401", "403"}


def _says_right_is_missing(text: str) -> bool:
    """Whether the words of an exchange that nobody reviewed speak of a missing permission, and of
    nothing else."""
    return _RIGHT.search(text) is not None and _KEY.search(text) is None


def _kind_of_python_error(error: Exception) -> type[ExchangeFault]:
    """A malformed secret fails while signing; any other of these means that ccxt met an answer it
    cannot read."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    return KeyRefused if "sign" in frames else BadResponse


def _kind_of_ccxt_error(error: Exception) -> type[ExchangeFault]:
    import ccxt
    import requests

    table: tuple[tuple[type[Exception], type[ExchangeFault]], ...] = (
        (ccxt.AccountNotEnabled, NotOffered),  # a product that was never opened
        (ccxt.PermissionDenied, PermissionMissing),
        (ccxt.AuthenticationError, KeyRefused),
        (ccxt.InvalidNonce, ClockSkew),
        (ccxt.RateLimitExceeded, RateLimited),
        (ccxt.DDoSProtection, RateLimited),
        (ccxt.BadResponse, BadResponse),
        (ccxt.OperationFailed, ExchangeUnavailable),
        (ccxt.BadSymbol, SymbolUnknown),
        (ccxt.NotSupported, NotOffered),
        (ccxt.ExchangeError, RequestRefused),
        (requests.RequestException, ExchangeUnavailable),
    )
    for source, kind in table:
        if isinstance(error, source):
            return kind
    return RequestRefused


# --- which words ----------------------------------------------------------------------------------


def _has_json(text: str) -> bool:
    return "{" in text


def _code_and_reason(text: str, exchange: str) -> tuple[str | None, str]:
    """The exchange's own code and message out of ccxt's text (``binance
    {"code":-2015,"msg":"…"}``)."""
    body = _json_in(text)
    if isinstance(body, Mapping):
        return _from_body(body)
    plain = re.sub(r"<[^>]*>", " ", text.removeprefix(exchange)).strip()
    return None, re.sub(r"\s+", " ", plain)


def _json_in(text: str) -> Any:
    starts = [position for position in (text.find("{"), text.find("[")) if position >= 0]
    if not starts:
        return None
    try:
        body, _end = json.JSONDecoder().raw_decode(text[min(starts) :])
    except ValueError:
        return None
    return body[0] if isinstance(body, list) and body and isinstance(body[0], Mapping) else body


def _from_body(body: Mapping[str, Any]) -> tuple[str | None, str]:
    nodes = [
        node for node in (body, body.get("error")) if isinstance(node, Mapping)
    ]  # deribit: {"error": {"code": ...}}
    codes = (node.get(key) for node in nodes for key in _CODE_KEYS)
    code = next((str(item) for item in codes if isinstance(item, str | int) and str(item)), None)
    message = next((_flat(body[key]) for key in _TEXT_KEYS if body.get(key)), "")
    if not message:
        message = json.dumps(body)[:REASON_LIMIT]
    return code, message if code is None or code in message else f"{message} ({code})"


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_flat(item)}" for key, item in value.items())
    return str(value)


def _sentence(
    kind: type[ExchangeFault], exchange: str, reason: str, doing: str, error: Exception
) -> str:
    what = f"{exchange} {_VERBS.get(kind, 'refused the request')}"
    if isinstance(error, binascii.Error | ValueError) and kind is KeyRefused:
        shape = (
            "is no base64 text"
            if isinstance(error, binascii.Error)
            else "has not the form of a key"
        )
        what, reason = (
            f"the secret is malformed: it {shape}, as {exchange} gives it; copy it again, whole",
            "",
        )
    elif kind is ExchangeUnavailable and type(error).__name__ in {"NetworkError", "RequestTimeout"}:
        what, reason = f"{exchange} did not answer", _network_reason(error)
    about = f" ({doing})" if doing else ""
    return f"{what}{about}: {reason}" if reason else f"{what}{about}"


def _network_reason(error: Exception) -> str:
    """What kept us from the exchange, in a few words and without the URL."""
    text = " ".join(str(item) for item in (error, error.__cause__ or "", error.__context__ or ""))
    for words, reason in _NETWORK_WORDS:
        if words in text:
            return reason
    return "timed out" if type(error).__name__ == "RequestTimeout" else "the connection failed"


_NETWORK_WORDS = (
    ("NameResolutionError", "its name cannot be resolved"),
    ("Name or service not known", "its name cannot be resolved"),
    ("Temporary failure in name resolution", "its name cannot be resolved"),
    ("Connection refused", "connection refused"),
    ("ProxyError", "the proxy failed"),
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
    BadResponse: "sent an answer that is not the documented one",
    SymbolUnknown: "does not know the symbol",
    OutOfRetention: "does not serve that time any more",
    NotOffered: "does not offer this",
}


def _hint(
    kind: type[ExchangeFault], account: str, policy: ExchangePolicy, code: str | None, reason: str
) -> str | None:
    ambiguous = code in policy.ambiguous
    if issubclass(kind, KeyRefused) and not ambiguous and re.search(r"(?i)\bip(?:\b|_)", reason):
        return f"allow this machine's IP address for the key; then: excache account check {account}"
    if issubclass(kind, KeyRefused):
        extra = (
            f"; {policy.title} gives this code for a wrong key, a missing permission and a foreign"
            " IP address alike"
            if ambiguous
            else ""
        )
        return f"excache account check {account}{extra}"
    if issubclass(kind, PermissionMissing):
        return f"give the key the right to read that; then: excache account check {account}"
    if issubclass(kind, ClockSkew):
        return "set this machine's clock (NTP)"
    if issubclass(kind, Banned):
        return "wait; every further request makes it longer"
    return None
