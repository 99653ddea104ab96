"""``python benchmarks/live.py``: what a program without a cache would do for one look, as a process
of its own.

Balances, positions and prices of all accounts through the same ccxt adapters, exchanges side by
side; with ``remembered`` the markets need not be downloaded. Histories are left out, though average
entry prices would need them.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from exchange_cache.cli.app import App
from exchange_cache.cli.running import open_port
from exchange_cache.config.accounts import AccountSettings


def look(app: App, account: AccountSettings, remembered: bool) -> int:
    """Fetch what the portfolio shows of one account; the number of rows."""
    port = open_port(
        app, account, app.repository().progress.memory(account.name) if remembered else None
    )
    try:
        rows = [row for wallet in port.policy.wallets for row in port.balances(wallet)]
        positions = [row for call in port.policy.positions for row in port.positions(call)]
        prices = [row for call in port.policy.tickers for row in port.prices(call)]
        return len(rows) + len(positions) + len(prices)
    finally:
        port.close()


def main(words: list[str]) -> int:
    app = App.from_environment()
    accounts = app.accounts()
    with ThreadPoolExecutor(max_workers=len(accounts)) as pool:
        rows = sum(pool.map(lambda account: look(app, account, "remembered" in words), accounts))
    app.close()
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
