"""What a key may do: one small read of everything, and the exchange's own word about the key's
rights where it gives one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from exchange_cache.adapter.faults import exchange_family
from exchange_cache.adapter.paging import dig_or_none
from exchange_cache.adapter.policy import IdPaging, StreamPolicy
from exchange_cache.adapter.port import AccountCheck, ExchangePort
from exchange_cache.adapter.session import Session
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExcacheError, ExchangeFault, KeyRefused, RateLimited
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the exchange says about the key; None where it does not."""

    can_trade: bool | None = None
    can_withdraw: bool | None = None
    ip_restricted: bool | None = None
    user_id: str | None = None  # of the (sub-)account that the key belongs to
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuestion:
    """The implicit endpoint that describes the key, and how its answer reads."""

    method: str
    read: Callable[[Any], KeyRights]
    names_user: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)


def check_account(adapter: ExchangePort, session: Session) -> AccountCheck:
    """Read a little of everything and ask about the key; faults are findings here, but a refused
    key ends the questions.

    Raises RateLimited and Banned: whoever asks on would make it worse.
    """
    offset = _clock_offset(session)
    readable: dict[str, str] = {}
    for name, read in _reads(adapter, session.clock):
        try:
            read()
            readable[name] = "ok"
        except RateLimited:
            raise
        except ExchangeFault as error:
            readable[name] = error.message
            if isinstance(error, KeyRefused):
                break
    rights = _rights(session)
    return AccountCheck(
        readable=readable,
        can_trade=rights.can_trade,
        can_withdraw=rights.can_withdraw,
        ip_restricted=rights.ip_restricted,
        clock_offset_ms=offset,
        user_id=rights.user_id,
        notes=(*rights.notes, *_warnings(rights)),
    )


def _warnings(rights: KeyRights) -> Iterator[str]:
    if rights.can_withdraw:
        yield "this key may withdraw: make one that can only read"
    if rights.can_trade:
        yield "this key may trade: excache never does, but a key that can only read is safer"


def _clock_offset(session: Session) -> int | None:
    """Milliseconds that this machine is ahead of the exchange (half the round trip taken off); None
    where it tells no time."""
    if not session.client.has.get("fetchTime"):
        return None
    try:
        before = to_ms(session.clock.now())
        theirs = session.call("the time", session.client.fetch_time)
        after = to_ms(session.clock.now())
    except RateLimited:
        raise
    except ExcacheError:
        return None
    return None if theirs is None else (before + after) // 2 - int(theirs)


def _reads(adapter: ExchangePort, clock: Clock) -> Iterator[tuple[str, Callable[[], Any]]]:
    policy = adapter.policy
    for wallet in policy.wallets:
        yield f"balances {wallet.name}", partial(adapter.balances, wallet)
    for call in policy.positions:
        yield f"positions {call.category}", partial(adapter.positions, call)
    for call in policy.open_orders:
        if not call.needs_symbol:
            yield f"open orders {call.category}", partial(adapter.open_orders, call)
    now = to_ms(clock.now())
    window = Span(now - int(timedelta(hours=1).total_seconds() * 1000), now)
    asked: set[tuple[DataType, str]] = set()
    for stream in policy.streams:
        if (stream.data_type, stream.method) in asked:
            continue  # one endpoint, one right: its other scopes need no question of their own
        asked.add((stream.data_type, stream.method))
        symbol = _any_symbol(adapter, stream) if stream.needs_symbol else None
        if stream.needs_symbol and symbol is None:
            continue
        whole = isinstance(stream.paging, IdPaging) and stream.paging.whole_history
        yield (
            f"{stream.data_type.value} {stream.scope}",
            partial(adapter.page, stream, symbol, None if whole else window, {}),
        )
    for call in policy.tickers:
        yield f"{DataType.PRICES.value} {call.category}", partial(adapter.prices, call)


def _any_symbol(adapter: ExchangePort, stream: StreamPolicy) -> str | None:
    category = "spot" if stream.category == "margin" else stream.category
    listed = [
        info for info in adapter.markets().values() if info.category == category and info.active
    ]
    usual = [
        info
        for info in listed
        if info.base == "BTC" and info.quote in {"USDT", "USDC", "USD", "EUR"}
    ]
    return next((info.symbol for info in [*usual, *listed]), None)


# --- what exchanges say about a key ---------------------------------------------------------------


def user_id(session: Session) -> str | None:
    """Whose the key is, in one request; None (and none sent) where the exchange does not state
    it."""
    question = _question(session)
    return None if question is None or not question.names_user else _ask(session, question).user_id


def _rights(session: Session) -> KeyRights:
    question = _question(session)
    if question is None:
        return KeyRights(
            notes=("this exchange does not tell what a key may do; see its own key settings",)
        )
    try:
        return _ask(session, question)
    except RateLimited:
        raise
    except ExchangeFault as error:
        return KeyRights(notes=(f"the exchange did not tell what the key may do: {error.message}",))


def _question(session: Session) -> KeyQuestion | None:
    question = QUESTIONS.get(exchange_family(session.policy.exchange))
    return question if question is not None and hasattr(session.client, question.method) else None


def _ask(session: Session, question: KeyQuestion) -> KeyRights:
    answer = session.call(
        "the key's rights", lambda: getattr(session.client, question.method)(dict(question.params))
    )
    return session.once("the key's rights", lambda: question.read(answer))


def _text(node: Any, path: str) -> str | None:
    """A number or a word as text; None where there is none (bybit and okx write "" or 0 for
    nobody)."""
    found = dig_or_none(node, path)
    return None if found is None or str(found) in {"", "0"} else str(found)


def _flag(node: Any, path: str) -> bool | None:
    found = dig_or_none(node, path)
    return None if found is None else str(found).lower() in {"true", "1"}


def _any_true(node: Any, *paths: str) -> bool | None:
    flags = [flag for path in paths if (flag := _flag(node, path)) is not None]
    return any(flags) if flags else None


def _binance(answer: Any) -> KeyRights:
    trades = (
        "enableSpotAndMarginTrading",
        "enableFutures",
        "enableVanillaOptions",
        "enableMargin",
        "enablePortfolioMarginTrading",
    )
    return KeyRights(
        can_trade=_any_true(answer, *trades),
        can_withdraw=_any_true(answer, "enableWithdrawals"),
        ip_restricted=_flag(answer, "ipRestrict"),
    )


def _bybit(answer: Any) -> KeyRights:
    permissions = dig_or_none(answer, "result.permissions") or {}
    read_only = str(dig_or_none(answer, "result.readOnly")) == "1"
    trades = any(
        permissions.get(name)
        for name in ("ContractTrade", "Spot", "Options", "Derivatives", "BlockTrade", "CopyTrading")
    )
    addresses = dig_or_none(answer, "result.ips")
    return KeyRights(
        can_trade=trades and not read_only,
        can_withdraw="Withdraw" in (permissions.get("Wallet") or []) and not read_only,
        ip_restricted=None if addresses is None else bool(addresses) and "*" not in addresses,
        user_id=_text(
            answer, "result.userID"
        ),  # https://bybit-exchange.github.io/docs/v5/user/apikey-info
    )


def _kraken(answer: Any) -> KeyRights:
    permissions = dig_or_none(answer, "result.permissions")
    if not isinstance(permissions, list):
        return KeyRights(notes=("kraken did not list the key's permissions",))
    names = [str(item).lower().replace("_", "-") for item in permissions]
    addresses = dig_or_none(answer, "result.ip_allowlist")
    return KeyRights(
        can_trade=any(
            "trades" in name and name.startswith(("modify", "create", "cancel", "close"))
            for name in names
        ),
        can_withdraw=any(name.startswith("withdraw") for name in names),
        ip_restricted=None if addresses is None else bool(addresses),
    )


def _okx(answer: Any) -> KeyRights:
    permissions = str(dig_or_none(answer, "data.0.perm") or "")
    addresses = dig_or_none(answer, "data.0.ip")
    return KeyRights(
        can_trade="trade" in permissions.split(",") if permissions else None,
        can_withdraw="withdraw" in permissions.split(",") if permissions else None,
        ip_restricted=None if addresses is None else bool(addresses),
        user_id=_text(
            answer, "data.0.uid"
        ),  # https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration
    )


def _coinbase(answer: Any) -> KeyRights:
    return KeyRights(
        can_trade=_flag(answer, "can_trade"),
        can_withdraw=_flag(answer, "can_transfer"),
        # A key reads one portfolio, so two portfolios of one person are two accounts:
        # https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/data-api/get-api-key-permissions
        user_id=_text(answer, "portfolio_uuid"),
    )


def _kucoin(answer: Any) -> KeyRights:
    permissions = str(dig_or_none(answer, "data.permission") or "").lower()
    names = {name.strip() for name in permissions.split(",") if name.strip()}
    return KeyRights(
        can_trade=bool(names & {"spot", "futures", "margin", "trade", "unified"})
        if names
        else None,
        can_withdraw=bool(names & {"withdrawal", "withdraw", "transfer"}) if names else None,
        ip_restricted=bool(dig_or_none(answer, "data.ipWhitelist")),
        user_id=_text(
            answer, "data.uid"
        ),  # https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info
    )


QUESTIONS: Mapping[str, KeyQuestion] = {
    "binance": KeyQuestion(method="sapiGetAccountApiRestrictions", read=_binance),
    "bybit": KeyQuestion(method="privateGetV5UserQueryApi", read=_bybit, names_user=True),
    "kraken": KeyQuestion(method="privatePostGetApiKeyInfo", read=_kraken),
    "okx": KeyQuestion(method="privateGetAccountConfig", read=_okx, names_user=True),
    "coinbase": KeyQuestion(
        method="v3PrivateGetBrokerageKeyPermissions", read=_coinbase, names_user=True
    ),
    "kucoin": KeyQuestion(method="privateGetUserApiKey", read=_kucoin, names_user=True),
}
