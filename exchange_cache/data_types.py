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


#: The histories.
LEDGER_TYPES = (DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS)
#: Codes of findings about unexplained losses: an account with such a finding is not well.
ALARMS = frozenset({"account_emptied", "wallet_emptied", "outflow_unexplained"})

#: The account of findings that concern all of them.
NO_ACCOUNT = ""

#: The code of the finding that averages are still to be computed.
COSTS_OPEN = "costs_open"
#: The code of the finding that a replica shows less than its primary has.
REPLICA_BEHIND = "replica_behind"

#: The code of the finding about a key that may do more than read, and the right that endangers
#: what the account holds, as its message names it.
KEY_RIGHTS = "key_rights"
WITHDRAW = "WITHDRAW"

#: Codes of findings about histories that begin later than the account: no sync can add to them.
SHORT_HISTORY = frozenset({"out_of_retention", "newest_rows_only", "sold_more_than_known"})
