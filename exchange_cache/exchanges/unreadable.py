"""Exchanges that cannot be read at all, and why: ccxt renamed or removed them, or they take a
private key, which excache never takes.

The ids are those of former versions of ccxt (its lists of 2018 and 2022) that the present one does
not have. An id that ccxt has is never refused for being here.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.errors import ConfigError
from exchange_cache.exchanges import MANUAL, policy_for

#: Former id -> the id under which ccxt reads the exchange now.
RENAMED: Mapping[str, str] = {
    "bitcoincom": "fmfwio",
    "bitfinex2": "bitfinex",
    "bitpanda": "onetrading",
    "bitstamp1": "bitstamp",
    "coinbaseprime": "coinbaseexchange",
    "coinbasepro": "coinbaseexchange",
    "gateio": "gate",
    "gdax": "coinbaseexchange",
    "hitbtc2": "hitbtc",
    "hitbtc3": "hitbtc",
    "huobi": "htx",
    "huobijp": "bittrade",
    "huobipro": "htx",
    "lbank2": "lbank",
    "mexc3": "mexc",
    "okex": "okx",
    "okex5": "okx",
    "poloniexfutures": "poloniex",
}

#: Ids that ccxt removed.
_REMOVED = """
    _1broker _1btcxe aax ace acx allcoin anxpro anybits aofex ascendex bcex bibox bitbay
    bitforex bitibu bitkk bitlish bitmarket bitmart bitmex bitsane bittrex bitz bkex bl3p bleutrade
    braziliex btcalpha btcchina btcexchange btctradeim btctradeua btcx buda bxinth ccex chbtc
    chilebit cobinhood coinegg coinex coinexchange coinfalcon coinfloor coingi coinnest coinsecure
    cointiger coolcoin crypton cryptopia currencycom dsx ethfinex exmo exx fcoin flowbtc ftx ftxus
    fybse fybsg gatecoin getbtc hadax huobicny ice3x idex itbit jubi kkex kuna lakebtc liqui liquid
    livecoin lykke mixcoins negociecoins nova novadax oceanex okcoin okcoincny okcoinusd probit
    qryptos quadrigacx quoinex rightbtc southxchange surbitcoin theocean therock tidebit tidex timex
    uex urdubit vaultoro vbtc virwox wavesexchange wazirx wex xbtce yobit yunbi zb zonda
"""
REMOVED = frozenset(_REMOVED.split())


def refuse_unreadable(exchange: str, account: str) -> None:
    """ConfigError with the reason where an exchange cannot be read, or is not known."""
    import ccxt

    if exchange == MANUAL:
        raise ConfigError(
            "has no API: its rows come from files",
            account=account,
            hint=f"excache import FILE --account {account}",
        )
    if exchange not in ccxt.exchanges and exchange in RENAMED:
        raise ConfigError(
            f"ccxt has renamed {exchange}",
            account=account,
            hint=f'write exchange = "{RENAMED[exchange]}"',
        )
    if exchange not in ccxt.exchanges and exchange in REMOVED:
        raise ConfigError(
            f"ccxt {ccxt.__version__} no longer has {exchange}: it was removed, so its API cannot"
            " be read",
            account=account,
            hint="set enabled = false for this account; what is cached of it stays",
        )
    needed = ccxt_class(exchange, account)().requiredCredentials
    if needed.get("privateKey") and not policy_for(exchange).address_only:
        raise ConfigError(
            f"ccxt reads {exchange} only with a private key, and excache takes none: a private key"
            " signs orders and withdrawals, so it cannot be read-only",
            account=account,
            hint="set enabled = false for this account, or remove it",
        )
