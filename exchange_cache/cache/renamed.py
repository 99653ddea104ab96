"""Fixes rows that caches of the first two schemas store under names or kinds no longer in use.

Next to today's rows they would count twice. The cache does not know exchanges, so an account is
recognised by its histories.
"""

from __future__ import annotations


def _accounts(*streams: str) -> str:
    """The accounts that have all of these histories (``data type/scope``)."""
    parts = (stream.split("/") for stream in streams)
    return " AND ".join(
        f"account IN (SELECT account FROM exchange_streams WHERE data_type = '{data_type}' AND"
        f" scope = '{scope}')"
        for data_type, scope in parts
    )


_HYPERLIQUID = _accounts("fills/fills", "transfers/ledger", "transfers/funding")
_GATE = _accounts("transfers/ledger", "transfers/funding-usdt")
_BITVAVO = _accounts("transfers/deposits", "transfers/withdrawals", "transfers/history")
_KRAKEN_FUTURES = _accounts("fills/fills", "transfers/log")
_BINGX = _accounts("fills/spot", "transfers/moves-spot-usdtmperp")
_COINBASE = _accounts("fills/spot", "orders/spot", "transfers/transactions")


def _read_again(accounts: str, *scopes: str) -> tuple[str, ...]:
    """Delete the progress of transfers, so that the next sync reads them from the beginning."""
    names = ", ".join(f"'{scope}'" for scope in scopes)
    return tuple(
        f"DELETE FROM {table} WHERE data_type = 'transfers' AND scope IN ({names}) AND {accounts}"
        for table in ("exchange_coverage", "exchange_streams")
    )


#: Statements. Those that delete an exchange's histories come last, since the histories identify it.
RENAMED: tuple[str, ...] = (
    # fills were named by their tid alone, updates by hash and type
    (
        "UPDATE exchange_fills SET fill_id = fill_id || ':' || CAST(time_ms AS TEXT) || CASE side"
        f" WHEN 'buy' THEN ':B' ELSE ':A' END WHERE {_HYPERLIQUID}"
    ),
    f"DELETE FROM exchange_transfers WHERE scope = 'ledger' AND {_HYPERLIQUID}",
    *_read_again(_HYPERLIQUID, "ledger"),
    # a flash swap was two rows of the ledger
    f"DELETE FROM exchange_transfers WHERE scope = 'ledger' AND kind = 'other' AND {_GATE}",
    *_read_again(_GATE, "ledger"),
    # moves were named by the chain's id
    f"DELETE FROM exchange_transfers WHERE scope IN ('deposits', 'withdrawals') AND {_BITVAVO}",
    *_read_again(_BITVAVO, "deposits", "withdrawals"),
    # a conversion was two rows of the log
    f"DELETE FROM exchange_transfers WHERE scope = 'log' AND kind = 'other' AND {_KRAKEN_FUTURES}",
    *_read_again(_KRAKEN_FUTURES, "log"),
    # the halves of a convert were recorded against whichever asset is more money-like
    f"DELETE FROM exchange_fills WHERE kind = 'convert' AND {_COINBASE}",
    *_read_again(_COINBASE, "transactions"),
    # spot fills were requested per symbol: nothing would finish or repair these histories any more
    (
        "DELETE FROM exchange_coverage WHERE data_type = 'fills' AND scope = 'spot' AND symbol <>"
        f" '' AND {_BINGX}"
    ),
    (
        "DELETE FROM exchange_streams WHERE data_type = 'fills' AND scope = 'spot' AND symbol <>"
        f" '' AND {_BINGX}"
    ),
)
