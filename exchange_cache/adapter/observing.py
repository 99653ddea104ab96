"""How an exchange serves a history, as far as a handful of answers show: pure decisions.

ccxt describes its exchanges in general terms, and about half of them ignore what a request says of
its end. So nothing is taken for granted where nobody reviewed an exchange. ``next_question`` says
what to ask next, ``concluded`` what the answers show, and ``followed`` makes the walk follow it.
Each question is one whose answer differs with the fact: a start in the middle of known rows shows
whether a start is honoured, and a limit below their number shows from which end a page is filled.
An answer that could not differ shows nothing, and what it leaves open is *assumed*.

Nothing is asked here: the adapter sends the questions, and the sync keeps the conclusion.
"""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.adapter.looks import Asked, Frame, Look, Question, SeenRow
from exchange_cache.adapter.observation import (
    HONOURED,
    IGNORED,
    MISSING,
    NEWEST,
    OLDEST,
    REFUSED,
    REPEATED,
    REQUIRED,
    UNIQUE,
    UNKNOWN,
    Observation,
)
from exchange_cache.adapter.paging_rules import CLOSE_MS

DAY_MS = 86_400_000
#: How far back is asked, one after the other, where an answer about everything is empty or refused.
RUNGS_DAYS = (365, 90, 30, 7, 1)

RECENT, PLAIN, WHOLE = "the newest rows", "the newest rows, no limit", "everything"
FROM, UNTIL, FEW = "from a time on", "until a time", "a few"
WIDE, PAST = "everything until now", "a window in the past"


# --- what to ask ----------------------------------------------------------------------------------


def next_question(frame: Frame, asked: Asked) -> Question | None:
    """What to ask next; None when the answers show all that a few requests can."""
    if any(look.needs_symbol for look in asked.answers()):
        return None
    for ask in _QUESTIONS:
        question = ask(frame, asked)
        if question is not None and question.purpose not in asked.looks:
            return question
    return None


def _recent(frame: Frame, asked: Asked) -> Question:
    return Question(purpose=RECENT, limit=frame.limit)


def _plain(frame: Frame, asked: Asked) -> Question | None:
    return Question(purpose=PLAIN) if asked[RECENT].refusal is not None else None


def _whole(frame: Frame, asked: Asked) -> Question:
    return Question(purpose=WHOLE, since_ms=frame.start_ms, limit=_limit(frame, asked))


def _nearer(frame: Frame, asked: Asked) -> Question | None:
    """From ever nearer times on, until there is an answer: a window may be too wide, and the
    answer then empty."""
    if asked[WHOLE].rows or not (frame.thorough or _newest(asked).rows):
        return None
    for length in _rungs(frame):
        since = frame.now_ms - length
        purpose = _rung(length)
        if purpose not in asked.looks:
            return Question(purpose=purpose, since_ms=since, limit=_limit(frame, asked))
        if asked[purpose].rows:
            return None
    return None


def _from(frame: Frame, asked: Asked) -> Question | None:
    times = _known(frame, asked).times
    if not times:
        return None
    middle = times[len(times) // 2]
    shows = times[0] < middle - CLOSE_MS
    since = middle if shows else times[-1] + 2 * CLOSE_MS
    return Question(purpose=FROM, since_ms=since, limit=_limit(frame, asked))


def _until(frame: Frame, asked: Asked) -> Question | None:
    times = _base(frame, asked).times
    if not times:
        return None
    middle = times[(len(times) - 1) // 2]
    shows = times[-1] > middle + CLOSE_MS
    until = middle if shows else times[0] - 2 * CLOSE_MS
    since = None
    if _since(frame, asked) == HONOURED:
        since = _base_since(asked) if shows else until - DAY_MS
    return Question(purpose=UNTIL, since_ms=since, until_ms=until, limit=_limit(frame, asked))


def _few(frame: Frame, asked: Asked) -> Question | None:
    base = _base(frame, asked)
    if len(base.rows) < 2 or asked[RECENT].refusal is not None:
        return None
    since = _base_since(asked) if _since(frame, asked) == HONOURED else None
    return Question(purpose=FEW, since_ms=since, limit=len(base.rows) // 2)


def _wide(frame: Frame, asked: Asked) -> Question | None:
    """Start and end together, where the walk needs both."""
    needed = (
        _since(frame, asked) == HONOURED
        and _bound_of_until(frame, asked) == HONOURED
        and _order(frame, asked) != OLDEST
        and _window(frame, asked) is None
    )
    if not needed:
        return None
    return Question(
        purpose=WIDE,
        since_ms=frame.start_ms,
        until_ms=frame.now_ms,
        limit=_limit(frame, asked),
    )


def _past(frame: Frame, asked: Asked) -> Question | None:
    """A window that ends long ago, where one that reaches from long ago to now is not answered."""
    window = _window(frame, asked)
    times = [time for look in asked.answers() for time in look.times]
    if window is None or not times:
        return None
    ends = _bound_of_until(frame, asked) == HONOURED
    since = min(times) - window // 2
    if since > frame.now_ms - window:
        return None  # it would lie in the window that was answered
    return Question(
        purpose=PAST,
        since_ms=since,
        until_ms=min(times) + 2 * CLOSE_MS if ends else None,
        limit=_limit(frame, asked),
    )


_QUESTIONS: tuple[Callable[[Frame, Asked], Question | None], ...] = (
    _recent,
    _plain,
    _whole,
    _nearer,
    _from,
    _until,
    _few,
    _wide,
    _past,
)


# --- what the answers show ------------------------------------------------------------------------


def concluded(frame: Frame, asked: Asked) -> Observation:
    """What all answers together show."""
    rows = [row for look in asked.answers() for row in look.rows]
    times = {row.time_ms for row in rows}
    window = _window(frame, asked)
    return Observation(
        since=_since(frame, asked),
        until=_bound_of_until(frame, asked),
        limit=_bound_of_limit(frame, asked),
        symbol=_symbol(frame, asked),
        order=_order(frame, asked),
        ids=_ids(rows),
        cap=_cap(asked, times),
        page=_page(frame, asked),
        most=max((len(look.rows) for look in asked.answers()), default=0),
        window_ms=window if rows or frame.symbol else frame.window_ms,
        past=_reach(asked),
        wide=WIDE in asked.looks and bool(asked[WIDE].rows),
        requests=len(asked.looks),
    )


def refusal(asked: Asked) -> str | None:
    """What the exchange said where it refused every question; None where it answered any."""
    found = [look.refusal for look in asked.answers()]
    return found[0] if found and all(said is not None for said in found) else None


def _limit(frame: Frame, asked: Asked) -> int | None:
    return None if asked[RECENT].refusal is not None else frame.limit


def _page(frame: Frame, asked: Asked) -> int | None:
    return None if _bound_of_limit(frame, asked) in {IGNORED, REFUSED} else frame.limit


def _newest(asked: Asked) -> Look:
    return asked[PLAIN] if asked[RECENT].refusal is not None else asked[RECENT]


def _rungs(frame: Frame) -> tuple[int, ...]:
    if frame.window_ms is not None:
        return tuple(dict.fromkeys((frame.window_ms, DAY_MS)))
    return tuple(days * DAY_MS for days in RUNGS_DAYS)


def _rung(length_ms: int) -> str:
    return f"the last {length_ms / DAY_MS:g} days"


def _window(frame: Frame, asked: Asked) -> int | None:
    """The longest window that was answered where one about everything was not; None: any is."""
    if asked[WHOLE].rows:
        return None
    return next((length for length in _rungs(frame) if asked[_rung(length)].rows), None)


def _known(frame: Frame, asked: Asked) -> Look:
    """The rows that a start is tried on: those of the widest window that is answered."""
    window = _window(frame, asked)
    if window is not None:
        return asked[_rung(window)]
    newest = _newest(asked)
    return newest if newest.rows else asked[WHOLE]


def _base(frame: Frame, asked: Asked) -> Look:
    """The rows that an end and a limit are tried on: asked from a time on, where that is
    honoured."""
    honoured = _since(frame, asked) == HONOURED and asked[FROM].rows
    return asked[FROM] if honoured else _known(frame, asked)


def _base_since(asked: Asked) -> int | None:
    return asked.since_of(FROM) if asked[FROM].rows else asked.since_of(WHOLE)


def _since(frame: Frame, asked: Asked) -> str:
    since, look = asked.since_of(FROM), asked[FROM]
    if since is None:
        return REFUSED if asked[WHOLE].refusal is not None else UNKNOWN
    if look.refusal is not None:
        return REFUSED
    if any(time < since - CLOSE_MS for time in look.times):
        return IGNORED
    nothing_expected = since > max(_known(frame, asked).times)
    return HONOURED if look.rows or nothing_expected else REFUSED


def _bound_of_until(frame: Frame, asked: Asked) -> str:
    until, look = asked.until_of(UNTIL), asked[UNTIL]
    if until is None:
        return UNKNOWN
    if look.refusal is not None:
        return REFUSED
    if any(time > until + CLOSE_MS for time in look.times):
        return IGNORED
    nothing_expected = until < min(_base(frame, asked).times)
    return HONOURED if look.rows or nothing_expected else REFUSED


def _bound_of_limit(frame: Frame, asked: Asked) -> str:
    if asked[RECENT].refusal is not None:
        return REFUSED
    if FEW not in asked.looks:
        return UNKNOWN
    if asked[FEW].refusal is not None:
        return REFUSED
    return HONOURED if len(asked[FEW].rows) <= len(_base(frame, asked).rows) // 2 else IGNORED


def _order(frame: Frame, asked: Asked) -> str:
    """Which rows a page has that cannot hold all: the oldest or the newest."""
    few, base = asked[FEW].times, _base(frame, asked).times
    if few and _bound_of_limit(frame, asked) == HONOURED:
        if few[0] == base[0] and few[-1] < base[-1]:
            return OLDEST
        if few[0] > base[0] and few[-1] == base[-1]:
            return NEWEST
    whole, newest = asked[WHOLE].times, _newest(asked).times
    behind = bool(whole and newest) and whole[-1] < newest[-1]
    return OLDEST if behind and _since(frame, asked) == HONOURED else UNKNOWN


def _symbol(frame: Frame, asked: Asked) -> str:
    if any(look.needs_symbol for look in asked.answers()):
        return REQUIRED
    if not frame.symbol or not any(look.rows or look.foreign for look in asked.answers()):
        return UNKNOWN
    return IGNORED if any(look.foreign for look in asked.answers()) else HONOURED


def _cap(asked: Asked, times: set[int]) -> int | None:
    """The rows of the largest page beside which others were seen: one that was full."""
    full = []
    for purpose in (RECENT, PLAIN, WHOLE):
        own = asked[purpose].times
        left_out = own and (min(times) < own[0] if purpose != WHOLE else max(times) > own[-1])
        if left_out:
            full.append(len(own))
    return max(full, default=None)


def _reach(asked: Asked) -> bool | None:
    return bool(asked[PAST].rows) if PAST in asked.looks else None


def _ids(rows: list[SeenRow]) -> str:
    if not rows:
        return UNKNOWN
    if any(row.id is None for row in rows):
        return MISSING
    named = {row.name: row.id for row in rows}
    of_orders = all(row.id == row.order for row in rows)
    return REPEATED if of_orders or len(set(named.values())) < len(named) else UNIQUE
