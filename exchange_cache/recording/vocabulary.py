"""The words of an exchange: every short text in the source of its ccxt class and of its policy.

A text of an answer that the program knows names a state, a type or a field, not a person.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from exchange_cache import exchanges
from exchange_cache.adapter.ccxt_class import ccxt_class

LONGEST = 60


def words_of(exchange: str) -> frozenset[str]:
    """The texts that the readers of an exchange know."""
    return frozenset(
        word for module in _modules(exchange) for word in _texts(inspect.getsource(module))
    )


def _modules(exchange: str) -> Iterator[ModuleType]:
    for parent in ccxt_class(exchange).__mro__:
        if parent.__module__.startswith("ccxt.") and not parent.__module__.startswith("ccxt.base"):
            yield sys.modules[parent.__module__]
    name = exchanges.MODULES.get(exchange, "generic")
    policy = import_module(f"{exchanges.__name__}.{name}")
    yield policy
    for found in pkgutil.iter_modules(getattr(policy, "__path__", ())):
        yield import_module(f"{policy.__name__}.{found.name}")


def _texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and 0 < len(text) <= LONGEST and not text.isdecimal():
            yield text
            yield from (part for part in text.split(".") if part.isidentifier())
