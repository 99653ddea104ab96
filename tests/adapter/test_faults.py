"""ccxt's exceptions, HTTP statuses and codes -> the project's errors by what to do next; and no
secret in any message."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import ccxt
import pytest

from exchange_cache.adapter.faults import retry_after, translate
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import (
    BadResponse,
    Banned,
    ClockSkew,
    ExcacheError,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    RateLimited,
    RequestRefused,
    SymbolUnknown,
    WriteRefused,
)
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.records import DataType
from tests.exchanges.builders import NOW, SECRETS, adapter_for, open_stubbed, stream
from tests.exchanges.stub import Answer

ONCE = RetryPolicy(attempts=1)

#: (exchange, status, body, class): the table of exchange-facts, over real HTTP through the real
#: ccxt.
CASES: tuple[tuple[str, int, Any, type[ExcacheError]], ...] = (
    (
        "binance",
        401,
        {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."},
        KeyRefused,
    ),
    ("binance", 401, {"code": -2014, "msg": "API-key format invalid."}, KeyRefused),
    (
        "binance",
        400,
        {"code": -1022, "msg": "Signature for this request is not valid."},
        KeyRefused,
    ),
    (
        "binance",
        400,
        {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."},
        ClockSkew,
    ),
    ("binance", 429, {"code": -1003, "msg": "Too many requests."}, RateLimited),
    ("binance", 418, {"code": -1003, "msg": "Way too many requests; IP banned until 1."}, Banned),
    (
        "binance",
        400,
        {"code": -4166, "msg": "Search window is restricted to recent 90 days only."},
        OutOfRetention,
    ),
    ("binance", 503, {"code": -99999, "msg": "Unknown."}, ExchangeUnavailable),
    ("binance", 500, "<html>oops</html>", ExchangeUnavailable),
    ("binance", 451, "<html>Unavailable For Legal Reasons</html>", RequestRefused),
    ("binance", 403, "<html>Forbidden</html>", RequestRefused),
    ("binance", 404, "<html>Not found</html>", RequestRefused),
    ("binance", 200, "<html>captive portal</html>", BadResponse),
    ("binance", 200, '{"balances": [', BadResponse),
    ("bybit", 200, {"retCode": 10003, "retMsg": "API key is invalid."}, KeyRefused),
    ("bybit", 200, {"retCode": 33004, "retMsg": "Your api key has expired."}, KeyRefused),
    ("bybit", 200, {"retCode": 10005, "retMsg": "Permission denied."}, PermissionMissing),
    ("bybit", 200, {"retCode": 10010, "retMsg": "Unmatched IP."}, KeyRefused),
    (
        "bybit",
        200,
        {"retCode": 10002, "retMsg": "invalid request, please check your server timestamp"},
        ClockSkew,
    ),
    ("bybit", 200, {"retCode": 10006, "retMsg": "Too many visits!"}, RateLimited),
    ("bybit", 200, {"retCode": 10017, "retMsg": "Route not found."}, NotOffered),
    (
        "bybit",
        200,
        {"retCode": 10028, "retMsg": "The API can only be accessed by unified account users."},
        NotOffered,
    ),
    (
        "bybit",
        200,
        {"retCode": 100028, "retMsg": "The API cannot be accessed by unified account users."},
        NotOffered,
    ),
    ("bybit", 200, {"retCode": 10016, "retMsg": "Server error."}, ExchangeUnavailable),
    ("kraken", 200, {"error": ["EAPI:Invalid key"]}, KeyRefused),
    ("kraken", 200, {"error": ["EAPI:Invalid signature"]}, KeyRefused),
    ("kraken", 200, {"error": ["EAPI:Invalid nonce"]}, ClockSkew),
    ("kraken", 200, {"error": ["EGeneral:Permission denied"]}, PermissionMissing),
    ("kraken", 200, {"error": ["EAPI:Rate limit exceeded"]}, RateLimited),
    ("kraken", 200, {"error": ["EGeneral:Temporary lockout"]}, Banned),
    ("kraken", 200, {"error": ["EService:Unavailable"]}, ExchangeUnavailable),
    ("kraken", 520, "<html>cloudflare</html>", ExchangeUnavailable),
    ("okx", 401, {"code": "50111", "msg": "Invalid OK-ACCESS-KEY", "data": []}, KeyRefused),
    (
        "okx",
        401,
        {"code": "50105", "msg": "OK-ACCESS-PASSPHRASE incorrect", "data": []},
        KeyRefused,
    ),
    ("okx", 401, {"code": "50110", "msg": "IP not in whitelist", "data": []}, KeyRefused),
    (
        "okx",
        401,
        {"code": "50120", "msg": "This API key doesn't have permission", "data": []},
        PermissionMissing,
    ),
    ("okx", 401, {"code": "50102", "msg": "Timestamp request expired", "data": []}, ClockSkew),
    ("okx", 429, {"code": "50011", "msg": "Too Many Requests", "data": []}, RateLimited),
    (
        "okx",
        503,
        {"code": "50001", "msg": "Service temporarily unavailable", "data": []},
        ExchangeUnavailable,
    ),
    ("kucoin", 401, {"code": "400003", "msg": "KC-API-KEY not exists"}, KeyRefused),
    (
        "kucoin",
        403,
        {"code": "400007", "msg": "Access denied, require more permission."},
        PermissionMissing,
    ),
    (
        "kucoin",
        401,
        {"code": "400006", "msg": "The requested ip address is not in the api whitelist"},
        KeyRefused,
    ),
    ("kucoin", 403, {"code": "403", "msg": "Forbidden"}, RequestRefused),
    ("kucoin", 200, {"code": "403", "msg": "Forbidden"}, RequestRefused),
    ("kucoin", 401, {"code": "400002", "msg": "KC-API-TIMESTAMP Invalid"}, ClockSkew),
    ("kucoin", 429, {"code": "429000", "msg": "Too many requests"}, RateLimited),
    ("kucoin", 500, {"code": "999999", "msg": "no such code"}, ExchangeUnavailable),
    (
        "bybit",
        200,
        {
            "retCode": 10024,
            "retMsg": "The product is not available to you due to regulatory restrictions.",
        },
        NotOffered,
    ),
    ("okx", 401, {"code": "50119", "msg": "API key doesn't exist", "data": []}, KeyRefused),
    ("coinbase", 401, "Unauthorized\n", KeyRefused),
    (
        "coinbase",
        403,
        {"error": "PERMISSION_DENIED", "error_details": "Missing required scopes"},
        PermissionMissing,
    ),
    (
        "coinbase",
        403,
        {"errors": [{"id": "invalid_scope", "message": "Invalid scope"}]},
        PermissionMissing,
    ),
    ("bitget", 400, {"code": "40014", "msg": "Incorrect permissions"}, PermissionMissing),
    ("bitget", 400, {"code": "40018", "msg": "Invalid IP Request"}, KeyRefused),
    ("bitget", 403, {"code": "403", "msg": "Access prohibited"}, RequestRefused),
    (
        "gate",
        403,
        {"label": "FORBIDDEN", "message": "API key does not have the spot permission"},
        PermissionMissing,
    ),
    ("gate", 403, {"label": "IP_FORBIDDEN", "message": "IP not in whitelist"}, KeyRefused),
    (
        "htx",
        200,
        {
            "status": "error",
            "err-code": "api-signature-not-valid",
            "err-msg": "Signature not valid: Incorrect Access key",
        },
        KeyRefused,
    ),
    (
        "htx",
        200,
        {
            "status": "error",
            "err-code": "api-signature-not-valid",
            "err-msg": "Signature not valid: API key has no permission",
        },
        PermissionMissing,
    ),
    ("mexc", 400, {"code": 700006, "msg": "IP non white list"}, KeyRefused),
    (
        "mexc",
        400,
        {"code": 700007, "msg": "No permission to access the endpoint."},
        PermissionMissing,
    ),
    ("bitfinex", 500, ["error", 10100, "apikey: invalid"], KeyRefused),
    ("bitfinex", 500, ["error", 10001, "api_key: permission invalid (#10001)"], PermissionMissing),
    (
        "bitstamp",
        403,
        {"status": "error", "reason": "No permission found", "code": "API0003"},
        PermissionMissing,
    ),
    (
        "bitstamp",
        403,
        {"status": "error", "reason": "IP address not allowed", "code": "API0002"},
        KeyRefused,
    ),
    (
        "gemini",
        403,
        {
            "result": "error",
            "reason": "MissingRole",
            "message": (
                "To access this endpoint, you need to log in to the website and go to the settings"
                " page to assign one of these roles [Auditor] to API key abc which currently has"
                " roles [Trader]"
            ),
        },
        PermissionMissing,
    ),
    (
        "gemini",
        400,
        {"result": "error", "reason": "InvalidSignature", "message": "InvalidSignature"},
        KeyRefused,
    ),
    (
        "cryptocom",
        401,
        {"id": 1, "method": "private/user-balance", "code": 10002, "message": "UNAUTHORIZED"},
        KeyRefused,
    ),
    (
        "cryptocom",
        401,
        {"id": 1, "method": "private/user-balance", "code": 10003, "message": "IP_ILLEGAL"},
        KeyRefused,
    ),
    (
        "bitvavo",
        403,
        {"errorCode": 307, "error": "This key does not allow access from this IP."},
        KeyRefused,
    ),
    (
        "bitvavo",
        403,
        {"errorCode": 311, "error": "This key does not allow showing account information."},
        PermissionMissing,
    ),
    (
        "bingx",
        200,
        {
            "code": 100004,
            "msg": "Permission denied as the API key was created without the permission",
        },
        PermissionMissing,
    ),
    (
        "bingx",
        200,
        {"code": 100419, "msg": "your current request IP does not match IP whitelist"},
        KeyRefused,
    ),
)

#: How a 401 or 403 looks that says nothing of a permission: of a wall before the exchange, or in
#: JSON without a documented code.
BARE: tuple[tuple[int, Any], ...] = (
    (401, ""),
    (401, "Unauthorized"),
    (401, {"code": 401, "message": "Unauthorized"}),
    (403, ""),
    (403, "<html><title>403 Forbidden</title></html>"),
    (403, {"code": 403, "message": "Forbidden"}),
    (403, {"code": "403", "msg": "Access Denied"}),
)
#: Exchanges without a reviewed policy.
GENERIC = ("alpaca", "bitso", "poloniex", "tokocrypto", "xt")


@pytest.mark.parametrize(("exchange", "status", "body", "expected"), CASES)
def test_what_exchanges_answer(
    exchange: str, status: int, body: Any, expected: type[ExcacheError]
) -> None:
    with (
        adapter_for(exchange, lambda asked: Answer(body, status), retry=ONCE) as (adapter, _stub),
        pytest.raises(ExcacheError) as caught,
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert type(caught.value) is expected, str(caught.value)
    assert caught.value.account == "main"
    text = "".join(traceback.format_exception(caught.value))
    assert not [name for name, secret in SECRETS.items() if secret in text]
    assert "signature=" not in text.lower().replace("signature=***", "")


@pytest.mark.parametrize("exchange", [*sorted(MODULES), *GENERIC])
def test_a_bare_401_or_403_is_no_missing_right_and_nothing_that_is_not_offered(
    exchange: str,
) -> None:
    for status, body in BARE:
        answer = Answer(body, status)
        with (
            adapter_for(exchange, lambda asked, answer=answer: answer, retry=ONCE) as (adapter, _),
            pytest.raises(ExcacheError) as caught,
        ):
            adapter.balances(adapter.policy.wallets[0])
        assert not isinstance(caught.value, PermissionMissing | NotOffered), (
            status,
            body,
            str(caught.value),
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xt {'mc': 'AUTH_105', 'msg': 'no permission for this endpoint'}", PermissionMissing),
        ("xt Forbidden", RequestRefused),
        ("xt this IP has no permission", RequestRefused),
        ("xt permission denied: signature invalid", RequestRefused),
    ],
)
def test_an_exchange_that_nobody_reviewed_must_speak_of_a_permission(
    text: str, expected: type[ExcacheError]
) -> None:
    assert (
        type(
            translate(
                ccxt.PermissionDenied(text), account="main", policy=policy_for("xt"), status=403
            )
        )
        is expected
    )


def test_an_invalid_symbol_is_said_so() -> None:
    answer = Answer({"code": -1121, "msg": "Invalid symbol."}, 400)
    with (
        adapter_for("binance", lambda asked: answer, retry=ONCE) as (adapter, _),
        pytest.raises(SymbolUnknown, match="Invalid symbol"),
    ):
        adapter.page(stream(adapter, DataType.FILLS, "spot"), "LUNA/USDT", None, {})


def test_the_exchanges_own_code_and_the_cure_are_in_the_message() -> None:
    body = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
    with (
        adapter_for("binance", lambda asked: Answer(body, 401), account="savings") as (adapter, _),
        pytest.raises(KeyRefused) as caught,
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert (
        "Invalid API-key" in str(caught.value)
        and "-2015" in str(caught.value)
        and str(caught.value).startswith("savings: ")
    )
    assert caught.value.hint is not None and caught.value.hint.startswith(
        "excache account check savings"
    )


def test_a_foreign_ip_address_is_named_with_its_cure() -> None:
    body = {
        "retCode": 10010,
        "retMsg": "Unmatched IP, please check your API key's bound IP addresses.",
    }
    with (
        adapter_for("bybit", lambda asked: Answer(body, 200)) as (adapter, _),
        pytest.raises(KeyRefused) as caught,
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert (
        caught.value.hint
        == "allow this machine's IP address for the key; then: excache account check main"
    )


def test_a_code_for_a_wrong_key_and_a_missing_right_is_clear_once_the_key_has_worked() -> None:
    refused = Answer({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, 401)
    with adapter_for(
        "binance", lambda asked: refused if "/fapi/" in asked.path else {"balances": []}, retry=ONCE
    ) as (adapter, _):
        spot, linear = (
            wallet for wallet in adapter.policy.wallets if wallet.name in {"spot", "linear"}
        )
        with pytest.raises(KeyRefused):
            adapter.balances(linear)
        adapter.balances(spot)
        with pytest.raises(PermissionMissing):
            adapter.balances(linear)


REFUSED = Answer({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, 401)


@pytest.mark.parametrize("times", [1, 2, 1000])
def test_a_code_for_a_wrong_key_and_a_missing_right_is_a_refused_key_where_it_comes_once_or_for_everything(  # noqa: E501
    times: int,
) -> None:
    left = {"passing": 1, "refused": times}

    def script(asked: Any) -> Any:
        name = "passing" if left["passing"] else "refused"
        left[name] -= 1
        return REFUSED if name == "refused" and left["refused"] >= 0 else {"balances": []}

    with adapter_for("binance", script, retry=ONCE) as (adapter, _):
        spot, linear = (
            wallet for wallet in adapter.policy.wallets if wallet.name in {"spot", "linear"}
        )
        adapter.balances(spot)
        with pytest.raises(KeyRefused, match="refused the key that it accepted a moment ago"):
            adapter.balances(linear)


def test_a_right_that_the_key_just_had_is_not_missing() -> None:
    answers = [
        {"retCode": 0, "result": {"list": []}},
        {"retCode": 10005, "retMsg": "Permission denied."},
    ]
    with adapter_for("bybit", lambda asked: Answer(answers[0], 200), retry=ONCE) as (adapter, _):
        wallet = next(wallet for wallet in adapter.policy.wallets if wallet.name == "unified")
        adapter.balances(wallet)
        answers.pop(0)
        with pytest.raises(KeyRefused, match="refused the key that it accepted a moment ago"):
            adapter.balances(wallet)


def test_a_refused_connection_names_the_reason_and_no_url() -> None:
    with pytest.raises(ExchangeUnavailable) as caught:
        open_stubbed("binance", "http://127.0.0.1:9", retry=ONCE).balances(
            policy_for("binance").wallets[0]
        )
    assert "connection refused" in str(caught.value) and "http" not in str(caught.value)


@pytest.mark.parametrize("exchange", ["kraken", "coinbase"])
def test_a_malformed_secret_is_a_refused_key_and_is_not_printed(exchange: str) -> None:
    secret = "this is ! no base64 and no PEM"
    if exchange == "coinbase":
        secret = "-----BEGIN EC PRIVATE KEY-----\nnonsense\n-----END EC PRIVATE KEY-----\n"
    credentials = {"api_key": "organizations/a/apiKeys/b", "secret": secret}
    with (
        adapter_for(exchange, lambda asked: {}, credentials=credentials) as (adapter, stub),
        pytest.raises(KeyRefused) as caught,
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert stub.asked == []


def test_a_missing_passphrase_is_a_refused_key_before_any_request() -> None:
    two = {name: SECRETS[name] for name in ("api_key", "secret")}
    with (
        adapter_for("okx", lambda asked: {}, credentials=two) as (adapter, stub),
        pytest.raises(KeyRefused, match="password"),
    ):
        adapter.balances(adapter.policy.wallets[0])
    assert stub.asked == []


def test_the_projects_own_errors_pass_through_and_get_the_account() -> None:
    made = translate(WriteRefused("no"), account="main", policy=policy_for("kraken"))
    assert isinstance(made, WriteRefused) and made.account == "main"


def test_the_key_is_not_logged_at_debug_level(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        caplog.at_level("DEBUG"),
        adapter_for("binance", lambda asked: {"balances": []}, config={"verbose": True}) as (
            adapter,
            _stub,
        ),
    ):
        adapter.balances(adapter.policy.wallets[0])
    out, err = capfd.readouterr()
    assert SECRETS["api_key"] not in caplog.text + out + err


# --- retry-after ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "Sun, 01 Jun 2025 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "soon"}, None),
        ({"X-Bapi-Limit-Reset-Timestamp": "1748779205000"}, 5.0),
        ({"gw-ratelimit-reset": "1500"}, 1.5),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert datetime(2025, 6, 1, 12, tzinfo=UTC) == NOW
    assert retry_after(headers, NOW) == expected
