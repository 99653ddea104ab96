"""Compares the exchange's own averages with the same figures from fills, or explains why it cannot.

An exchange counts by its own rules: in its own unit, over the trades of one wallet, from a start
that it chooses. So the same formula is applied to the account's own fills. The answer is a range:
fees included or excluded (exchanges do not document which), and every past rate anywhere within its
candle. A figure outside the range is a finding. Called after a sync and by ``explain``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext
from itertools import groupby, islice

from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.cost.reported_trades import (
    AssetTrade,
    Figure,
    Start,
    asset_trade,
    present_start,
    worth_in,
)
from exchange_cache.findings import Finding
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.rates import RateLookup, Rates
from exchange_cache.money import EXACT, ZERO, grouped, published
from exchange_cache.records import (
    AverageMethod,
    Balance,
    Fill,
    FillKind,
    ReportedAverage,
    Transfer,
    TransferKind,
)

#: How exchanges round their reports: the same share as for the entry prices of positions.
REPORTED_ROUNDING = Decimal("0.0001")
#: The finding where a figure is outside the range.
DIFFERS = "average_differs"
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

REASONS = {
    "sold_more": "more was sold than stored fills bought, so earlier history is missing",
    "not_all_stored": "the stored spot fills do not add up to the units that the average counts",
    "moved": "units were added or removed without a trade in between",
    "converted": "some were converted in between, which the average may or may not count",
    "margin": "some were traded on margin in between, which the average may or may not count",
    "sold_out": "all were sold in between, after which the average may or may not restart",
    "counts_later": "the holding is older than the trades that the average counts",
    "begins_later": "the average counts trades that are older than the stored history",
    "fee_missing": "the fee of a fill is not known",
    "no_rate": "no past price is known for a fill in the unit of the average",
}
#: What an average is called, whatever its exchange calls it.
_TERMS = {
    AverageMethod.MOVING: "average of the buys",
    AverageMethod.CUMULATIVE: "average of the buys less the sales",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageCheck:
    """One reported figure, and the range of the same figure from fills, in its unit.

    ``reason``: a key of REASONS if the two cannot be compared.
    """

    account: str
    wallet: str
    asset: str
    reported: ReportedAverage
    low: Decimal | None = None
    high: Decimal | None = None
    reason: str | None = None

    @property
    def verdict(self) -> str:
        """agrees, differs or not_comparable"""
        if self.low is None or self.high is None:
            return "not_comparable"
        slack = abs(self.reported.price) * REPORTED_ROUNDING
        return (
            "agrees" if self.low - slack <= self.reported.price <= self.high + slack else "differs"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHistory:
    """The input of the figures. ``fills``: the spot fills that move the asset of a balance, the
    oldest first, from a moment on. ``since``: per account, the start of its stored spot fills;
    None: complete."""

    fills: Callable[[Balance, datetime], Iterable[Fill]]
    transfers: Sequence[Transfer]
    since: Mapping[str, datetime | None]


def check_averages(
    balances: Iterable[Balance], history: StoredHistory, *, reporting_asset: str, rates: RateLookup
) -> tuple[AverageCheck, ...]:
    """Check every average that an exchange reports. Fills are read several times, one by one."""
    known = Rates(rates, reporting_asset)
    with localcontext(EXACT):
        return tuple(
            _check(balance, reported, history, known)
            for balance in balances
            for reported in balance.told_averages
        )


def _in_order(trade: AssetTrade) -> tuple[object, ...]:
    """Oldest first; what was bought in the same millisecond precedes what was sold, where the
    exchange states no order."""
    sold_later = trade.fill.sequence is None and not trade.adds
    return (trade.fill.time, sold_later, *fill_order(trade.fill))


def _check(
    balance: Balance, reported: ReportedAverage, history: StoredHistory, rates: Rates
) -> AverageCheck:
    blank = AverageCheck(
        account=balance.account, wallet=balance.wallet, asset=balance.asset, reported=reported
    )
    start = present_start(_trades(history, balance, _ALWAYS))
    if start is None:
        return replace(blank, reason="sold_more")
    since = start.since
    if since is None or not _adds_up(reported, balance, _present(history, balance, start)):
        return replace(blank, reason="not_all_stored")
    reason = _other_ways(balance, since, history) or _misses_older(
        reported, start.older, history.since.get(balance.account)
    )
    if reported.counts_from is not None and since < reported.counts_from:
        reason = "counts_later"
    if reason is not None:
        return replace(blank, reason=reason)
    ways = _figures(reported, balance, _present(history, balance, start), rates)
    if ways is None:
        return replace(blank, reason="no_rate")
    return replace(blank, low=published(min(ways)), high=published(max(ways)))


def _figures(
    reported: ReportedAverage, balance: Balance, trades: Iterable[AssetTrade], rates: Rates
) -> list[Decimal] | None:
    """The figure in each way in which it may be meant; None without a rate. All rates are looked
    up, so that all of them are fetched."""
    made = [
        Figure(reported.method, fees=fees, edge=edge) for fees in (False, True) for edge in (-1, 1)
    ]
    known = True
    for trade in trades:
        worth = worth_in(reported.unit, trade, balance.asset, rates)
        if worth is None:
            known = False
            continue
        for one in made:
            one.add(trade, worth)
    return [one for one in (each.value() for each in made) if one is not None] if known else None


def _fills(history: StoredHistory, balance: Balance, since: datetime) -> Iterator[Fill]:
    return (fill for fill in history.fills(balance, since) if _touches(fill, balance))


def _trades(history: StoredHistory, balance: Balance, since: datetime) -> Iterator[AssetTrade]:
    """The trades that count, in their order."""
    for _, moment in groupby(_fills(history, balance, since), key=lambda fill: fill.time):
        trades = [asset_trade(fill, balance.asset) for fill in moment if _is_counted(fill)]
        yield from sorted(trades, key=_in_order)


def _present(history: StoredHistory, balance: Balance, start: Start) -> Iterator[AssetTrade]:
    """The trades of the present holding."""
    trades = _trades(history, balance, start.since or _ALWAYS)
    return islice(trades, start.skipped, None)


def _touches(fill: Fill, balance: Balance) -> bool:
    """Whether a fill may have changed the wallet before the reported figure was taken."""
    return not fill.is_derivative and fill.time <= balance.fetched_at


def _is_counted(fill: Fill) -> bool:
    return fill.category == "spot" and fill.kind is FillKind.TRADE


def _adds_up(reported: ReportedAverage, balance: Balance, trades: Iterable[AssetTrade]) -> bool:
    """Whether the figure applies to the fills' units, before or after fees."""
    counted = balance.total if reported.quantity is None else reported.quantity
    net = gross = ZERO
    for trade in trades:
        net += trade.net if trade.adds else -trade.net
        gross += trade.gross if trade.adds else -trade.gross
    slack = abs(counted) * ROUNDING
    return net > 0 and gross > 0 and min(net, gross) - slack <= counted <= max(net, gross) + slack


def _other_ways(balance: Balance, since: datetime, history: StoredHistory) -> str | None:
    """How else units may have been added or removed since the present holding began."""
    for fill in _fills(history, balance, since):
        if fill.category == "margin":
            return "margin"
        if fill.kind is not FillKind.TRADE:
            return "converted"
        if not fill.fees_known:
            return "fee_missing"
    return (
        "moved"
        if any(
            since <= move.time <= balance.fetched_at and _moves(move, balance)
            for move in history.transfers
        )
        else None
    )


_BETWEEN = {TransferKind.INTERNAL, TransferKind.LOAN, TransferKind.REPAYMENT}


def _moves(move: Transfer, balance: Balance) -> bool:
    """Whether the move may have changed this wallet: not if it names two others."""
    if (move.account, move.asset, move.status) != (balance.account, balance.asset, "ok"):
        return False
    ends = (move.from_wallet, move.to_wallet)
    return move.kind not in _BETWEEN or balance.wallet in ends or None in ends


def _misses_older(reported: ReportedAverage, older: bool, since: datetime | None) -> str | None:
    """Whether trades are missing that a cumulative figure needs: it includes all earlier ones."""
    if reported.method is not AverageMethod.CUMULATIVE:
        return None
    if older:
        return "sold_out"
    return (
        "begins_later"
        if since is not None and (reported.counts_from is None or since > reported.counts_from)
        else None
    )


def average_findings(checks: Iterable[AverageCheck]) -> tuple[Finding, ...]:
    """One finding per account, wallet and asset whose reported average differs from the fills."""
    differing: dict[tuple[str, str, str], list[AverageCheck]] = {}
    for check in checks:
        if check.verdict == "differs":
            differing.setdefault((check.account, check.wallet, check.asset), []).append(check)
    return tuple(
        Finding(
            code=DIFFERS,
            account=account,
            asset=asset,
            message=(
                f"{asset} in {wallet}: {'; '.join(map(check_words, found))}; fills are missing, or"
                " the average was edited at the exchange"
            ),
            hint=f"excache sync --account {account} --only fills --full",
        )
        for (account, wallet, asset), found in differing.items()
    )


def check_words(check: AverageCheck) -> str:
    """``average of the buys 50,000 USD, by fills 49,950 to 50,050 USD``, or why there is no such
    range."""
    reported = reported_words(check)
    if check.low is None or check.high is None:
        return f"{reported}, not comparable: {REASONS.get(check.reason or '', check.reason)}"
    low, high = _short(check.low), _short(check.high)
    return (
        f"{reported}, by fills {low if low == high else f'{low} to {high}'} {check.reported.unit}"
    )


def reported_words(check: AverageCheck) -> str:
    """``average of the buys 50,000 USD``"""
    price = _short(check.reported.price)
    return f"{_TERMS[check.reported.method]} {price} {check.reported.unit}"


def _short(number: Decimal) -> str:
    return grouped(Context(prec=8).plus(number))
