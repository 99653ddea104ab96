"""What a key may do: one small read of everything, and the rights that the exchange states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from exchange_cache.adapter.key_rights import KeyQuestion, KeyRights
from exchange_cache.adapter.policy import IdPaging, StreamPolicy
from exchange_cache.adapter.port import AccountCheck, ExchangePort, Page
from exchange_cache.adapter.session import Session
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExcacheError, ExchangeFault, KeyRefused, RateLimited
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.scope_names import history_name
from exchange_cache.unidentified import UnidentifiedRow


def check_account(adapter: ExchangePort, session: Session) -> AccountCheck:
    """Read a little of everything and ask about the key. Faults are results here; a refused key
    ends the reads.

    Raises RateLimited and Banned, because further requests would make them worse.
    """
    stated = _clock_offset(session)
    readable: dict[str, str] = {}
    hints: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for name, read in _reads(adapter, session.clock):
        try:
            found = read()
            readable[name] = "ok"
            unknown |= dict.fromkeys(_unidentified(found))
        except RateLimited:
            raise
        except ExchangeFault as error:
            readable[name] = error.message
            if error.hint:
                hints[name] = error.hint
            if isinstance(error, KeyRefused):
                break
    rights = _rights(session)
    by_date = session.client.offset
    offset = stated if stated is not None or by_date is None else by_date.nearest_ms
    return AccountCheck(
        readable=readable,
        can_trade=rights.can_trade,
        can_withdraw=rights.can_withdraw,
        ip_restricted=rights.ip_restricted,
        clock_offset_ms=offset,
        user_id=rights.user_id,
        unidentified=tuple(unknown),
        hints=hints,
        notes=(*rights.notes, *_warnings(rights)),
    )


def _unidentified(found: Any) -> Iterator[str]:
    """The ids of markets that are not known, among the rows of a page or a list."""
    rows = found.records if isinstance(found, Page) else found
    for row in rows if isinstance(rows, tuple) else ():
        if isinstance(row, UnidentifiedRow):
            yield row.market_id


def _warnings(rights: KeyRights) -> Iterator[str]:
    if rights.can_withdraw:
        yield "this key may withdraw: make one that can only read"
    if rights.can_trade:
        yield "this key may trade: excache never does, but a key that can only read is safer"


def _clock_offset(session: Session) -> int | None:
    """Milliseconds that this machine is ahead of the exchange (half the round trip deducted); None
    where it states no time."""
    if not session.client.has.get("fetchTime"):
        return None
    try:
        before = session.client.machine_ms()
        theirs = session.call("the time", session.client.fetch_time).value
        after = session.client.machine_ms()
    except RateLimited:
        raise
    except ExcacheError:
        return None
    return None if theirs is None else (before + after) // 2 - int(theirs)


def _reads(adapter: ExchangePort, clock: Clock) -> Iterator[tuple[str, Callable[[], Any]]]:
    policy = adapter.policy
    for wallet in policy.wallets:
        yield f"balances {wallet.name}", partial(adapter.wallet, wallet)
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
            continue  # one endpoint, one right: its other scopes need no request of their own
        asked.add((stream.data_type, stream.method))
        symbol = _any_symbol(adapter, stream) if stream.needs_symbol else None
        if stream.needs_symbol and symbol is None:
            continue
        whole = isinstance(stream.paging, IdPaging) and stream.paging.whole_history
        yield (
            history_name(stream.data_type.value, stream.scope),
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


def key_rights(session: Session) -> KeyRights:
    """What the exchange states of the key, in one request; nothing, without a request, where it
    states nothing."""
    question = _question(session)
    return KeyRights() if question is None else _ask(session, question)


def _rights(session: Session) -> KeyRights:
    question = _question(session)
    if question is None:
        return KeyRights(
            notes=("this exchange does not state what a key may do; see its own key settings",)
        )
    try:
        return _ask(session, question)
    except RateLimited:
        raise
    except ExchangeFault as error:
        return KeyRights(
            notes=(f"the exchange did not state what the key may do: {error.message}",)
        )


def _question(session: Session) -> KeyQuestion | None:
    question = session.policy.key_question
    return question if question is not None and hasattr(session.client, question.method) else None


def _ask(session: Session, question: KeyQuestion) -> KeyRights:
    answer = session.call(
        "the key's rights", lambda: getattr(session.client, question.method)(dict(question.params))
    )
    return session.once("the key's rights", lambda: question.read(answer.value))
