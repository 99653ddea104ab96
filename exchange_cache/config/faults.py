"""Faults of config.toml, collected instead of raised one by one: place, key, reason, and the
nearest valid word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from exchange_cache.config.toml_values import to_toml, to_toml_key
from exchange_cache.errors import ConfigError, UsageError

#: A path into the document: names of tables and keys, positions in lists.
Key = tuple[str | int, ...]


class Wrong(ValueError):
    """An invalid value of a key. ``parts`` pairs the place below the key (empty: the value itself)
    with what is wrong."""

    def __init__(self, what: str, *, at: Key = ()) -> None:
        super().__init__(what)
        self.parts: tuple[tuple[Key, str], ...] = ((at, what),)

    @classmethod
    def several(cls, parts: Collection[tuple[Key, str]]) -> Wrong:
        wrong = cls("; ".join(what for _, what in parts))
        wrong.parts = tuple(parts)
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to fix. ``what`` begins with the key if its value is wrong, and names the key if
    the key itself is."""

    key: Key
    what: str


def faults_error(faults: tuple[str, ...]) -> ConfigError:
    """One ConfigError for any number of faults; a single one becomes its message."""
    if len(faults) == 1:
        return ConfigError(faults[0])
    return ConfigError(f"the configuration has {len(faults)} faults", faults=faults)


def unknown_key(
    key: Key, known: Collection[str], *, aliases: dict[str, str] | None = None
) -> Fault:
    """The fault of an unknown key, with the key that was probably meant (or all known ones)."""
    name = str(key[-1])
    place = f" in [{dotted(key[:-1])}]" if len(key) > 1 else ""
    return Fault(
        key=key,
        what=f"unknown key {to_toml(name)}{place}; {suggestion(name, known, aliases=aliases)}",
    )


def wrong_value(key: Key, what: str) -> Fault:
    """The fault of a value: its full key, then what is wrong."""
    return Fault(key=key, what=f"{dotted(key)} {what}")


def suggestion(word: str, known: Collection[str], *, aliases: dict[str, str] | None = None) -> str:
    """``did you mean "x"?`` for the nearest known word, or the list of all of them."""
    found = (aliases or {}).get(word) or nearest(word, known)
    return f"did you mean {to_toml(found)}?" if found else f"there are {', '.join(known)}"


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most similar to ``word``, ignoring case; None if none is similar."""
    from difflib import get_close_matches

    folded = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def meant(word: str, known: Collection[str], kind: str, *, hint: str | None = None) -> str:
    """The known word that is meant: itself, or the only one that differs in case alone.

    Any other is a UsageError that names the nearest. ``hint``: where the words are listed, if they
    are too many for a message.
    """
    if word in known:
        return word
    alike = [name for name in known if name.casefold() == word.casefold()]
    if len(alike) == 1:
        return alike[0]
    what = f"there is no {kind} {to_toml(word)}"
    if alike:
        raise UsageError(f"{what}; did you mean {' or '.join(map(to_toml, sorted(alike)))}?")
    if nearest(word, known) is None and (hint is not None or not known):
        raise UsageError(what, hint=hint)
    raise UsageError(f"{what}; {suggestion(word, known)}")


def dotted(key: Key) -> str:
    """A key as TOML writes it, without positions in lists."""
    return ".".join(to_toml_key(part) for part in key if isinstance(part, str))


def kind_of(value: object) -> str:
    """The kind of a TOML value in words, never the value itself."""
    match value:
        case bool():
            return "true or false"
        case str():
            return "text"
        case int():
            return "a whole number"
        case Decimal() | float():
            return "a number"
        case datetime():
            return "a date with a time"
        case date():
            return "a date"
        case time():
            return "a time"
        case list():
            return "a list"
        case _:
            return "a table"
