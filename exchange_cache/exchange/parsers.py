"""The raw row parsers by the names that policies use."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.exchange import rows, rows_bitget, rows_gate, rows_htx, rows_more
from exchange_cache.exchange.rows import Parser

PARSERS: Mapping[str, Parser] = {
    "binance_convert": rows.binance_convert,
    "binance_deposit": rows.binance_deposit,
    "binance_dividend": rows.binance_dividend,
    "binance_dust": rows.binance_dust,
    "binance_earn_reward": rows.binance_earn_reward,
    "binance_fiat_order": rows.binance_fiat_order,
    "binance_fiat_payment": rows.binance_fiat_payment,
    "binance_income": rows.binance_income,
    "binance_withdrawal": rows.binance_withdrawal,
    "bitget_bill": rows_bitget.bitget_bill,
    "bitget_convert": rows_bitget.bitget_convert,
    "bitget_dust": rows_bitget.bitget_dust,
    "bitget_fill": rows_bitget.bitget_fill,
    "bitget_funding": rows_bitget.bitget_funding,
    "bitget_order": rows_bitget.bitget_order,
    "bitget_uta_record": rows_bitget.bitget_uta_record,
    "bybit_convert": rows.bybit_convert,
    "bybit_execution": rows.bybit_execution,
    "bybit_log": rows.bybit_log,
    "coinbase_transaction": rows_more.coinbase_transaction,
    "gate_book": rows_gate.gate_book,
    "gate_funding": rows_gate.gate_funding,
    "gate_order": rows_gate.gate_order,
    "htx_funding": rows_htx.htx_funding,
    "htx_ledger": rows_htx.htx_ledger,
    "htx_linear_fill": rows_htx.htx_linear_fill,
    "htx_move": rows_htx.htx_move,
    "htx_linear_order": rows_htx.htx_linear_order,
    "kraken_ledger": rows.kraken_ledger,
    "kraken_order": rows.kraken_order,
    "okx_bill": rows_more.okx_bill,
    "okx_convert": rows_more.okx_convert,
}
