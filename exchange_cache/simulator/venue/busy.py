"""The busy days of an account: a trading program makes over a thousand fills in one symbol, so that
the border of every documented page lies inside what a sync walks.

The program buys and sells with money of its own for twelve days, a month ago: more than one default
window of seven days (Bybit and KuCoin "Get Trade History"), with several pages in each. Every order
fills in seven parts of one millisecond. Seven divides no documented page size (50, 100, 250, 500,
1000), so that most borders split a millisecond. One order in five is a limit order that is canceled
after these fills; one in eight begins in the millisecond of the order before it. Where an account
has a wallet per asset, hundreds of empty ones are opened between those with money, as for someone
who once looked at every coin (Coinbase "List Accounts": 250 a page).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.records import Market
from exchange_cache.simulator.venue.story import Story
from exchange_cache.simulator.venue.trader import floor_step

#: Fills of the busiest symbol: more than the largest page of one symbol (Binance: 1000).
FILLS = 1_120
#: Fills of one millisecond.
BURST = 7
_FROM_DAYS, _TO_DAYS = 42.0, 30.0
_CAPITAL, _PART = Decimal(1500), Decimal(4)
#: Codes of wallets that never held anything: coins that coinbase.com lists.
_LOOKED_AT = (
    "00 1INCH A8 AAVE ABT ACH ACS ACX AERGO AERO AGLD AIOZ AKT ALCX ALEO ALEPH ALGO ALICE ALT "
    "AMP ANKR APE API3 APT ARB ARKM ARPA ASM AST ATH ATOM AUCTION AUDIO AURORA AVT AXL AXS B3 "
    "BADGER BAL BAND BAT BCH BERA BICO BIGTIME BLAST BLUR BLZ BNT BOBA BONK BTRST C98 CBETH "
    "CBBTC CELR CGLD CHZ CLANKER CLV COMP CORECHAIN COTI COW CRO CRV CTSI CTX CVC CVX DASH DAR "
    "DEXT DIA DIMO DNT DRIFT EDGE EGLD EIGEN ELA ELSA ENA ENJ ENS EOS ERN ETC ETHFI FARM FET "
    "FIDA FIL FIS FLOW FLR FORT FORTH FOX FX G GFI GHST GIGA GLM GMT GNO GODS GRT GST GTC GUSD "
    "GYEN HBAR HFT HIGH HNT HONEY HOPR ICP IDEX ILV IMX INDEX INJ INV IO IOTX IP JASMY JTO JUP "
    "KAITO KARRAT KAVA KERNEL KEYCAT KNC KRL KSM L3 LA LCX LDO LIT LOKA LPT LQTY LRC LRDS LSETH "
    "MANA MANTLE MASK MATH MDT ME METIS MINA MKR MLN MNDE MOG MOODENG MOBILE MORPHO MPL MSOL "
    "MUSE NCT NEAR NEON NEWT NKN NMR OCEAN OGN OM OMNI ONDO OP ORCA ORN OSMO OXT PAX PENDLE "
    "PENGU PEPE PERP PIRATE PLU PNG PNUT POL POLS POND POPCAT POWR PRCL PRIME PRO PROMPT PRQ "
    "PUNDIX PYR PYTH PYUSD QI QNT RAD RARE RARI RED REI RENDER REQ REZ RLC RONIN ROSE RPL RSR S "
    "SAFE SAND SD SEAM SEI SHDW SHIB SHPING SKL SKY SNX SPA SPELL SPK STG STORJ STRK STX SUI "
    "SUKU SUPER SUSHI SWELL SWFTC SXT SYRUP SYN T TAO TIA TIME TNSR TOSHI TRAC TRB TRU TRUMP "
    "TURBO UMA UNI USDS VARA VELO VET VOXEL VTHO VVV W WAXL WCFG WCT WELL WIF WLD XCN XTZ XYO "
    "YFI ZEC ZEN ZETA ZETACHAIN ZK ZORA ZRO ZRX"
)


class Program:
    """Places one order a call, on the side that it can pay."""

    def __init__(self, story: Story, symbol: str) -> None:
        self._s = story
        self._rng = random.Random(f"{story.seed}:busy:{story.account}")
        self._market: Market = story.market(symbol)
        self._wallet = story.profile.wallet_for[self._market.kind]
        self._placed = 0

    def times(self, orders: int) -> Iterator[int]:
        """When the orders begin, oldest first."""
        spans = (self._rng.uniform(_TO_DAYS, _FROM_DAYS) for _ in range(orders))
        last = 0
        for number, days in enumerate(sorted(spans, reverse=True)):
            if number % 8 != 7:
                last = int(self._s.now_ms - days * DAY_MS)
            yield last

    def order(self, time_ms: int) -> None:
        """An order of seven fills in one millisecond; every fifth is canceled a minute later."""
        s, market = self._s, self._market
        price = s.state.prices.price(market, time_ms)
        pieces = [self._piece(price) * (1 + number % 3) for number in range(BURST)]
        canceled = self._placed % 5 == 4
        amount = sum(pieces, Decimal(0)) + (pieces[-1] * 3 if canceled else 0)
        side = self._side(amount, price, time_ms)
        self._placed += 1
        kind = "limit" if canceled else "market"
        order = s.trader.place(
            s.account, market, side, kind, amount, time_ms, price=price if canceled else None
        )
        for piece in pieces:
            s.trader.fill(order, piece, price, time_ms + 2, maker=canceled)
        if canceled:
            s.agenda.at(time_ms + 60_000, lambda t: s.trader.finish(order, "canceled", t))

    def open_wallets(self, time_ms: int) -> None:
        """A wallet without money for every coin looked at."""
        for code in _LOOKED_AT.split():
            key = (self._s.account, self._wallet, code)
            self._s.state.books.balances.setdefault(key, Decimal(0))

    def _piece(self, price: Decimal) -> Decimal:
        return max(floor_step(_PART / price, self._market.lot), self._market.lot)

    def _side(self, amount: Decimal, price: Decimal, time_ms: int) -> str:
        """Buy and sell in turn; what cannot be paid is bought or deposited first."""
        market, free = self._market, self._s.state.books.free
        if self._placed % 2 and free(self._s.account, self._wallet, market.base) >= amount:
            return "sell"
        if free(self._s.account, self._wallet, market.quote) < amount * price * Decimal("1.02"):
            self._deposit(time_ms)
        return "buy"

    def _deposit(self, time_ms: int) -> None:
        s, asset, first = self._s, self._market.quote, self._s.profile.wallets[0]
        s.moves.deposit(s.account, asset, _CAPITAL, time_ms, begun_ms=time_ms - 1_500_000)
        if first != self._wallet:
            s.moves.internal(s.account, asset, _CAPITAL, first, self._wallet, time_ms)


def make_busy(story: Story, fills: int) -> None:
    """Schedule the program of an account's busiest symbol, and its empty wallets."""
    program = Program(story, story.profile.busiest)
    for time_ms in program.times(-(-fills // BURST)):
        story.agenda.at(time_ms, program.order)
    if story.profile.wallet_per_asset:
        story.agenda.at(story.when(1187.8), program.open_wallets)
