"""What holds for every history: order, repetition and splitting change nothing; quantities and
money add up to the last digit."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.cost.averages import BasisBook
from exchange_cache.cost.reconcile import reconcile
from exchange_cache.ledger.unread import departs, marked
from exchange_cache.money import EXACT
from exchange_cache.records import Fill, Side, Transfer
from exchange_cache.value.pnl import asset_identity, pnl_identity
from tests.cost.builders import basis_book, contract, fill, transfer
from tests.effort import examples

RATES = {"BTC": "60123.45", "ETH": "3001.7", "BNB": "601.3"}
METHODS = ("average", "fifo", "lifo", "hifo")
ACCOUNTS = ("a", "b")
Event = Fill | Transfer

amounts = st.integers(1, 400).map(lambda n: f"{n / 8:.3f}")
prices = st.integers(1, 5000).map(lambda n: f"{n / 100:.2f}")
#: Whole hours, some with a moment more: rows of one event are logged seconds apart.
hours = st.builds(
    lambda hour, seconds: hour + seconds / 3600,
    st.integers(0, 40),
    st.sampled_from([0, 0, 0, 0.001, 30, 60, 90]),
)
fee_lists = st.sampled_from(
    [(), ("0.11 USDT",), ("0.01 BTC",), ("0.003 BNB",), ("-0.02 USDT", "0.001 BNB"), ("0.5 XXX",)]
)

contract_fees = st.sampled_from([(), ("0.2 USDT",), ("0.001 BNB",)])


@st.composite
def trades(
    draw: Any,
    symbols: tuple[str, ...] = (
        "BTC/USDT",
        "ETH/BTC",
        "ETH/USDT",
        "XXX/BTC",
        "XXX/YYY",
        "USDT/TRY",
    ),
) -> dict[str, Any]:
    return {
        "args": (
            draw(st.sampled_from(["buy", "sell"])),
            draw(amounts),
            draw(prices),
            *draw(fee_lists),
        ),
        "symbol": draw(st.sampled_from(symbols)),
        "hour": draw(hours),
        "account": draw(st.sampled_from(ACCOUNTS)),
        "category": draw(st.sampled_from(["spot", "spot", "margin"])),
    }


#: Kinds whose units may arrive or leave.
SIGNED = (
    *("reward", "airdrop", "interest", "funding", "fee", "insurance", "settlement"),
    *("liquidation", "adjustment", "unclassified", "subscription"),
)


@st.composite
def moves(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(("deposit", "withdrawal", "internal", "loan", *SIGNED)))
    sign = draw(st.sampled_from(["", "-"])) if kind in SIGNED else ""
    return {
        "args": (kind, sign + draw(amounts), draw(st.sampled_from(["BTC", "USDT", "XXX", "BNB"]))),
        "hour": draw(hours),
        "account": draw(st.sampled_from(ACCOUNTS)),
        "fee": draw(st.sampled_from([None, None, "0.01 BTC", "1 USDT"])),
        "wallet": draw(st.sampled_from([None, "margin"])),
        "to": draw(st.sampled_from([None, "bots"])) if kind == "internal" else None,
        "reference": draw(st.sampled_from([None, "1", "2"])) if kind == "subscription" else None,
    }


@st.composite
def aside(draw: Any) -> Transfer:
    """A move to a wallet that is not read, or back."""
    row = transfer(
        "internal",
        draw(amounts),
        draw(st.sampled_from(["BTC", "USDT", "XXX"])),
        hour=draw(hours),
        account=draw(st.sampled_from(ACCOUNTS)),
    )
    ends = draw(st.sampled_from([("spot", "bots"), ("bots", "spot")]))
    return marked(replace(row, from_wallet=ends[0], to_wallet=ends[1]), {"bots"})


@st.composite
def contracts(draw: Any) -> dict[str, Any]:
    return {
        "args": (
            draw(st.sampled_from(["buy", "sell"])),
            draw(amounts),
            draw(prices),
            *draw(st.sampled_from([(), ("0.2 USDT",), ("0.001 BNB",)])),
        ),
        "symbol": draw(st.sampled_from(["BTC/USDT:USDT", "BTC/USD:BTC"])),
        "hour": draw(hours),
        "account": draw(st.sampled_from(ACCOUNTS)),
    }


@st.composite
def own_moves(draw: Any) -> dict[str, Any]:
    return {
        "quantity": draw(amounts),
        "asset": draw(st.sampled_from(["BTC", "USDT", "XXX"])),
        "hour": draw(hours),
        "fee": draw(st.booleans()),
    }


@st.composite
def histories(draw: Any) -> list[Event]:
    """Everything that can happen, with ids that are fixed by the place in the list."""
    events: list[Event] = []
    for n, trade in enumerate(draw(st.lists(trades(), max_size=10))):
        events.append(fill(*trade.pop("args"), fill_id=f"f{n:03}", **trade))
    for n, move in enumerate(draw(st.lists(moves(), max_size=8))):
        more = {"to_wallet": move.pop("to"), "reference": move.pop("reference")}
        made = transfer(*move.pop("args"), transfer_id=f"t{n:03}", **move)
        events.append(replace(made, **more))
    for n, row in enumerate(draw(st.lists(aside(), max_size=4))):
        events.append(replace(row, transfer_id=f"a{n:03}"))
    for n, trade in enumerate(draw(st.lists(contracts(), max_size=4))):
        events.append(contract(*trade.pop("args"), fill_id=f"c{n:03}", **trade))
    for n, move in enumerate(draw(st.lists(own_moves(), max_size=3))):
        same = {"asset": move["asset"], "tx": f"tx{n}"}
        fee = f"0.5 {move['asset']}" if move["fee"] else None
        events.append(
            transfer(
                "withdrawal",
                move["quantity"],
                account="a",
                hour=move["hour"],
                transfer_id=f"w{n}",
                fee=fee,
                **same,
            )
        )
        events.append(
            transfer(
                "deposit",
                move["quantity"],
                account="b",
                hour=move["hour"] + 1,
                transfer_id=f"d{n}",
                **same,
            )
        )
    return events


def compute(events: list[Event], method: str = "average", dust: str = "0.2") -> BasisBook:
    return basis_book(
        *events, rates=RATES, method=method, dust={"BTC": Decimal(dust), "XXX": Decimal(dust)}
    )


@settings(max_examples=examples(60), deadline=None)
@given(histories(), st.sampled_from(METHODS), st.randoms())
def test_order_and_repetition_of_rows_never_change_the_result(
    events: list[Event], method: str, chance: random.Random
) -> None:
    shuffled = events + events[: len(events) // 2]
    chance.shuffle(shuffled)
    assert compute(shuffled, method) == compute(events, method)


def near(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(Decimal("1e-20"), context=EXACT)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(trades(("BTC/USDT", "ETH/BTC")), min_size=1, max_size=8),
    st.integers(2, 5),
    st.sampled_from(METHODS),
)
def test_splitting_a_fill_never_changes_the_result(
    rows: list[dict[str, Any]], pieces: int, method: str
) -> None:
    whole, split = [], []
    for n, row in enumerate(rows):
        side, quantity, price, *fees = row["args"]
        place = {key: row[key] for key in ("symbol", "hour", "account", "category")}
        whole.append(fill(side, quantity, price, *fees, fill_id=f"{n:03}0", **place))
        exact = Decimal(quantity) / 8  # eighths are exact
        parts = [exact] * (pieces - 1) + [Decimal(quantity) - exact * (pieces - 1)]
        for k, part in enumerate(parts):
            share = [
                f"{Decimal(one.split()[0]) * part / Decimal(quantity):.25f} {one.split()[1]}"
                for one in fees
            ]
            split.append(fill(side, str(part), price, *share, fill_id=f"{n:03}{k}", **place))
    one, many = compute(whole, method), compute(split, method)
    for asset, basis in one.pooled.items():
        other = many.pooled[asset]
        for name in (
            "quantity",
            "explained_quantity",
            "unknown_quantity",
            "cost",
            "average_entry_price",
            "realised_pnl",
            "fees_paid",
        ):
            assert near(getattr(basis, name)) == near(getattr(other, name)), (asset, name)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), amounts, prices, st.integers(0, 50)), min_size=1, max_size=12)
)
def test_the_running_average_agrees_with_rational_arithmetic(
    rows: list[tuple[bool, str, str, int]],
) -> None:
    held = cost = realised = Fraction(0)
    fills = []
    for hour, (buys, quantity, price, fee_cents) in enumerate(rows):
        amount, paid, fee = (
            Fraction(quantity),
            Fraction(quantity) * Fraction(price),
            Fraction(fee_cents, 100),
        )
        if not buys and amount > held:
            continue
        if buys:
            held, cost = held + amount, cost + paid + fee
        else:
            gone = cost * amount / held
            held, cost, realised = held - amount, cost - gone, realised + paid - fee - gone
        fills.append(
            fill(
                "buy" if buys else "sell", quantity, price, f"{fee_cents / 100:.2f} USDT", hour=hour
            )
        )
    basis = compute(fills, dust="0").pooled.get("BTC")
    if basis is None:
        return
    assert Fraction(basis.quantity) == held
    assert abs(Fraction(basis.cost) - cost) < Fraction(1, 10**25)
    assert basis.realised_pnl is not None and abs(
        Fraction(basis.realised_pnl) - realised
    ) < Fraction(1, 10**25)
    if held:
        assert basis.average_entry_price is not None and abs(
            Fraction(basis.average_entry_price) - cost / held
        ) < Fraction(1, 10**25)


def plain_sums(events: list[Event]) -> dict[str, Decimal]:
    """What a bookkeeper who knows nothing of cost would count: every quantity that came or went."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        if isinstance(event, Fill) and not event.is_derivative:
            sign = 1 if event.side is Side.BUY else -1
            sums[event.base] += sign * event.quantity
            sums[event.quote] -= sign * event.cost
            for fee in event.fees:
                sums[fee.asset] -= fee.amount
        elif isinstance(event, Transfer):
            if event.kind == "withdrawal" or departs(event):
                sums[event.asset] -= event.quantity
            elif event.kind not in {"internal", "loan"} or departs(event) is False:
                sums[event.asset] += event.quantity
            if event.fee is not None:
                sums[event.fee.asset] -= event.fee.amount
    return sums


@settings(max_examples=examples(60), deadline=None)
@given(histories(), st.sampled_from(METHODS), st.integers(-20, 60))
def test_quantities_are_plain_sums_and_the_balance_is_explained_plus_unknown(
    events: list[Event], method: str, held: int
) -> None:
    spot = [event for event in events if not (isinstance(event, Fill) and event.is_derivative)]
    book = compute(spot, method)
    sums = plain_sums(spot)
    for asset, basis in book.pooled.items():
        assert (
            basis.quantity
            == sums[asset]
            == sum(one.quantity for (_, name), one in book.by_account.items() if name == asset)
        )
        assert (
            basis.quantity
            == basis.explained_quantity + basis.unknown_quantity - basis.oversold_quantity
        )
        for name in ("unread_quantity", "subscribed_quantity"):
            own = (
                getattr(one, name) for (_, other), one in book.by_account.items() if other == asset
            )
            assert getattr(basis, name) == sum(own)
        for balance in (basis.quantity, Decimal(held)):
            split = reconcile(basis, balance, asset=asset, reporting_asset="USDT")
            assert split.explained + split.unknown == balance
            assert split.difference == balance - basis.quantity
            if asset != "USDT":
                assert min(balance, Decimal(0)) <= split.explained <= max(balance, Decimal(0))
            if split.unknown:
                assert split.reasons or asset == "USDT"


@settings(max_examples=examples(80), deadline=None)
@given(
    histories(),
    st.sampled_from(METHODS),
    st.dictionaries(st.sampled_from(["BTC", "USDT", "XXX", "ETH"]), st.integers(-5, 90)),
)
def test_value_now_is_net_deposits_realised_unrealised_and_unknown(
    events: list[Event], method: str, shifts: dict[str, int]
) -> None:
    book = compute(events, method)
    now = {
        "BTC": Decimal("70123.4567"),
        "ETH": Decimal("3200.1"),
        "BNB": Decimal("0.333333333333333333"),
        "TRY": Decimal("0.03"),
    }
    balances = {
        asset: basis.quantity + shifts.get(asset, 0) for asset, basis in book.pooled.items()
    }
    inside, outside = {"BTC": Decimal("0.25")}, Decimal("12.5")
    whole = pnl_identity(
        book.pooled.values(),
        balances,
        now,
        reporting_asset="USDT",
        unrealised_inside=inside,
        unrealised_outside=outside,
    )
    with localcontext(EXACT):
        expected = sum(
            (round(balances[a] * now.get(a, Decimal(a == "USDT")), 30) for a in balances), outside
        )
    if "BTC" in balances:
        assert abs(whole.value - expected) < Decimal("1e-25")
    assert whole.residual == 0
    assert (whole.traded, whole.moved) == (0, 0)
    for basis in book.bases:
        parts = (basis.deposited, basis.traded, basis.moved, basis.adjusted, basis.unclassified)
        parts += (basis.unread, basis.subscribed, basis.realised_pnl or 0)
        with localcontext(EXACT):
            assert basis.cost == sum(parts, basis.unexplained_proceeds - basis.written_off)
    for account in ACCOUNTS:
        own = [basis for (name, _), basis in book.by_account.items() if name == account]
        held = {basis.asset: basis.quantity for basis in own}
        identity = pnl_identity(own, held, now, reporting_asset="USDT")
        assert (identity.residual, identity.traded) == (0, 0)
    for asset, basis in (
        *book.pooled.items(),
        *((name, one) for (_, name), one in book.by_account.items()),
    ):
        assert (
            asset_identity(basis, Decimal(7), now.get(asset), reporting_asset="USDT").residual == 0
        )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(5))
def test_with_all_known_the_unknown_term_is_zero_and_deposits_are_the_deposits(
    seed: int, method: str
) -> None:
    chance = random.Random(seed)
    events: list[Event] = [transfer("deposit", "1000000", "USDT", hour=-1)]
    cash, coins = Decimal(1_000_000), Decimal(0)
    for hour in range(60):
        quantity, price = (
            Decimal(chance.randint(1, 1000)) / 100,
            Decimal(chance.randint(100, 900)) / 7,
        )
        price = round(price, 4)
        buys = chance.random() < 0.6 or coins < quantity
        events.append(
            fill("buy" if buys else "sell", str(quantity), str(price), "0.5 USDT", hour=hour)
        )
        cash += (-1 if buys else 1) * quantity * price - Decimal("0.5")
        coins += quantity if buys else -quantity
    events.append(transfer("withdrawal", "250", "USDT", hour=99, fee="2 USDT"))
    events.append(transfer("funding", "-3.25", "USDT", hour=99, symbol="BTC/USDT:USDT"))
    cash -= Decimal("255.25")
    book = compute(events, method, dust="0")
    last = Decimal("77.7")
    found = pnl_identity(
        book.pooled.values(), {"USDT": cash, "BTC": coins}, {"BTC": last}, reporting_asset="USDT"
    )
    assert found.value == cash + coins * last
    assert (found.unknown, found.residual) == (0, 0)
    assert found.net_deposits == 1_000_000 - 250
    assert (found.funding, found.expenses, found.fees_paid) == (Decimal("-3.25"), -2, 32)
    assert found.realised + found.unrealised == found.value - 999_750
