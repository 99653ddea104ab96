"""Ids as each exchange makes them, from the seed and a running number alone.

Binance: small integers per symbol, so two symbols share ids. Bybit, Coinbase: UUIDs. Kraken:
TXXXXX-XXXXX-XXXXXX. OKX: trade ids per instrument, orders and bills with nineteen digits. KuCoin:
24 hexadecimal digits, numbers for fills. Everything else (transfers, conversions) gets the
exchange's usual look. Unknown exchanges get decimal strings that never repeat.

Ids are unique within an account only: two accounts of one exchange have the same ones. Both sides
of a match carry one trade id at Binance, OKX and KuCoin, so a cache that keys rows by exchange and
id loses rows.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict

from exchange_cache.simulator.venue.records import Market

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KRAKEN_LETTER = {
    "fill": "T",
    "order": "O",
    "entry": "L",
    "transfer": "B",
    "convert": "C",
    "income": "S",
}


class IdMaker:
    """Makes the ids of one account."""

    def __init__(self, exchange: str, seed: int) -> None:
        self._exchange = exchange
        self._salt = f"{exchange}:{seed}".encode()
        self._count: dict[str, int] = defaultdict(int)

    def new(self, what: str, market: Market | None = None) -> str:
        """The next id of `what`: fill, order, entry, transfer, convert, income, loan."""
        if market is not None and (
            self._exchange == "binance" or (self._exchange == "okx" and what == "fill")
        ):
            return self._per_symbol(what, market)
        self._count[what] += 1
        number = self._count[what]
        if self._exchange == "okx" and what in ("order", "entry"):
            return str(
                2_100_000_000_000_000_000
                + number * 2**38
                + int.from_bytes(self._digest(what, number)[:4], "big")
            )
        if self._exchange == "kraken":
            return self._kraken(what, number)
        if self._exchange in ("bybit", "coinbase") and what in ("fill", "order", "transfer"):
            return _uuid(self._digest(what, number))
        if self._exchange == "kucoin" and what in ("order", "transfer", "convert"):
            return self._digest(what, number).hex()[:24]
        return str(
            {"transfer": 7_000_000, "entry": 40_000_000, "loan": 2_970_000_000}.get(
                what, 100_000_000
            )
            + number
        )

    def txid(self, number: int) -> str:
        """A blockchain transaction id."""
        return hashlib.sha256(b"txid" + self._salt + str(number).encode()).hexdigest()

    def client_id(self, number: int) -> str:
        return f"x-{self._digest('client', number).hex()[:20]}"

    def _per_symbol(self, what: str, market: Market) -> str:
        key = f"{what}:{market.kind}:{market.id}"
        first = 681_000_000 if self._exchange == "okx" else 28 if what == "fill" else 100
        step = 1 + self._digest(key, self._count[key])[0] % 3
        self._count[key] += step
        return str(first + self._count[key])

    def _kraken(self, what: str, number: int) -> str:
        value = int.from_bytes(self._digest(what, number), "big")
        chars = []
        for _ in range(16):
            value, rest = divmod(value, 32)
            chars.append(_ALPHABET[rest])
        text = "".join(chars)
        return f"{_KRAKEN_LETTER.get(what, 'Q')}{text[:5]}-{text[5:10]}-{text[10:16]}"

    def _digest(self, what: str, number: int) -> bytes:
        return hashlib.blake2b(
            f"{what}:{number}".encode(), key=self._salt[:64], digest_size=16
        ).digest()


def _uuid(digest: bytes) -> str:
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
