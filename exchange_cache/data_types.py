"""Words that every layer uses: the types of data that are synced, and the codes of alarms."""

from __future__ import annotations

from enum import StrEnum


class DataType(StrEnum):
    """What is synced with its own freshness."""

    BALANCES = "balances"
    POSITIONS = "positions"
    ORDERS = "orders"
    FILLS = "fills"
    TRANSFERS = "transfers"
    PRICES = "prices"


#: Codes of findings about unexplained losses: an account with such a finding is not well.
ALARMS = frozenset({"account_emptied", "wallet_emptied", "outflow_unexplained"})

#: The code of the finding that averages are still to be computed.
COSTS_OPEN = "costs_open"
