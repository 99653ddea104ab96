"""Replaces ids by others of the same shape: the same original always gets the same alias.

Two passes: ``note`` every original first, then ask ``of``. Ids of digits are shifted, and so are
ids of hex digits that lie near each other (they contain a time): their order and their distances
stay, so that a cursor ``last id + 1`` stays one. Where their range leaves no room, they keep their
order alone. All others get random characters of the same kinds. Nothing here knows fields or JSON.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from random import Random

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_HEX = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}")
_DIGITS = re.compile(r"[1-9][0-9]*")
_PREFIX = re.compile(r"0[xX]")
#: How often a random choice is repeated that meets an original.
_TRIES = 200
#: A range with fewer free places than this would give a shift away.
_ROOM = 100


class Aliases:
    """The aliases of one recording."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.originals: dict[str, None] = {}
        self._made: dict[str, str] | None = None

    def note(self, original: str) -> None:
        """Remember an original of the recording."""
        self.originals[original] = None

    def knows(self, text: str) -> bool:
        return text in self.originals

    def __len__(self) -> int:
        return len(self.originals)

    def of(self, original: str) -> str:
        """The alias of a noted original; KeyError for any other."""
        if self._made is None:
            self._made = self._make()
        return self._made[original]

    def _make(self) -> dict[str, str]:
        made: dict[str, str] = {}
        groups: dict[tuple[int, int], list[str]] = {}
        for original in self.originals:
            base = 10 if _DIGITS.fullmatch(original) else 16 if _HEX.fullmatch(original) else 0
            if base:
                groups.setdefault((base, len(original)), []).append(original)
        for (base, length), members in groups.items():
            made.update(self._ordered(base, length, members))
        taken = set(made.values())
        for original in self.originals:
            if original not in made:
                made[original] = self._free(original, taken)
                taken.add(made[original])
        return made

    def _ordered(self, base: int, length: int, members: list[str]) -> Mapping[str, str]:
        """Aliases in the order of the originals; none for hex ids that are spread at random."""
        numbers = sorted({int(member, base) for member in members})
        low = base ** (length - 1) if base == 10 else 0
        high = base**length - 1
        shifted = self._shifted(numbers, low, high)
        if shifted is None and base == 16:
            return {}
        aliases = shifted or self._ranked(numbers, low, high)
        return {
            member: _written(aliases[int(member, base)], base, length, member.isupper())
            for member in members
        }

    def _shifted(self, numbers: list[int], low: int, high: int) -> dict[int, int] | None:
        """All numbers moved by one distance into places that no original takes."""
        down, up = numbers[0] - low - 1, high - 1 - numbers[-1]
        if down + up < max(_ROOM, numbers[-1] - numbers[0]):
            return None
        known = set(numbers)
        for _ in range(_TRIES):
            by = self._random.randint(-max(0, down), max(0, up))
            if by and not any(number + by in known for number in numbers):
                return {number: number + by for number in numbers}
        return None

    def _ranked(self, numbers: list[int], low: int, high: int) -> dict[int, int]:
        """Random numbers in the same order, free ones where there are enough."""
        known = set(numbers)
        if high - low + 1 >= 3 * len(numbers):
            chosen: set[int] = set()
            while len(chosen) < len(numbers):
                number = self._random.randint(low, high)
                if number not in known:
                    chosen.add(number)
        else:
            chosen = set(self._random.sample(range(low, high + 1), len(numbers)))
        return dict(zip(numbers, sorted(chosen), strict=True))

    def _free(self, original: str, taken: set[str]) -> str:
        for attempt in range(_TRIES * 10):
            alias = self._random_like(original) + "x" * (attempt // _TRIES)
            if alias not in taken and alias not in self.originals:
                return alias
        raise ValueError("there are too many ids of one shape")

    def _random_like(self, original: str) -> str:
        prefix = original[:2] if _PREFIX.match(original) else ""
        rest = original[len(prefix) :]
        is_hex = len(rest) >= 8 and set(rest) <= set(string.hexdigits + "-")
        return prefix + "".join(self._like(one, is_hex) for one in rest)

    def _like(self, one: str, is_hex: bool) -> str:
        if one.isdecimal() and not is_hex:
            return self._random.choice(string.digits)
        if is_hex and one != "-":
            return self._random.choice("0123456789ABCDEF" if one.isupper() else "0123456789abcdef")
        if one.isupper():
            return self._random.choice(string.ascii_uppercase)
        return self._random.choice(string.ascii_lowercase) if one.isalpha() else one


def _written(number: int, base: int, length: int, upper: bool) -> str:
    text = f"{number:0{length}d}" if base == 10 else f"{number:0{length}x}"
    return text.upper() if upper else text
