from __future__ import annotations

from pathlib import Path

import pytest

from exchange_cache.cache.server import Server


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me@db:5432/x?sslmode=require", None),
        ("postgresql://a:5432,b:5433/x?target_session_attrs=read-write", None),
        ("postgresql:///?service=mine", None),
        ("postgresql://me@/x?host=/run/a,/run/b", None),
        ("postgresql://me:hidden@db/x", "postgresql://me@db/x"),
        ("postgresql://me:hid?den@db/x?a=b", "postgresql://me@db/x?a=b"),
        ("postgresql://db/x?password=hidden", "postgresql://db/x"),
        ("postgresql://db/x?a=b&p%61ssword=hidden&c=d", "postgresql://db/x?a=b&c=d"),
        ("postgresql://db/x?sslpassword=hidden&a=b", "postgresql://db/x?a=b"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str | None) -> None:
    server = Server(url, Path("cache"))
    assert str(server) == (shown or url)
    assert "hidden" not in repr(server)
