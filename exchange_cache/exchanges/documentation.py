"""Writes ``docs/policies.md`` from the policies: what every exchange serves, how its pages follow,
and what is not available.

``python -m exchange_cache.exchanges.documentation > docs/policies.md``; a test compares the file
with the policies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

from exchange_cache.adapter.meanings import Meaning
from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    FanOut,
    IdPaging,
    NumberPaging,
    ObservedPaging,
    OffsetPaging,
    OnePage,
    Paging,
    StreamPolicy,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.adapter.witnesses import is_witness
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.exchanges.documented_archives import archive_lines
from exchange_cache.records import FillKind

_INTRODUCTION = """# What each exchange serves

This file is generated from the policies in `exchange_cache/exchanges/`:
`python -m exchange_cache.exchanges.documentation > docs/policies.md`.

Every history is requested in *windows* of time, oldest or newest first, and inside a window page by
page. A window is covered only when all of its pages were read; time beyond the *retention* is
recorded as out of retention, not as covered. A history that needs a *symbol* is requested for every
symbol that balances, transfers, fills and orders name, and little by little for all others.
A run that requests a history requests its last hour again, and once a day the *settling time*,
three days, in which rows may still appear, change or be taken back.

*When* says which runs request a history: every one; or those in which balances, open orders or
positions (of a symbol: of its assets) differ from the run before, the one after, and one a day. In
between, its coverage ends where it was read last. A window counts as empty where the answer says
so, in the way that is stated for each exchange; the first window of a history without any row is
requested twice, because nothing else would notice that it was wrong.

*Everything* means that the exchange states no limit. Methods are those of ccxt: implicit ones
(`privateGetMyTrades`) are the exchange's own endpoints.

Past prices are read from public candles of spot markets: of the hour, else of the day, else of the
week.

What an account may hold or record that excache does not read is listed as *not read*; `account
check` repeats it.

A row that names a market outside the exchange's list (delisted, expired, or new) is read by what
the exchange's ids say. Where they leave open what the market is, or what one contract is, the row
is kept as it was sent and counts as nothing until that is known; a finding names such markets.

Below the histories stand the words by which an exchange's ledgers call their rows, with the kind
that each means: of a trade or a convert, which the fills report; *in another list*, which another
history reports and this one leaves out; or the kind of the transfer. A row whose word is not listed
is kept as *unclassified*, under its word: it is no deposit, no withdrawal and no income.

An exchange without a section here gets a generic policy; `account add`, `account check`, `account
list` and `status` call it generic. At the first sync, and at `account check`, up to a dozen small
requests per history observe how the exchange serves it: whether a start, an end, a limit and a
symbol are honoured, how many rows a page has and from which end it is filled, how wide a window may
be, and whether rows have ids of their own. The walk follows what was seen. It is observed again
when ccxt or the policy changes, or when an answer contradicts it.

Coverage is therefore *graded*, in `status --coverage`, `explain` and their JSON: `proven`, by a
policy with a section here, whose totals, ids or cursors close; `observed`, where requests showed
that the walk reaches every row; `assumed`, where none could show that, as for a history without a
row. Where an exchange serves only its newest rows, coverage begins at the oldest of a full page,
and the finding `newest_rows_only` says so. An exchange without fills is read by its orders, each of
which counts as one fill at its average price.
"""

_HISTORY_HEAD = (
    "| data | scope | method | paging | window | retention | symbol | when | source"
    " |\n|---|---|---|---|---|---|---|---|---|"
)
_WORDS_HEAD = "| words of | mean | words |\n|---|---|---|"
_STATE_HEAD = "| what | where | method | source |\n|---|---|---|---|"


def policies_table() -> str:
    """The whole file."""
    parts = [
        _INTRODUCTION,
        *(_section(module, sorted(ids)) for module, ids in sorted(_editions().items())),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _editions() -> dict[str, list[str]]:
    """Module -> the ccxt ids that share it."""
    found: dict[str, list[str]] = {}
    for exchange, module in MODULES.items():
        found.setdefault(module, []).append(exchange)
    return found


def _grammar(policy: ExchangePolicy) -> str:
    """What the ids of an exchange say, as its grammar states it."""
    return " ".join((policy.grammar.__doc__ or "").split())


def _section(module: str, ids: list[str]) -> str:
    policy = policy_for(module)
    also = [name for name in ids if name != module]
    names = f"`{module}`" + (f" (also {', '.join(f'`{name}`' for name in also)})" if also else "")
    lines = [
        f"## {policy.title}",
        "",
        f"{names}. {' '.join(policy.guarantee.split())}",
        "",
        f"Not read: {'; '.join(policy.not_read)}.",
        "",
        f"Ids of markets that are not listed: {_grammar(policy)}",
        "",
        f"An empty window is proven by {_emptiness(policy)}.",
        "",
        _HISTORY_HEAD,
        *(_history(policy, stream) for stream in policy.streams),
        "",
        *archive_lines(policy),
        *_words(policy),
        _STATE_HEAD,
        *_states(policy),
    ]
    return "\n".join(lines)


def _history(policy: ExchangePolicy, stream: StreamPolicy) -> str:
    cells = (
        stream.data_type.value,
        stream.scope,
        f"`{stream.method}`",
        _paging(stream),
        _window(stream.window),
        _retention(stream),
        "yes" if stream.needs_symbol else "no",
        _when(policy, stream),
        _joined(stream.note, stream.source),
    )
    return _row(*cells)


def _words(policy: ExchangePolicy) -> Iterator[str]:
    """The words of each table and their kinds; histories with the same table stand together."""
    scopes: dict[tuple[tuple[str, Meaning], ...], list[str]] = {}
    for stream in policy.streams:
        if stream.meanings:
            scopes.setdefault(tuple(stream.meanings.items()), []).append(stream.scope)
    if not scopes:
        return
    yield _WORDS_HEAD
    for table, names in scopes.items():
        for meaning in dict.fromkeys(meaning for _, meaning in table):
            listed = ", ".join(f"`{word}`" for word, found in table if found == meaning)
            yield _row(", ".join(names), _meaning(meaning), listed)
    yield ""


def _meaning(meaning: Meaning) -> str:
    words = meaning.kind.value
    if isinstance(meaning.kind, FillKind):
        return f"{words}, in the fills"
    if meaning.elsewhere:
        return f"{words}, in another list"
    if meaning.outgoing is not None:
        words += f"; {meaning.outgoing.value} where it leaves"
    return words if meaning.outside is None else f"{words}, with {meaning.outside}"


def _paging(stream: StreamPolicy) -> str:
    words = _paging_words(stream.paging)
    if isinstance(stream.paging, OnePage) and stream.page_size:
        words = f"one page; {stream.page_size} rows: the window is halved"
    return words if stream.fan_out is None else f"{words}; {_fan(stream.fan_out)}"


def _fan(fan: FanOut) -> str:
    return f"once per {fan.field} of `{fan.method}`"


def _paging_words(paging: Paging) -> str:
    match paging:
        case OnePage():
            return "one page"
        case CursorPaging():
            return f"cursor `{paging.param}`" + _stop(paging.stop_field)
        case OffsetPaging():
            return f"offset `{paging.param}`" + _stop(paging.stop_field)
        case NumberPaging():
            return f"page number `{paging.param}`" + _stop(paging.stop_field)
        case IdPaging():
            way = "by id backward" if paging.backward else "by id forward"
            return (
                f"{way} `{paging.param}`"
                + (", whole history" if paging.whole_history else "")
                + _stop(paging.stop_field)
            )
        case TimePaging():
            return f"by time {'backward' if paging.backward else 'forward'} (`{paging.field}`)"
        case ObservedPaging():
            return "as it was observed"


def _stop(field: str | None) -> str:
    return f", until `{field}` is before the window" if field else ""


def _window(window: timedelta | None) -> str:
    return "any" if window is None else _span(window)


def _retention(stream: StreamPolicy) -> str:
    if stream.newest_rows is not None:
        return f"the newest {stream.newest_rows:,} rows"
    asked = "everything" if stream.retention is None else _span(stream.retention)
    return asked if stream.proven is None else f"{asked}, complete for {_span(stream.proven)}"


def _when(policy: ExchangePolicy, stream: StreamPolicy) -> str:
    if is_witness(policy, stream):
        return "every run"
    times = [time for time in (stream.retention, stream.forgets) if time is not None]
    if not times or min(times) // 2 > timedelta(days=1):
        return "moved, daily"
    hours = min(times) // timedelta(hours=2) - 1
    return "every run" if hours < 1 else f"moved, every {hours} h"


def _emptiness(policy: ExchangePolicy) -> str:
    """What an answer says where a window has no row, per kind of answer."""
    scopes: dict[str, list[str]] = {}
    for stream in policy.streams:
        scopes.setdefault(_empty(stream), []).append(f"{stream.data_type.value} {stream.scope}")
    *few, (usual, _) = sorted(scopes.items(), key=lambda item: len(item[1]))
    named = [f"{words} ({', '.join(names)})" for words, names in few]
    return "; ".join([*named, f"otherwise {usual}" if few else usual])


def _empty(stream: StreamPolicy) -> str:
    path = stream.rows.removesuffix("?")
    if path == "*":
        listed = "an answer without rows"
    elif not path:
        listed = "an empty list"
    else:
        missing = " or missing" if stream.rows.endswith("?") or stream.null_is_empty else ""
        listed = f"`{path}` being empty{missing}"
    paging = stream.paging
    stated = [getattr(paging, name, "") for name in ("total", "pages") if getattr(paging, name, "")]
    if stated:
        return f"{listed} and `{stated[0]}` stating no row"
    if isinstance(paging, CursorPaging):
        return f"{listed} and `{paging.path}` naming no further page"
    return listed


def _span(span: timedelta) -> str:
    """Whole days; just under a day counts as that day."""
    days = round(span / timedelta(days=1))
    return "1 day" if days == 1 else f"{days} days"


def _states(policy: ExchangePolicy) -> Iterator[str]:
    for wallet in policy.wallets:
        yield _row(
            "balances",
            wallet.name,
            f"`{wallet.method}`",
            _joined(_of_wallet(wallet), wallet.source),
        )
    for name, calls in (
        ("positions", policy.positions),
        ("open orders", policy.open_orders),
        ("prices", policy.tickers),
    ):
        for call in calls:
            yield _row(
                name,
                _of_call(call),
                f"`{call.method}`",
                _joined("per symbol" if call.needs_symbol else "", call.source),
            )
    if policy.candles.resolutions:
        yield _row("candles", "spot", "`fetch_ohlcv`", _candles(policy.candles))


def _candles(candles: CandlePolicy) -> str:
    """Which widths, and how many of the newest."""
    names = {"1h": "hours", "1d": "days", "1w": "weeks"}
    widths = ", ".join(names[name] for name in candles.resolutions)
    limit = "" if candles.newest is None else f": the newest {candles.newest:,} of each"
    return _joined(widths + limit, candles.source)


def _of_wallet(wallet: WalletPolicy) -> str:
    return "contains the unrealised result of positions" if wallet.includes_unrealised else ""


def _of_call(call: CallPolicy) -> str:
    named = [
        str(value)
        for key, value in sorted(call.params.items())
        if key in {"settle", "settleCoin", "productType", "code", "currency"}
    ]
    return " ".join([call.category, *([call.scope] if call.scope else named)])


def _joined(note: str, source: str) -> str:
    return "; ".join(part for part in (note, source) if part)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(policies_table())
