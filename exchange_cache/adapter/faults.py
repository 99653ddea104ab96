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

from exchange_cache.adapter.fault_words import hint_of, sentence_of
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.redaction import redact, scrub
from exchange_cache.errors import (
    BadResponse,
    Banned,
    ClockSkew,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
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
    code, reason = _code_and_reason(str(error), policy.exchange)
    kind = _kind(error, policy, code, str(error), status)
    if kind is PermissionMissing and could:
        kind = KeyRefused
    elif kind is KeyRefused and right_missing:
        kind = PermissionMissing
    shown = brief(redact(reason, secrets), REASON_LIMIT)
    sentence = sentence_of(kind, policy.exchange, shown, doing, error)
    if kind is KeyRefused and key_works:
        accepted = "refused the key that it accepted a moment ago"
        sentence = sentence.replace("refused the key", accepted, 1)
    hint = hint_of(kind, account, policy, code, reason)
    if not issubclass(kind, RateLimited):
        return kind(sentence, account=account, hint=hint)
    wait = retry_after(headers or {}, now)
    return kind(sentence, account=account, hint=hint, retry_after=wait)


def is_ambiguous(error: Exception, policy: ExchangePolicy) -> bool:
    """Whether an error's code stands for a wrong key and for a missing right alike."""
    code, _ = _code_and_reason(str(error), policy.exchange)
    return code in policy.ambiguous


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the exchange asks us to wait: Retry-After (seconds or date), or the reset time
    that some exchanges give instead (a moment in ms, or ms to go)."""
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
    reset = lowered.get("gw-ratelimit-reset")  # milliseconds to go
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
    """The exchange's own code and message out of ccxt's text (``NAME
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
    ]  # some write {"error": {"code": ...}}
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
