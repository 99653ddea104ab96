"""Writes a configuration folder that points excache, through the real ccxt, at the simulated
exchanges."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchange_cache.simulator.venue import Account, Venue


def simulated_urls(exchange: str, port: int) -> dict[str, Any]:
    """The installed ccxt's `urls["api"]` of an exchange, every https://HOST/... turned into
    http://127.0.0.1:PORT/<exchange>/HOST/..."""
    import ccxt

    client = getattr(ccxt, exchange)()
    rewritten = _rewrite(
        client.urls["api"], exchange, port, getattr(client, "hostname", None) or ""
    )
    return rewritten if isinstance(rewritten, dict) else {"rest": rewritten}


def _rewrite(node: Any, exchange: str, port: int, hostname: str) -> Any:
    if isinstance(node, dict):
        return {key: _rewrite(value, exchange, port, hostname) for key, value in node.items()}
    if not isinstance(node, str):
        return node
    parts = urlsplit(node.replace("{hostname}", hostname))
    return f"http://127.0.0.1:{port}/{exchange}/{parts.netloc}{parts.path}"


def write_home(
    path: Path,
    port: int,
    venue: Venue,
    *,
    rate_limit_ms: float = 0.1,
    cache_url: str | None = None,
) -> None:
    """Write `config.toml` and a 0600 key file per credential; `path` is made if need be."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = "" if cache_url is None else f"cache_url = {_text(cache_url)}\n"
    sections = [f'{place}reporting_asset = "USDT"\n']
    sections += [
        _account_section(path, account, port, rate_limit_ms) for account in venue.accounts()
    ]
    (path / "config.toml").write_text("\n".join(sections), encoding="utf-8")


def _account_section(path: Path, account: Account, port: int, rate_limit_ms: float) -> str:
    lines = [f"[accounts.{_key(account.name)}]", f"exchange = {_text(account.exchange)}"]
    secrets = {
        "api_key": (account.api_key, "key"),
        "secret": (account.secret, "secret"),
        "password": (account.password, "password"),
    }
    for field, (value, suffix) in secrets.items():
        if value is not None:
            name = f"{account.name}.{suffix}"
            _write_secret(path / name, value)
            lines.append(f"{field} = {{ file = {_text(name)} }}")
    prefix = f"accounts.{_key(account.name)}.ccxt"
    lines += ["", f"[{prefix}]", f"rateLimit = {rate_limit_ms}"]
    lines += _table(f"{prefix}.urls.api", simulated_urls(account.exchange, port))
    return "\n".join(lines) + "\n"


def _table(name: str, values: dict[str, Any]) -> list[str]:
    """A TOML table, nested tables after its own keys."""
    lines = ["", f"[{name}]"]
    lines += [f"{_key(k)} = {_text(v)}" for k, v in values.items() if isinstance(v, str)]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += _table(f"{name}.{_key(key)}", value)
    return lines


def _write_secret(path: Path, value: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value + "\n")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
