"""Replaces what identifies a user in the round trips of a recording: pure, one random source.

- Answers to public requests stay as they are; their words are those of the exchange.
- Ids, addresses, names, notes and any unknown text become others of the same shape, the same
  original always the same one (``aliases``). Texts stay if they are words of the exchange: of its
  public answers, or of the program that reads it.
- Amounts are multiplied by one secret factor, exactly: cost = price x amount still holds to the
  digit. Prices, rates and times stay. Where the name of a field says nothing (``fields``), a number
  with a fraction counts as an amount, and a long whole number as an id.

Rows that are lists without names keep nothing but times and short whole numbers.

The factor hides amounts from a glance. Who knows one true amount can compute the others; prices and
times stay true. The summary of the command says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from exchange_cache.adapter.wire import RoundTrip
from exchange_cache.money import EXACT
from exchange_cache.recording import exact_json
from exchange_cache.recording.aliases import UUID, Aliases
from exchange_cache.recording.fields import (
    Kind,
    is_cursor,
    is_flag,
    is_time,
    kind_of_parent,
    number_kind,
    text_kind,
)

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_CODE = re.compile(
    rf"(?!{UUID})(?!.*\d{{7}})(?!.*[0-9a-f]{{16}})[A-Za-z0-9@][A-Za-z0-9._:/@-]{{0,39}}"
)
_WORD = re.compile(r"(?!.*\d{4})[A-Za-z][\w ()-]{0,40}")
_NAME = re.compile(r"(?!.*\d{4})[A-Za-z_$][A-Za-z0-9_.$]{0,60}")
_LETTERS = re.compile(r"[A-Za-z_]+")
_PIECE = re.compile(
    rf"""(?P<mail>[\w.+-]+@[\w-]+(\.[\w-]+)+)|(?P<ip>\d+\.\d+\.\d+\.\d+)|(?P<uuid>{UUID})
    |(?P<escape>%[0-9A-Fa-f]{{2}})|(?P<decimal>(?<!\w)\d+\.\d+(?!\w))|(?P<run>[^\W_]+)""",
    re.VERBOSE,
)
#: Digits that are too short to identify anything, and may be a flag or a page.
SHORT = 4
#: Secrets from this length on are searched in every text; shorter ones may be words of answers.
LONG_SECRET = 8
_EPOCH_MS = 1_230_768_000_000  # 2009
_TWO_YEARS_MS = 2 * 366 * 86_400_000


@dataclass(slots=True)
class Tally:
    """What was replaced, for the header and the summary."""

    ids: int = 0
    texts: int = 0
    amounts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguised:
    """Round trips that may be shown; ``answer`` is JSON, or None where the body was none."""

    trip: RoundTrip
    answer: Any
    private: bool


@dataclass(slots=True)
class Disguise:
    """Replaces in all round trips of one recording.

    ``words`` are those of the program that reads the exchange, ``secrets`` the credentials.
    """

    random: Random
    words: Collection[str]
    secrets: Collection[str]
    now_ms: int
    tally: Tally = field(default_factory=Tally)
    _aliases: Aliases = field(init=False)
    _factor: Decimal = field(init=False)
    _known: set[str] = field(default_factory=set)  # the exchange's public words
    _noting: bool = True

    def __post_init__(self) -> None:
        self._aliases = Aliases(self.random)
        self._factor = Decimal(self.random.choice([n for n in range(2001, 10_000) if n % 10]))
        self._factor = EXACT.multiply(self._factor, Decimal("0.0001"))

    def all(self, trips: Sequence[RoundTrip]) -> tuple[Disguised, ...]:
        """The round trips with everything replaced, in their order."""
        parsed = [(trip, _json(trip.body), self._is_private(trip)) for trip in trips]
        for _, answer, private in parsed:
            if not private:
                self._known.update(_public_words(answer))
        for walk in (self._note_answers, self._note_params):
            walk(parsed)
        self._noting, self.tally = False, Tally()
        made = tuple(self._one(trip, answer, private) for trip, answer, private in parsed)
        self.tally.ids = sum(1 for one in self._aliases.originals if not one.isalpha())
        self.tally.texts = len(self._aliases.originals) - self.tally.ids
        return made

    def _note_answers(self, parsed: Iterable[tuple[RoundTrip, Any, bool]]) -> None:
        for _, answer, private in parsed:
            if private:
                self._value("", answer)

    def _note_params(self, parsed: Iterable[tuple[RoundTrip, Any, bool]]) -> None:
        for trip, _, private in parsed:
            if private:
                self._params(trip.params)

    def _one(self, trip: RoundTrip, answer: Any, private: bool) -> Disguised:
        if private:
            answer = self._value("", answer)
        params = self._params(trip.params) if private else dict(trip.params)
        path = trip.path
        for name in trip.placeholders:
            before, after = str(trip.params.get(name, "")), str(params.get(name, ""))
            path = "/".join(after if part == before else part for part in path.split("/"))
        shown = RoundTrip(
            at_ms=trip.at_ms,
            endpoint=trip.endpoint,
            host=trip.host,
            path=path,
            params=params,
            status=trip.status,
            date=trip.date,
            body=None,
        )
        return Disguised(trip=shown, answer=answer, private=private)

    def _is_private(self, trip: RoundTrip) -> bool:
        section = trip.endpoint.split(" ")[1].lower()
        named = {str(value) for value in trip.params.values()} & set(self.secrets)
        return "public" not in section or bool(named)

    # --- one value --------------------------------------------------------------------------------

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._cursor(name, value)
            if is_cursor(name) and isinstance(value, str | int) and self._is_time(str(value))
            else value
            if _is_whole(value) and number_kind(name) is Kind.AMOUNT  # a size of pages
            else self._value(name, value)
            for name, value in params.items()
        }

    def _cursor(self, name: str, value: str | int) -> Any:
        """A cursor is a time unless an answer has it as an id."""
        return self._value(name, value) if self._aliases.knows(str(value)) else value

    def _value(
        self, name: str, node: Any, *, beside_rows: bool = False, in_row: bool = False
    ) -> Any:
        if isinstance(node, Mapping):
            rows = any(isinstance(value, list) for value in node.values())
            return {
                self._key(key): self._value(
                    kind_of_parent(name, key), value, beside_rows=rows, in_row=in_row
                )
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [
                self._value(name, item, in_row=in_row or isinstance(item, Mapping)) for item in node
            ]
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, str):
            return self._text(name, node, in_row)
        if isinstance(node, int) and beside_rows and number_kind(name) is Kind.AMOUNT:
            return node  # the number of rows
        made = self._number(name, f"{node:f}" if isinstance(node, Decimal) else str(node))
        return int(made) if re.fullmatch(r"-?\d+", made) else Decimal(made)

    def _key(self, key: str) -> str:
        """The name of a field stays; the ids that some answers file their rows under do not."""
        is_name = key in self.words or key in self._known or _NAME.fullmatch(key)
        return key if is_name else self._pieces(key, self._unknown)

    def _text(self, name: str, text: str, in_row: bool) -> str:
        if not text:
            return text
        if any(secret in text for secret in self.secrets if len(secret) >= LONG_SECRET):
            return self._pieces(text, self._hidden)
        if _NUMBER.fullmatch(text):
            return self._number(name, text)
        inner = _json(text) if text[0] in "{[" else None
        if isinstance(inner, dict | list):
            return exact_json.dumps(self._value(name, inner, in_row=in_row))
        kind = text_kind(name)
        if kind is Kind.PERSONAL or (kind is Kind.MESSAGE and in_row):
            return self._pieces(text, self._hidden)
        if kind is Kind.MESSAGE:
            return self._pieces(text, self._hidden_digits)
        if _MOMENT.fullmatch(text) and kind is not Kind.ID:
            return text
        if (kind is Kind.MARKET and _CODE.fullmatch(text)) or (
            kind is Kind.WORD and _WORD.fullmatch(text)
        ):
            return text
        if self._is_word(text):
            return text
        return self._pieces(text, self._unknown)

    def _is_word(self, text: str) -> bool:
        """Whether the exchange or the program uses this text; digits are no word."""
        return (text in self._known or text in self.words) and not text.isdecimal()

    def _number(self, name: str, text: str) -> str:
        kind = number_kind(name)
        if kind is Kind.UNKNOWN and name in self._known and name.isupper():
            kind = Kind.AMOUNT  # balances by currency
        digits = text.lstrip("+-")
        if not digits.strip("0.") or kind is Kind.PRICE:
            return text
        if not digits.isdecimal():
            may_be_time = kind in {Kind.TIME, Kind.UNKNOWN} or is_time(name)
            return text if may_be_time and self._is_time(digits) else self._scaled(text)
        if is_time(name) and kind is not Kind.ID and self._is_time(digits):
            return text
        if kind is Kind.AMOUNT:
            return self._scaled(text)
        known = self._aliases.knows(digits) and not is_flag(name)  # 1121 is a code, and some id
        if kind in {Kind.ID, Kind.PERSONAL} or known:
            return text.replace(digits, self._id(digits))
        is_kept = kind is not Kind.UNKNOWN or len(digits) <= 5 or self._is_time(digits)
        return text if is_kept else text.replace(digits, self._id(digits))

    def _is_time(self, text: str) -> bool:
        """Whether a number is a plausible time in seconds, ms, µs or ns."""
        whole = text.partition(".")[0]
        if not whole.isdecimal():
            return False
        number = int(whole)
        return any(
            _EPOCH_MS <= number * 1000 // unit <= self.now_ms + _TWO_YEARS_MS
            for unit in (1, 1000, 10**6, 10**9)
        )

    def _scaled(self, text: str) -> str:
        self.tally.amounts += 1
        return f"{EXACT.multiply(Decimal(text), self._factor):f}"

    # --- pieces of a text -------------------------------------------------------------------------

    def _pieces(self, text: str, replaced: Callable[[str], str]) -> str:
        def piece(found: re.Match[str]) -> str:
            kind, original = found.lastgroup, found[0]
            if kind == "escape":
                return original
            if kind == "decimal":  # "sell 2.5 @ limit 108.51"
                is_price = " @ " in text[: found.start()]
                return original if is_price else self._scaled(original)
            if kind in {"mail", "ip", "uuid"}:
                return self._alias(original)
            return replaced(original)

        return _PIECE.sub(piece, text)

    def _hidden(self, run: str) -> str:
        return self._alias(run)

    def _unknown(self, run: str) -> str:
        if run.isdecimal() and len(run) < SHORT:
            return run
        if (
            run.isdecimal()
            and len(run) >= 13
            and self._is_time(run)
            and not self._aliases.knows(run)
        ):
            return run  # part of a cursor
        return run if self._is_word(run) else self._alias(run)

    def _id(self, digits: str) -> str:
        return digits if len(digits) < SHORT else self._alias(digits)

    def _hidden_digits(self, run: str) -> str:
        """Words of a message stay, and the numbers of errors."""
        short = run.isdecimal() and len(run) <= 6
        return run if short or _LETTERS.fullmatch(run) else self._alias(run)

    def _alias(self, original: str) -> str:
        if self._noting:
            self._aliases.note(original)
            return original
        return self._aliases.of(original)


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdecimal()


def _json(text: str | None) -> Any:
    try:
        return None if text is None else exact_json.loads(text)
    except ValueError:
        return None


def _public_words(node: Any) -> Iterable[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield key
            yield from _public_words(value)
    elif isinstance(node, list):
        for item in node:
            yield from _public_words(item)
    elif isinstance(node, str) and len(node) <= 40 and not _NUMBER.fullmatch(node):
        yield node
