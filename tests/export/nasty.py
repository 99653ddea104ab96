"""A home with everything that is hard to export."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from exchange_cache.cache.stored import StoredRate
from exchange_cache.clock import SetClock
from exchange_cache.records import FillKind
from exchange_cache.sync.dust import DUST
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome

DAY = timedelta(days=1)
BEGIN = NOW.replace(hour=0) - 28 * DAY
HOSTILE = 'A"B;[2020-01-01] @C\\'
#: Names that no program accepts as they are.
NAMES = ("1000SATS", "币安人生", "stETH", "T", HOSTILE)

_RENAME = f"""
[[asset_events]]
kind = "rename"
from = "OLD"
to = "NEW"
at = {BEGIN + 9 * DAY:%Y-%m-%dT12:00:00Z}
factor = 2.5
"""
_RATES = {"BNB": "600", "BTC": "50000", "ETH": "2500", "EUR": "1.0823", "stETH": "2490"}


def day(number: int, hours: float = 6) -> datetime:
    return BEGIN + number * DAY + timedelta(hours=hours)


def nasty_home(folder: Path, *more: object, method: str = "average") -> StoredHome:
    home = StoredHome(folder=folder / "home", clock=SetClock(NOW))
    home.configure(_RENAME, before=f'cost_method = "{method}"')
    rates = [
        StoredRate(
            asset=asset,
            quote="USDT",
            at=day(number, hour),
            resolution_s=3600,
            value=Decimal(value),
            route=(),
        )
        for asset, value in _RATES.items()
        for number in range(28)
        for hour in range(24)
    ]
    with closing(home.repository()) as repository:
        repository.derived.save_rates(rates, NOW)
        repository.progress.remember("", {DUST: {"kraken": {"NEAR": "0.1"}}}, NOW)
    home.store(*_transfers(), *_fills(), *_aside(), *_contracts(), *_ends(), *more)
    return home


def _fills() -> list[object]:
    return [
        fill("1", "3", "100.01", time=day(1), fees=("0.003 BTC",)),  # in the base
        fill("2", "3", "33.337", time=day(1, 7), fees=("0.1 USDT",)),
        fill("3", "1", "110", time=day(2), side="sell", fees=("0.1 USDT",)),  # in the quote
        fill("4", "2", "610", symbol="BNB/USDT", time=day(2, 7)),
        fill("5", "0.7", "120", time=day(3), fees=("0.01 BNB",)),  # in a third asset
        fill("6", "0.3", "121", time=day(3, 7), side="sell", fees=("0.01 BNB",)),
        fill("7", "0.3", "121", time=day(3, 8), side="sell", fees=("-0.02 USDT",)),  # rebates
        fill("8", "0.2", "120", time=day(3, 9), fees=("-0.003 BNB", "0.0001 BTC")),
        fill("9", "0.5", "0.05", symbol="ETH/BTC", time=day(4), fees=("0.001 BNB",)),
        fill("10", "700", "0.0092723", symbol="1000SATS/USDT", time=day(4, 7)),
        fill("11", "250", "0.0093", symbol="1000SATS/USDT", time=day(5), side="sell"),
        fill("12", "1.23456789", "2400.11", symbol="stETH/USDT", time=day(5, 7)),
        fill("13", "7", "3", symbol="T/USDT", time=day(5, 8)),
        fill("14", "5", "2", symbol=f"{HOSTILE}/USDT", time=day(5, 9)),
        fill("15", "9", "3", symbol="OLD/USDT", time=day(6)),
        fill("16", "2", "1.5", symbol="NEW/USDT", time=day(10), side="sell"),
        # of unknown cost: a deposit, then a sale of a part; more sold than ever held
        fill("17", "1", "2600", symbol="ETH/USDT", time=day(8), side="sell"),
        fill("18", "5", "20", symbol="SOL/USDT", time=day(8, 7), side="sell"),
        # a short, covered in part by a purchase, and more of it
        fill("19", "10", "8.3", symbol="ATOM/USDT", time=day(11), side="sell", category="margin"),
        fill("20", "5", "9.1", symbol="ATOM/USDT", time=day(11, 7), side="sell", category="margin"),
        fill("21", "12", "8", symbol="ATOM/USDT", time=day(12), category="margin"),
        fill("22", "1", "9", symbol="LINK/USDT", time=day(12), side="sell", category="margin"),
        fill("23", "4", "7", symbol="LINK/USDT", time=day(12, 8), category="margin"),
        # no rate for what was paid, or for what was received
        fill("24", "5", "3", symbol="AAA/BBB", time=day(13)),
        fill("25", "2", "3", symbol="AAA/USDT", time=day(14), side="sell"),
        fill("34", "1", "7", symbol="NEW/CCC", time=day(14, 6.5), side="sell"),
        fill("26", "4", "25", symbol="NEAR/USDT", time=day(14, 7)),
        fill("27", "3.95", "26", symbol="NEAR/USDT", time=day(14, 8), side="sell"),  # leaves dust
        fill("28", "1", "27", symbol="NEAR/USDT", time=day(15)),
        fill("29", "1", "5", symbol="NEW/USDT", time=day(15, 7), kind=FillKind.CONVERT),
        # two lots of one day, of which the older one arrives later
        fill("30", "1", "40", symbol="LTC/USDT", time=day(16, 1)),
        fill("31", "1", "90", symbol="LTC/USDT", time=day(16, 2), account="other"),
        fill("32", "1.5", "95", symbol="LTC/USDT", time=day(17), side="sell", account="other"),
        fill("33", "0.4", "99", symbol="BTC/EUR", time=day(18), side="sell"),
    ]


def _transfers() -> list[object]:
    here, there = {"scope": "out", "tx_id": "0xabc"}, {"account": "other", "tx_id": "0xabc"}
    return [
        transfer("t1", "100000", "USDT", time=day(0)),
        transfer("t2", "50000.000000000000000001", "USDT", time=day(0), account="other"),
        transfer("t3", "2", "ETH", time=day(7)),
        transfer("t4", "40", "币安人生", kind="airdrop", scope="airdrops", time=day(7, 7)),
        transfer("t5", "0.01", "ETH", kind="reward", scope="rewards", time=day(7, 8)),
        transfer("t6", "3", "SOL", time=day(9)),  # settles a part of what was sold before
        transfer("t7", "0.9", "BTC", kind="withdrawal", time=day(19), fee=_fee("0.01 BTC"), **here),
        transfer("t8", "0.9", "BTC", time=day(19, 6.5), **there),
        transfer(
            "t9", "0.2", "BTC", kind="withdrawal", scope="out", time=day(20), fee=_fee("0.001 BTC")
        ),
        transfer("l1", "1", "LTC", kind="withdrawal", scope="out", time=day(16, 3), tx_id="l"),
        transfer("l2", "1", "LTC", time=day(16, 3.5), account="other", tx_id="l"),
        transfer("t10", "-0.5", "BNB", kind="adjustment", scope="x", time=day(21)),
        transfer("t11", "0.25", "BNB", kind="unclassified", scope="x", time=day(21, 7)),
        transfer("t12", "-0.7", "USDT", kind="fee", scope="x", time=day(21, 8)),
        transfer("t13", "500", "EUR", time=day(17, 12)),
    ]


def _aside() -> list[object]:
    """To a wallet that is not read and back, with more than went there; and subscriptions."""
    there = {"kind": "internal", "scope": "moves", "from_wallet": "spot", "to_wallet": "bots"}
    back = {"kind": "internal", "scope": "moves", "from_wallet": "bots", "to_wallet": "spot"}
    given = {"kind": "subscription", "scope": "subscriptions"}
    return [
        transfer("m1", "0.5", "BTC", time=day(24), **there),
        transfer("m2", "0.2", "BTC", time=day(24, 8), **back),
        transfer("m3", "0.4", "BTC", time=day(24, 9), **back),
        transfer("m4", "100", "USDT", time=day(24, 10), **there),
        transfer("m5", "130", "USDT", time=day(24, 11), **back),
        transfer("m6", "0.1", "ETH", time=day(24, 12), **there),
        transfer("s1", "-200", "USDT", time=day(25), reference="r1", **given),
        transfer("s2", "40", "APT", time=day(25, 7), reference="r1", **given),
        transfer("s3", "-50", "USDT", time=day(25, 8), reference="r2", **given),
        transfer("s4", "3", "JUP", time=day(25, 9), reference="r3", **given),
    ]


def _contracts() -> list[object]:
    perpetual = {"category": "linear", "settle": "USDT", "symbol": "BTC/USDT:USDT"}
    inverse = {"category": "inverse", "settle": "BTC", "symbol": "BTC/USD:BTC"}
    size = {"contracts": Decimal(1), "contract_size": Decimal("0.1")}
    return [
        fill("p1", "0.1", "50000", time=day(22), fees=("2.5 USDT",), **perpetual, **size),
        fill(
            "p2",
            "0.1",
            "49000",
            time=day(23),
            side="sell",
            fees=("2.45 USDT",),
            **perpetual,
            realised_pnl=Decimal("-100"),
            **size,
        ),
        fill(
            "p3",
            "0.1",
            "49000",
            time=day(23, 7),
            side="sell",
            fees=("0.00002 BTC",),
            **inverse,
            realised_pnl=Decimal("-0.0004"),
            **size,
        ),
        fill("p4", "0.1", "48000", time=day(23, 8), **perpetual, **size),  # neither fee nor result
        transfer("f1", "-1.25", "USDT", kind="funding", scope="funding", time=day(22, 8)),
        transfer("f2", "0.75", "USDT", kind="funding", scope="funding", time=day(22, 16)),
        transfer("f3", "0.00001", "BTC", kind="funding", scope="funding", time=day(23, 16)),
    ]


def _ends() -> list[object]:
    """Balances: of most assets as no event explains them; prices."""
    amounts = {
        "BTC": "3.1",
        "ETH": "1.51",
        "BNB": "1.7",
        "1000SATS": "450",
        "币安人生": "40",
        "stETH": "1.3",
        "T": "7",
        HOSTILE: "5",
        "NEW": "21.5",
        "SOL": "3",
        "ATOM": "-3",
        "LINK": "2",
        "AAA": "3",
        "USDT": "98765.4321",
        "EUR": "539",
        "NEAR": "1",
        "DOGE": "77",
        "APT": "40",
        "JUP": "3",
    }
    return [
        *(balance(total, asset, code=asset) for asset, total in amounts.items()),
        balance("0.9", "BTC", account="other"),
        balance("50042.5", "USDT", account="other"),
        price("BTC/USDT", "51000"),
        price("1000SATS/USDT", "0.0002"),
    ]


def _fee(text: str) -> object:
    from tests.builders import fee

    return fee(text)
