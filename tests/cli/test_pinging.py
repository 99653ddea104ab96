"""Addresses of a watchdog."""

from __future__ import annotations

from exchange_cache.cli.pinging import FAILURE, START, SUCCESS, address_of, ping


def test_addresses() -> None:
    assert address_of("https://hc.example/u", START) == "https://hc.example/u/start"
    assert address_of("https://hc.example/u/?a=b", FAILURE) == "https://hc.example/u/fail?a=b"
    assert address_of("https://hc.example/u/", SUCCESS) == "https://hc.example/u/"
    for wrong in ("ftp://x/y", "hc.example/u", "file:///etc/passwd", "http://", "http://[x"):
        assert address_of(wrong, SUCCESS) is None
        assert ping(wrong) == "the watchdog's address must start with http:// or https://"
