"""KuCoin's file of the results of closed positions, the only one that states futures.

A row is a position that was closed, with what it changed the balance by; its fills are in no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange_cache.adapter.meanings import Meaning
from exchange_cache.exchanges.file_records import Ids, market_in, moved, unknown_market
from exchange_cache.exchanges.file_rows import cell, column, moment, needed, number, required
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, TransferKind
from exchange_cache.statements.table import FileContext, Found, LeftOut, Row, Stated, Table, Zone


def results(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """What each position realised less its trading fees, in what its contract settles in. Realized
    PNL is net of both fees; funding is a history of the API, payment by payment.

    https://www.kucoin.com/docs-new/rest/futures-trading/positions/get-positions-history (``pnl`` is
    the result less ``tradeFee`` and with ``fundingFee``, negative where it was paid).
    """
    at, ids = column(context, "*Position Closing Time(UTC*)"), Ids()
    for row in rows:
        market_id = needed(row, "Symbol")
        market = market_in(context, "futures", market_id, "linear")
        if market is None:
            yield unknown_market(row.line, market_id)
            continue
        net = EXACT.subtract(required(row, "Realized PNL"), number(row, "Total Funding Fees"))
        if not net:
            yield LeftOut(line=row.line, reason="changes no balance")
            continue
        time, asset, word = moment(row, at, context.zone), str(market["settle"]), _word(row)
        record = moved(
            context,
            "positions",
            transfer_id=ids.of(time, market_id, word, net),
            meaning=Meaning(kind=TransferKind.SETTLEMENT),
            time=time,
            asset=asset,
            amount=net,
            word=word,
            wallet="futures",
            symbol=str(market["symbol"]),
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def _word(row: Row) -> str:
    return cell(row, "Close Type") or "closed position"


TABLE = Table(
    exchange="kucoin",
    name="realised results of futures",
    edition="2023",
    columns=(
        *("UID", "Account Type", "Symbol", "Close Type", "Realized PNL", "Total Realized PNL"),
        *("Total Funding Fees", "Total Trading Fees", "Position Opening Time(UTC*)"),
        "*Position Closing Time(UTC*)",
    ),
    zone=Zone.HEADER,
    covers=(DataType.TRANSFERS,),
    wallets=("futures-btc", "futures-usdc", "futures-usdt"),
    scopes=("positions",),
    read=results,
    page="KuCoin Data & Report Service (https://www.kucoin.com/support/44932890985625)",
    source="BittyTax conv/parsers/kucoin.py (a comma stands before a name in one header)",
)
