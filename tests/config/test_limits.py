"""What the user's own settings leave out."""

from __future__ import annotations

from exchange_cache.config.limits import own_limits
from exchange_cache.config.settings import load_settings

CONFIG = """
history_start = 2025-01-01

[accounts.main]
exchange = "binance"
api_key = { env = "K" }
wallets = ["spot", "linear"]
start = 2026-03-01
ignore_assets = ["SPAM"]

[accounts.old]
exchange = "kraken"
api_key = { env = "K" }
enabled = false
"""


def test_each_setting_names_itself_as_the_cause(configure):
    settings = load_settings(configure(CONFIG))
    found = [(one.code, one.account, one.message) for one in own_limits(settings, {"main", "old"})]
    assert found == [
        ("own_start", "main", "history is read from 2026-03-01 on, by start in config.toml"),
        ("own_wallets", "main", "no wallet but spot, linear is read, by wallets in config.toml"),
        ("own_ignored", "main", "SPAM: in no figure, by ignore_assets in config.toml"),
        ("own_start", "old", "history is read from 2025-01-01 on, by history_start in config.toml"),
    ]
    assert [one.account for one in own_limits(settings, {"old"})] == ["old"]
