"""Translates ccxt's exceptions into the project's, which are classed by what to do next.

Neither ccxt's class nor the HTTP status decides alone: ccxt treats a 5xx with an unknown code as
permanent and a 451 as retryable. A right is missing only where the exchange documents the code or
the words that way (``codes`` and ``words`` of its policy). A bare 401 or 403, an IP address that is
not allowed, or an expired key is no missing right: to read it so would hide a failed run. No
message contains a key, a secret, a signature or the query of a signed URL.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from exchange_cache.adapter.fault_words import (
    chain_of,
    hint_of,
    is_proxy_down,
    sentence_of,
)
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.redaction import redact, scrub
from exchange_cache.errors import (
    BadResponse,
    Banned,
    CertificateRefused,
    ClockSkew,
    ExcacheError,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    PermissionMissing,
    ProxyFailed,
    RateLimited,
    RequestRefused,
    SymbolUnknown,
)
from exchange_cache.visible import brief

#: Characters of the exchange's own text; the whole error has at most visible.LONGEST.
REASON_LIMIT = 200

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
    """The project's error for an exception of ccxt; an error of the project is returned with the
    account filled in.

    ``key_works``: the exchange accepted this key in this run; ``could``: for this same read, so
    its right is not missing. ``right_missing``: a repeated request showed that an ambiguous code
    means a missing right.
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
    """Whether an error's code stands for both a wrong key and a missing right."""
    code, _ = _code_and_reason(str(error), policy.exchange)
    return code in policy.ambiguous


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait before the next request: Retry-After (seconds or a date), or the reset time
    that some exchanges send instead (a time in ms, or ms remaining)."""
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
    reset = lowered.get("gw-ratelimit-reset")  # milliseconds remaining
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
    """The documented meaning of an error; None where the policy states none."""
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
    """Whether more than ccxt's class says that a right is missing or that something is not offered;
    a bare 401 or 403 says neither."""
    if kind is PermissionMissing:
        return not policy.reviewed and _says_right_is_missing(text)
    return status not in {401, 403} and code not in {"401", "403"}


def _says_right_is_missing(text: str) -> bool:
    """Whether an unreviewed exchange's words name a missing permission and nothing else."""
    return _RIGHT.search(text) is not None and _KEY.search(text) is None


def _kind_of_python_error(error: Exception) -> type[ExchangeFault]:
    """A malformed secret fails while signing; otherwise ccxt could not read an answer."""
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
        (ccxt.AccountNotEnabled, NotOffered),  # a product that the account never opened
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
    if "CERTIFICATE_VERIFY_FAILED" in chain_of(error):
        return CertificateRefused
    if is_proxy_down(chain_of(error)):
        return ProxyFailed
    for source, kind in table:
        if isinstance(error, source):
            return kind
    return RequestRefused


# --- which words ----------------------------------------------------------------------------------


def _has_json(text: str) -> bool:
    return "{" in text


def _code_and_reason(text: str, exchange: str) -> tuple[str | None, str]:
    """The exchange's own code and message from ccxt's text (``NAME {"code":-2015,"msg":"…"}``)."""
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
    # Some exchanges write {"error": {"code": ...}}.
    nodes = [node for node in (body, body.get("error")) if isinstance(node, Mapping)]
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
