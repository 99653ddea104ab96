"""Readings for the screens, one builder per value; every argument is text where the value is a
Decimal."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from exchange_cache.findings import Finding
from exchange_cache.records import (
    DataType,
    Fee,
    Fill,
    Position,
    Side,
)
from exchange_cache.render.output import write_listing, write_portfolio
from exchange_cache.render.portfolio import PortfolioOptions
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.freshness import Freshness, State
from exchange_cache.value.reading import (
    Holding,
    PortfolioReading,
    PositionReading,
    Totals,
    WalletShare,
)

NOW = datetime(2026, 1, 31, 14, 15, tzinfo=UTC)
READ = datetime(2026, 1, 31, 14, 3, tzinfo=UTC)
PIPED = Terminal(width=None, colour=False, unicode=True, is_tty=False)
ASCII = Terminal(width=100, colour=False, unicode=False, is_tty=True)


def tty(width: int, *, colour: bool = False) -> Terminal:
    return Terminal(width=width, colour=colour, unicode=True, is_tty=True)


def dec(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def wallet(asset: str, total: str, account: str = "main", name: str = "spot") -> WalletShare:
    return WalletShare(
        account=account,
        wallet=name,
        code=asset,
        free=Decimal(total),
        used=Decimal(0),
        total=Decimal(total),
        earn=False,
        fetched_at=READ,
    )


def holding(
    asset: str,
    quantity: str,
    price: str | None = "1",
    *,
    share: str | None = None,
    average: str | None = None,
    explained: str | None = None,
    reasons: tuple[str, ...] = (),
    pnl: str | None = None,
    fraction: str | None = None,
    change: str | None = None,
    state: str = "fresh",
    price_age: timedelta = timedelta(minutes=12),
    wallets: tuple[WalletShare, ...] = (),
) -> Holding:
    held = Decimal(quantity)
    known = held if explained is None and average is not None else Decimal(explained or "0")
    return Holding(
        asset=asset,
        quantity=held,
        price=dec(price),
        price_as_of=None if price is None else NOW - price_age,
        price_route=() if price is None else (f"{asset}/USDT@main",),
        price_state="unpriced" if price is None else state,
        value=None if price is None else held * Decimal(price),
        share=dec(share),
        average_entry_price=dec(average),
        explained_quantity=known,
        unknown_quantity=held - known,
        unknown_reasons=reasons,
        unrealised_pnl=dec(pnl),
        unrealised_fraction=dec(fraction),
        realised_pnl=None,
        change_24h=dec(change),
        wallets=wallets or (wallet(asset, quantity),),
    )


def verdict(
    account: str = "main",
    data_type: DataType = DataType.BALANCES,
    *,
    age: timedelta | None = timedelta(minutes=12),
    error: str | None = None,
    code: str | None = None,
    state: State | None = None,
) -> Freshness:
    if state is None:
        state = (
            State.MISSING
            if age is None
            else State.FRESH
            if age <= timedelta(hours=1)
            else State.STALE
        )
    return Freshness(
        account=account,
        data_type=data_type,
        state=state,
        succeeded_at=None if age is None else NOW - age,
        age=age,
        ttl=timedelta(hours=1),
        error=error,
        error_code=code,
    )


def verdicts(
    account: str,
    *,
    age: timedelta | None = timedelta(minutes=12),
    error: str | None = None,
    code: str | None = None,
):
    return tuple(verdict(account, kind, age=age, error=error, code=code) for kind in DataType)


def position(
    account: str = "main",
    symbol: str = "BTC/USDT:USDT",
    *,
    distance: str | None = "0.217",
    **changes: object,
) -> PositionReading:
    settings: dict = {
        "account": account,
        "wallet": "swap",
        "category": "linear",
        "symbol": symbol,
        "side": "long",
        "contracts": Decimal("0.250"),
        "contract_size": Decimal(1),
        "base_quantity": Decimal("0.250"),
        "entry_price": Decimal("61900"),
        "mark_price": Decimal("64012"),
        "notional": Decimal("16003"),
        "unrealised_pnl": Decimal("528"),
        "settle_asset": "USDT",
        "leverage": Decimal(5),
        "liquidation_price": Decimal("50120"),
        "fetched_at": READ,
        **changes,
    }
    value = settings["unrealised_pnl"] if settings["settle_asset"] == "USDT" else None
    fraction = Decimal("0.0341") if value is not None else None
    return PositionReading(
        position=Position(**settings),
        unrealised_value=value,
        unrealised_fraction=fraction,
        liquidation_distance=dec(distance),
    )


def totals(value: str, **changes: object) -> Totals:
    settings: dict = {
        "value": Decimal(value),
        "priced_value": Decimal(value),
        "stale_value": Decimal(0),
        "unpriced_assets": (),
        "realised_pnl": None,
        "unrealised_pnl": None,
        "change_24h": None,
        "change_24h_value": None,
        **changes,
    }
    return Totals(**settings)


def reading(*holdings: Holding, **changes: object) -> PortfolioReading:
    value = sum((each.value for each in holdings if each.value is not None), Decimal(0))
    settings: dict = {
        "as_of": NOW,
        "reporting_asset": "USDT",
        "totals": totals(str(value)),
        "holdings": holdings,
        "positions": (),
        "freshness": verdicts("main"),
        "warnings": (),
        "accounts": ("main",),
        "oldest": READ,
        **changes,
    }
    return PortfolioReading(**settings)


def finding(code: str, message: str, **changes: str) -> Finding:
    return Finding(code=code, message=message, **changes)


def example() -> PortfolioReading:
    """The portfolio of the sketch: three accounts, one of them stale, one position, dust, an
    unpriced asset, a partial average."""
    holdings = (
        holding(
            "BTC",
            "1.20345678",
            "64010.10",
            share="0.60",
            average="41200.11",
            pnl="27451.02",
            fraction="0.5536",
            change="0.012",
        ),
        holding(
            "ETH",
            "10.5",
            "3020.55",
            share="0.247",
            average="3310.02",
            pnl="-3039.44",
            fraction="-0.0875",
            change="-0.004",
        ),
        holding(
            "SOL",
            "80.1",
            "150.20",
            share="0.094",
            average="118.40",
            explained="71.4",
            reasons=("8.7 came by deposit on 2024-11-02",),
            pnl="2270.52",
            fraction="0.2686",
            change="0.03",
        ),
        holding("USDT", "7401.04", "1", share="0.058"),
        holding(
            "DOGE", "21.5", "0.18", share="0.00003", average="0.12", pnl="1.29", fraction="0.5"
        ),
        holding(
            "SHIB",
            "123456",
            "0.00001234",
            share="0.00001",
            average="0.00001",
            pnl="0.28",
            fraction="0.234",
        ),
        holding("FOOBAR", "12.5", None),
    )
    positions = (
        position(),
        position(
            symbol="ETH/USDT:USDT",
            side="short",
            contracts=Decimal("12"),
            entry_price=Decimal("3100.5"),
            mark_price=Decimal("3020.55"),
            unrealised_pnl=Decimal("959.4"),
            liquidation_price=Decimal("3220.1"),
            distance="0.066",
            leverage=Decimal(20),
        ),
    )
    return reading(
        *holdings,
        positions=positions,
        totals=totals(
            "128185.66",
            unpriced_assets=("FOOBAR",),
            realised_pnl=Decimal("3211.4"),
            unrealised_pnl=Decimal("26683.67"),
            change_24h=Decimal("0.0095"),
            change_24h_value=Decimal("1204.11"),
        ),
        accounts=("main", "bybit", "kraken"),
        freshness=(
            *verdicts("main"),
            *verdicts("bybit"),
            verdict(
                "kraken",
                age=timedelta(hours=3, minutes=12),
                error="timed out twice",
                code="unavailable",
            ),
            verdict("kraken", DataType.POSITIONS, age=None, state=State.NOT_OFFERED),
        ),
        warnings=(
            finding("unpriced", "delisted on kraken 2025-03-01", asset="FOOBAR"),
            finding(
                "coverage_gap",
                "its fills of 2025-06-03 to 06-05 are not fetched yet, so averages may change",
                account="kraken",
                hint="excache sync --account kraken",
            ),
        ),
    )


def fill(**changes: object) -> Fill:
    settings: dict = {
        "account": "main",
        "category": "spot",
        "symbol": "BTC/USDT",
        "fill_id": "1",
        "order_id": "10",
        "time": datetime(2026, 1, 31, 14, 2, 51, tzinfo=UTC),
        "side": Side.BUY,
        "base": "BTC",
        "quote": "USDT",
        "quantity": Decimal("0.02"),
        "price": Decimal("63998.10"),
        "cost": Decimal("1279.962"),
        "fees": (Fee(asset="BNB", amount=Decimal("0.0018")),),
        **changes,
    }
    return Fill(**settings)


def printed(write, *args: object, **options: object) -> str:
    """What a writer writes to its stream."""
    stream = io.StringIO()
    write(*args, stream, **options)
    return stream.getvalue()


def screen(value, terminal=PIPED, form="table", **options) -> str:
    return printed(
        write_portfolio,
        value,
        form=form,
        terminal=terminal,
        now=NOW,
        options=PortfolioOptions(**options),
    )


def listed(listing, form="table", terminal=PIPED) -> str:
    return printed(write_listing, listing, form=form, terminal=terminal, now=NOW)


@dataclass(frozen=True)
class Event:
    account: str = "main"
    data_type: str | None = "fills"
    scope: str = "BTC/USDT"
    state: str = "asking"
    rows: int = 0
    requests: int = 0
    done: int = 0
    planned: int = 0
    message: str | None = None
    new_rows: int = 0
    before: datetime | None = None


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def points(*values: str):
    return [
        (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=index), Decimal(value))
        for index, value in enumerate(values)
    ]
