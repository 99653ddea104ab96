"""The texts of an error: what the exchange did, and what to do next."""

from __future__ import annotations

import binascii

import ccxt
import pytest

from exchange_cache.adapter.fault_words import hint_of, sentence_of
from exchange_cache.errors import (
    BadResponse,
    Banned,
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    PermissionMissing,
    RateLimited,
    RequestRefused,
)
from exchange_cache.exchanges import policy_for


@pytest.mark.parametrize(
    ("kind", "reason", "doing", "error", "said"),
    [
        (KeyRefused, "no", "the time", Exception(), "okx refused the key (the time): no"),
        (RateLimited, "", "", Exception(), "okx asks us to slow down"),
        (RequestRefused, "why", "", Exception(), "okx refused the request: why"),
        (
            BadResponse,
            "",
            "fills spot",
            Exception(),
            "okx sent an answer that differs from its documentation (fills spot)",
        ),
        (
            KeyRefused,
            "x",
            "",
            binascii.Error(),
            "the secret is malformed: it is not valid base64; copy the whole secret from okx again",
        ),
        (
            KeyRefused,
            "x",
            "",
            ValueError(),
            "the secret is malformed: it does not have the form of a key; copy the whole secret"
            " from okx again",
        ),
        (
            ExchangeUnavailable,
            "x",
            "",
            ccxt.NetworkError("okx GET https://example.invalid Connection refused"),
            "okx did not answer: connection refused",
        ),
        (ExchangeUnavailable, "", "", ccxt.RequestTimeout(""), "okx did not answer: timed out"),
        (ExchangeUnavailable, "busy", "", Exception(), "okx is not available: busy"),
    ],
)
def test_a_sentence_says_what_the_exchange_did(
    kind: type[ExchangeFault], reason: str, doing: str, error: Exception, said: str
) -> None:
    assert sentence_of(kind, "okx", reason, doing, error) == said


@pytest.mark.parametrize(
    ("kind", "code", "reason", "hint"),
    [
        (KeyRefused, "-1022", "Signature", "excache account check main"),
        (
            KeyRefused,
            "1",
            "unmatched IP",
            "allow this machine's IP address for the key; then: excache account check main",
        ),
        (
            KeyRefused,
            "-2015",
            "Invalid API-key, IP, or permissions for action",
            "excache account check main; Binance uses this code for a wrong key, a missing"
            " permission and an IP address that the key does not allow",
        ),
        (
            PermissionMissing,
            None,
            "",
            "give the key permission to read this; then: excache account check main",
        ),
        (ClockSkew, None, "", "set this machine's clock (NTP)"),
        (Banned, None, "", "wait; every further request makes the ban longer"),
        (RequestRefused, None, "", None),
    ],
)
def test_a_hint_says_what_to_do_next(
    kind: type[ExchangeFault], code: str | None, reason: str, hint: str | None
) -> None:
    assert hint_of(kind, "main", policy_for("binance"), code, reason) == hint
