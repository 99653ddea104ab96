"""Values as TOML text: for accounts written into config.toml, and for faults that quote a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}


def to_toml(value: object) -> str:
    """A value on one line of TOML; ValueError names a type that TOML does not have."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{"".join(_escaped(character) for character in value)}"'
        case int() | float() | Decimal():
            return str(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            inner = ", ".join(
                f"{to_toml_key(key)} = {to_toml(item)}" for key, item in value.items()
            )
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(to_toml(item) for item in value)}]"
        case _:
            raise ValueError(f"TOML has no {type(value).__name__}")


def to_toml_key(key: str) -> str:
    """A key, quoted if TOML requires it."""
    return key if _BARE_KEY.fullmatch(key) else to_toml(key)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return (
        f"\\u{ord(character):04X}" if ord(character) < 0x20 or ord(character) == 0x7F else character
    )
