"""Words and digits of every screen: ages, times, quantities, prices, money, percentages.

The only place that rounds figures (half to even, in Decimal). Unknown is ``-``. What is too small
to show is ``<0.01``, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from exchange_cache.clock import SKEW
from exchange_cache.money import EXACT
from exchange_cache.zones import local, zone_word

UNKNOWN = "-"
QUANTITY_DIGITS = 8

_MONEY_DIGITS = {
    "BTC": 8,
    "XBT": 8,
    "ETH": 6,
    "BNB": 6,
    "SOL": 6,
    "JPY": 0,
    "KRW": 0,
    "IDR": 0,
    "VND": 0,
}
_PRICE_DIGITS = 5  # significant ones
_SIX = Context(prec=6, rounding=ROUND_HALF_EVEN)
_UNITS = ((12, "T"), (9, "B"), (6, "M"))


# --- numbers --------------------------------------------------------------------------------------


def rounded(number: Decimal, digits: int) -> Decimal:
    """The number with exactly ``digits`` decimals, half to even; one that is too large for them as
    it is."""
    if number.is_finite() and number.adjusted() + digits >= EXACT.prec:
        return number
    return number.quantize(Decimal(1).scaleb(-digits), context=EXACT)


def decimals_of(number: Decimal) -> int:
    """How many decimals the number has, without trailing zeros."""
    exponent = number.normalize(EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def fixed(number: Decimal | None, digits: int) -> str:
    """Thousands separators and ``digits`` decimals: ``1,234.50``, ``<0.01``, ``-``."""
    if number is None:
        return UNKNOWN
    near = rounded(number, digits)
    if near == 0 and number != 0:
        smallest = format(Decimal(1).scaleb(-digits), "f")
        return f"<{smallest}" if number > 0 else f">-{smallest}"
    return format(abs(near) if near == 0 else near, ",f")


def signed(number: Decimal | None, digits: int) -> str:
    """Like :func:`fixed`, always with a sign; what rounds to zero has none."""
    if number is None:
        return UNKNOWN
    near = rounded(abs(number), digits)
    sign = "" if near == 0 else "+" if number > 0 else "-"
    return f"{sign}{near:,f}"


def quantity_digits(numbers: Iterable[Decimal | None]) -> int:
    """The precision of a column: the decimals of its longest fraction, at most eight."""
    longest = max((decimals_of(number) for number in numbers if number is not None), default=0)
    return min(QUANTITY_DIGITS, longest)


def quantity(number: Decimal | None) -> str:
    """A quantity in running text, with its own decimals, at most eight."""
    return UNKNOWN if number is None else fixed(number, min(QUANTITY_DIGITS, decimals_of(number)))


def price(number: Decimal | None) -> str:
    """A price with at least five significant digits and two decimals: ``64,010.10``,
    ``0.00001234``."""
    if number is None:
        return UNKNOWN
    if number == 0:
        return "0.00"
    near = rounded(number, max(2, _PRICE_DIGITS - 1 - number.adjusted()))
    return format(rounded(near, max(2, decimals_of(near))), ",f")


def brief(number: Decimal | None) -> str:
    """A quantity with at most six significant digits: ``17.3441``, ``45,147.2``, ``64.0165M``."""
    if number is None:
        return UNKNOWN
    near = _SIX.plus(number)
    for power, unit in _UNITS:
        if near.adjusted() >= power and near:
            return f"{_plain(near.scaleb(-power))}{unit}"
    return _plain(near) if decimals_of(near) <= QUANTITY_DIGITS else fixed(near, QUANTITY_DIGITS)


def rough(number: Decimal) -> str:
    """A quantity beside others, with two or three digits: ``4.3``, ``1,240``, ``0.053``."""
    return brief(
        Context(prec=2 if number.adjusted() < 2 else 3, rounding=ROUND_HALF_EVEN).plus(number)
    )


def _plain(number: Decimal) -> str:
    return format(rounded(number, decimals_of(number)), ",f")


def brief_price(number: Decimal | None) -> str:
    """A price to compare with another: ``41,215.90``, ``0.9997``, ``0.0000107``."""
    if number is None or number == 0 or abs(number) >= 1:
        return price(number)
    size = number.adjusted()
    digits = 3 - size if size >= -3 else max(7, 1 - size)
    near = rounded(number, digits)
    return format(rounded(near, max(4, decimals_of(near)) if size >= -3 else digits), "f")


def change(fraction: Decimal | None) -> str:
    """A change in percent with its sign, without the unit; what rounds to zero has no sign."""
    return percent(fraction, sign=True).removesuffix(" %")


def is_flat(fraction: Decimal | None) -> bool:
    """Whether a change is so small that it is shown as zero."""
    return fraction is not None and rounded(EXACT.multiply(fraction, Decimal(100)), 1) == 0


def money_digits(asset: str) -> int:
    """Decimals of an amount in a reporting asset: more for valuable units, none for small ones."""
    return _MONEY_DIGITS.get(asset, 2)


def money(number: Decimal | None, asset: str) -> str:
    """An amount with its asset: ``128,401.22 USDT``."""
    return UNKNOWN if number is None else f"{fixed(number, money_digits(asset))} {asset}"


def percent(fraction: Decimal | None, digits: int = 1, *, sign: bool = False) -> str:
    """A fraction as a percentage: ``60.0 %``, signed ``+1.2 %``; no decimals from 1,000 %."""
    if fraction is None:
        return UNKNOWN
    hundred = EXACT.multiply(fraction, Decimal(100))
    shown = 0 if abs(hundred) >= 1000 else digits
    return f"{signed(hundred, shown) if sign else fixed(hundred, shown)} %"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 fill``, ``1,204 fills``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


# --- time -----------------------------------------------------------------------------------------


def age(span: timedelta | None) -> str:
    """``34 s``, ``12 min``, ``3 h 12 min``, ``1 d 4 h``, ``12 d``; ``never`` if unknown."""
    if span is None:
        return "never"
    seconds = max(0, span // timedelta(seconds=1))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return _two(seconds // 3600, "h", seconds % 3600 // 60, "min")
    days = seconds // 86400
    return _two(days, "d", seconds % 86400 // 3600, "h") if days == 1 else f"{days:,} d"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit}" if small == 0 else f"{large} {large_unit} {small} {small_unit}"


def short_age(span: timedelta | None) -> str:
    """An age in one unit for narrow columns: ``34 s``, ``12 min``, ``3 h``; ``-`` if unknown."""
    if span is None:
        return UNKNOWN
    seconds = max(0, span // timedelta(seconds=1))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} s"


def ago(span: timedelta) -> str:
    """``just now`` below five seconds, else the age and ``ago``; a future time is an error."""
    if span < -SKEW:
        return "in the future (the clock was ahead)"
    return "just now" if span < timedelta(seconds=5) else f"{age(span)} ago"


def took(span: timedelta | None) -> str:
    """A duration: ``0.4 s``, ``12 s``, ``3 min``; ``-`` if unknown."""
    if span is None:
        return UNKNOWN
    if span >= timedelta(seconds=10):
        return age(span)
    tenths = (span + timedelta(milliseconds=50)) // timedelta(milliseconds=100)
    return f"{tenths // 10}.{tenths % 10} s"


def clock_time(moment: datetime, now: datetime) -> str:
    """``14:03`` for today, ``2026-01-30 14:03`` for any other day of the screens' zone."""
    here = local(moment)
    return f"{here:%H:%M}" if here.date() == local(now).date() else minute(moment)


def zoned_time(moment: datetime, now: datetime) -> str:
    """:func:`clock_time` with its zone: ``14:03 UTC``."""
    return f"{clock_time(moment, now)} {zone_word(moment)}"


def full_time(moment: datetime | None) -> str:
    """``2026-01-31 14:02:51``; ``-`` if unknown."""
    return UNKNOWN if moment is None else f"{local(moment):%Y-%m-%d %H:%M:%S}"


def minute(moment: datetime) -> str:
    """``2026-01-31 14:02``."""
    return f"{local(moment):%Y-%m-%d %H:%M}"


def zoned_minute(moment: datetime) -> str:
    """:func:`minute` with its zone: ``2026-01-31 14:02 UTC``."""
    return f"{minute(moment)} {zone_word(moment)}"


def second_of_day(moment: datetime) -> str:
    """``14:02:51``."""
    return f"{local(moment):%H:%M:%S}"


def day(moment: datetime) -> str:
    """``2026-01-31``, the day in the screens' zone."""
    return f"{local(moment):%Y-%m-%d}"


def month(moment: datetime) -> str:
    """``2026-01``, the month in the screens' zone."""
    return f"{local(moment):%Y-%m}"


def typed(moment: datetime) -> str:
    """A moment as a command takes it in any zone, to the second: ``2026-01-31T14:02Z``."""
    seconds = "" if not moment.second else f":{moment:%S}"
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}{seconds}Z"


# --- sentences ------------------------------------------------------------------------------------


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = list(words)
    return (
        items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
    )


def exchange_name(exchange: str, generic: bool) -> str:
    """The exchange as tables show it; one under the generic policy is marked."""
    return f"{exchange} (generic)" if generic else exchange
