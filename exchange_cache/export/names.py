"""Names that other programs accept, each of which stands for exactly one of ours.

A name that a program accepts stays as it is. Any other is written in a form that no accepted name
has, so that two assets never become one; the exported file states what each stands for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

#: What beancount reads as a currency; one letter is not accepted by all of its versions.
_CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")
#: Words of its grammar that would not be read as a currency.
_RESERVED = frozenset({"TRUE", "FALSE", "NULL"})
_LONGEST = 24
#: Names that begin so are written ones.
_MARK = "X."
#: What means something in a journal of hledger or ledger, beside what cannot be printed.
_SIGNS = frozenset('";:{}[]()@=\\')
#: The beginning of a character that is written as its number.
_NUMBER = re.compile(r"_[0-9A-F]{4}")
_LETTERS = re.compile(r"[A-Za-z]+")


def currency(asset: str) -> str:
    """An asset as a currency of beancount: ``X.1000SATS``, ``X.'S'TETH`` (a lower-case letter has
    an apostrophe before it), ``X._5E01`` (any other character by its number)."""
    accepted = _CURRENCY.fullmatch(asset) and asset not in _RESERVED
    if accepted and not asset.startswith(_MARK):
        return asset
    written = _MARK + "".join(map(_in_capitals, asset))
    if len(written) <= _LONGEST and not written.endswith(("-", "'")):
        return written
    digest = hashlib.sha256(asset.encode()).hexdigest()[:8].upper()
    return f"{written[: _LONGEST - 10]}--{digest}"


def _in_capitals(letter: str) -> str:
    if re.fullmatch(r"[A-Z0-9-]", letter):
        return letter
    if re.fullmatch(r"[a-z]", letter):
        return f"'{letter.upper()}"
    number = f"{ord(letter):X}"
    return f"_{number:0>4}" if len(number) <= 4 else f"__{number:0>6}"


def commodity(asset: str) -> str:
    """An asset as a commodity of hledger and ledger, in quotes unless it is all letters."""
    if _LETTERS.fullmatch(asset) and asset.isascii():
        return asset
    return f'"{_plain(asset)}"'


def part(name: str) -> str:
    """A name as a part of an account of hledger and ledger."""
    return re.sub(" +", " ", _plain(name)).strip() or "_"


def literal(name: str) -> str:
    """A name as a JSON string in which no character means anything to these programs."""
    return '"' + "".join(f"\\u{ord(one):04x}" if _means(one) else one for one in name) + '"'


def _plain(name: str) -> str:
    """A name in which every character that means something is its number."""
    return "".join(
        f"_{ord(one):04X}" if _means(one) or _NUMBER.match(name, place) else one
        for place, one in enumerate(name)
    )


def _means(letter: str) -> bool:
    return letter in _SIGNS or not letter.isprintable()


def component(name: str) -> str:
    """A name as a part of an account of beancount: it begins with a capital or a digit, and has no
    characters but letters, digits and hyphens."""
    text = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
    return (text[:1].upper() + text[1:]) or "X"


class Parts:
    """The parts of accounts that were written: a second name of one spelling gets a number."""

    def __init__(self, written: Callable[[str], str]) -> None:
        self._written = written
        self._parts: dict[str, str] = {}
        self._used: set[str] = set()

    def __call__(self, name: str) -> str:
        known = self._parts.get(name)
        if known is not None:
            return known
        text, number = self._written(name), 1
        found = text
        while found in self._used:
            number += 1
            found = f"{text}-{number}"
        self._used.add(found)
        self._parts[name] = found
        return found
