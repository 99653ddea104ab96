"""Profit and loss that adds up: value now = net deposits + realised + unrealised + unknown + what
is set apart, to the last digit.

Each term is computed from the history independently; none is a remainder of the others:

- *net deposits*: what was received from outside less what was withdrawn, at cost. For one asset or
  account also what trades added or removed (``traded``) and what own accounts sent (``moved``);
  over everything these two cancel out.
- *realised*: every closed result net of fees: trades, derivatives, funding, income, fees outside
  trades.
- *unrealised*: value less cost of the explained units, and the open result of positions.
- *unknown*: value of units whose cost is unknown, plus earlier proceeds of such units, less cost
  removed without a known price, less the cost of explained units that have no price now or are
  missing from the balance.
- set apart, each under its own name: *adjustments* of the exchange, *unclassified* rows, and what
  was moved to *unread wallets* or is *subscribed*, at cost; negative: it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.reconcile import reconcile
from exchange_cache.money import EXACT, ZERO, rounded

#: The terms that are neither deposits nor results.
APART = ("adjustments", "unclassified", "unread_wallets", "subscribed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlIdentity:
    """The terms of the identity and their parts, in the reporting asset."""

    value: Decimal = ZERO
    deposited: Decimal = ZERO
    traded: Decimal = ZERO
    moved: Decimal = ZERO
    adjustments: Decimal = ZERO
    unclassified: Decimal = ZERO
    unread_wallets: Decimal = ZERO
    subscribed: Decimal = ZERO
    trading: Decimal = ZERO
    derivatives: Decimal = ZERO
    funding: Decimal = ZERO
    income: Decimal = ZERO
    expenses: Decimal = ZERO
    unrealised_holdings: Decimal = ZERO
    unrealised_positions: Decimal = ZERO
    unknown_value: Decimal = ZERO
    unexplained_proceeds: Decimal = ZERO
    written_off: Decimal = ZERO
    missing_cost: Decimal = ZERO  # of explained units missing from the balance
    unpriced_cost: Decimal = ZERO  # of explained units that have no price now
    fees_paid: Decimal = ZERO  # for information: part of the realised and unrealised results

    @property
    def net_deposits(self) -> Decimal:
        return _exact_sum(self.deposited, self.traded, self.moved)

    @property
    def realised(self) -> Decimal:
        return _exact_sum(self.trading, self.derivatives, self.funding, self.income, self.expenses)

    @property
    def unrealised(self) -> Decimal:
        return _exact_sum(self.unrealised_holdings, self.unrealised_positions)

    @property
    def unknown(self) -> Decimal:
        with localcontext(EXACT):
            return (
                self.unknown_value
                + self.unexplained_proceeds
                - self.written_off
                - self.missing_cost
                - self.unpriced_cost
            )

    @property
    def residual(self) -> Decimal:
        """Zero unless something is counted twice or not at all."""
        with localcontext(EXACT):
            explained = self.net_deposits + self.realised + self.unrealised + self.unknown
            return self.value - explained - sum((getattr(self, name) for name in APART), ZERO)

    def plus(self, other: PnlIdentity) -> PnlIdentity:
        return PnlIdentity(
            **{
                one.name: _exact_sum(getattr(self, one.name), getattr(other, one.name))
                for one in fields(self)
            }
        )

    def minus(self, other: PnlIdentity) -> PnlIdentity:
        return PnlIdentity(
            **{
                one.name: _exact_sum(getattr(self, one.name), -getattr(other, one.name))
                for one in fields(self)
            }
        )


def _exact_sum(*amounts: Decimal) -> Decimal:
    with localcontext(EXACT):
        return sum(amounts, ZERO)


def asset_identity(
    basis: AssetBasis,
    balance: Decimal,
    price: Decimal | None,
    *,
    reporting_asset: str,
    unrealised_inside: Decimal = ZERO,
) -> PnlIdentity:
    """The identity of one asset. ``unrealised_inside``: the open result of positions that
    ``balance`` contains, in the asset."""
    with localcontext(EXACT):
        at_home = basis.asset == reporting_asset
        price = Decimal(1) if at_home else price
        held = balance - unrealised_inside
        split = reconcile(basis, held, asset=basis.asset, reporting_asset=reporting_asset)
        open_result = ZERO if price is None else rounded(unrealised_inside * price)
        value = ZERO if price is None else rounded(held * price)
        cost = basis.cost if at_home else split.cost
        explained = ZERO if price is None else cost if at_home else rounded(split.explained * price)
        return replace(
            flows(basis),
            value=value + open_result,
            unrealised_holdings=ZERO if price is None else explained - cost,
            unrealised_positions=open_result,
            unknown_value=value - explained,
            missing_cost=ZERO if at_home else split.scaled_off,
            unpriced_cost=cost if price is None else ZERO,
        )


def flows(basis: AssetBasis) -> PnlIdentity:
    """What was added, removed and closed until now: the terms that need no price. The difference of
    two gives those of a period."""
    return PnlIdentity(
        deposited=basis.deposited,
        traded=basis.traded,
        moved=basis.moved,
        adjustments=basis.adjusted,
        unclassified=basis.unclassified,
        unread_wallets=basis.unread,
        subscribed=basis.subscribed,
        trading=basis.trading_pnl,
        derivatives=basis.derivative_pnl,
        funding=basis.funding,
        income=basis.income,
        expenses=basis.expenses,
        unexplained_proceeds=basis.unexplained_proceeds,
        written_off=basis.written_off,
        fees_paid=basis.fees_paid or ZERO,
    )


def pnl_identity(
    bases: Iterable[AssetBasis],
    balances: Mapping[str, Decimal],
    prices: Mapping[str, Decimal],
    *,
    reporting_asset: str,
    unrealised_inside: Mapping[str, Decimal] | None = None,
    unrealised_outside: Decimal = ZERO,
) -> PnlIdentity:
    """The identity over assets: of one account from its bases and balances, of everything from the
    pooled ones.

    ``balances`` and ``prices`` by asset; ``unrealised_outside``: open results that no balance
    contains, in the reporting asset.
    """
    inside = unrealised_inside or {}
    known = {basis.asset: basis for basis in bases}
    total = PnlIdentity(value=unrealised_outside, unrealised_positions=unrealised_outside)
    for asset in sorted(known.keys() | balances.keys()):
        basis = known.get(asset) or _empty(asset)
        balance, price = balances.get(asset, ZERO), prices.get(asset)
        total = total.plus(
            asset_identity(
                basis,
                balance,
                price,
                reporting_asset=reporting_asset,
                unrealised_inside=inside.get(asset, ZERO),
            )
        )
    return total


def _empty(asset: str) -> AssetBasis:
    return AssetBasis(
        asset=asset,
        account=None,
        quantity=ZERO,
        explained_quantity=ZERO,
        unknown_quantity=ZERO,
        cost=ZERO,
        average_entry_price=None,
        realised_pnl=None,
        fees_paid=None,
    )
