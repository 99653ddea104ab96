"""The exchanges the venue can play. Adding one: a module with a `PROFILE` and a `story` that
schedules an account's life, and its line in `_MODULES`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from exchange_cache.simulator.venue.profile import Profile
from exchange_cache.simulator.venue.story import Story

_MODULES = {
    "binance": "exchange_cache.simulator.venue.profiles.binance",
    "bybit": "exchange_cache.simulator.venue.profiles.bybit",
    "coinbase": "exchange_cache.simulator.venue.profiles.coinbase",
    "kraken": "exchange_cache.simulator.venue.profiles.kraken",
    "kucoin": "exchange_cache.simulator.venue.profiles.kucoin",
    "okx": "exchange_cache.simulator.venue.profiles.okx",
}


def known_exchanges() -> tuple[str, ...]:
    return tuple(_MODULES)


def load_profile(exchange: str) -> Profile:
    """The profile of an exchange; KeyError for one the venue does not know."""
    profile = import_module(_MODULES[exchange]).PROFILE
    assert isinstance(profile, Profile)
    return profile


def load_story(exchange: str) -> Callable[[Story], None]:
    story: Callable[[Story], None] = import_module(_MODULES[exchange]).story
    return story
