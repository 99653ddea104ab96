"""A small OKX world for its tests: a venue with an OKX account, the real ccxt at the venue's hour,
and signed raw requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests

from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.venue import Venue
from tests.simulator.builders import NOW_MS, ccxt_client, still_venue

HOUR, DAY = 3_600_000, 86_400_000


def okx_venue(**options: Any) -> Venue:
    return still_venue(**{"fills": 1400, "accounts": {"okx": "okx", "kraken": "kraken"}, **options})


def okx_client(simulator: Simulator, account: str = "okx") -> Any:
    """ccxt with the passphrase, its clock set to the venue's."""
    client = ccxt_client(simulator, "okx", account)
    client.password = simulator.venue.account(account).password
    client.nonce = client.milliseconds = lambda: NOW_MS
    return client


def signed(
    simulator: Simulator,
    path: str,
    *,
    method: str = "GET",
    body: Any = None,
    now_ms: int = NOW_MS,
    **headers: str,
) -> requests.Response:
    """One signed request; `headers` replace what would be sent ("" leaves a header out)."""
    known = simulator.venue.account("okx")
    stamp = (
        datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{now_ms % 1000:03d}Z"
    )
    text = "" if body is None else json.dumps(body)
    origin = f"{stamp}{method}/api/v5/{path}{text}".encode()
    sent = {
        "OK-ACCESS-KEY": known.api_key,
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": known.password or "",
        "OK-ACCESS-SIGN": base64.b64encode(
            hmac.new(known.secret.encode(), origin, hashlib.sha256).digest()
        ).decode(),
        "Content-Type": "application/json",
    }
    sent |= {name.replace("_", "-").upper(): value for name, value in headers.items()}
    url = f"{simulator.url}/okx/www.okx.com/api/v5/{path}"
    return requests.request(
        method, url, headers={k: v for k, v in sent.items() if v}, data=text, timeout=4
    )


def answered(response: requests.Response) -> tuple[int, str]:
    """HTTP status and OKX's code."""
    return response.status_code, response.json()["code"]


def all_pages(
    call: Callable[[dict[str, Any]], Any], field: str, **params: Any
) -> list[dict[str, Any]]:
    """Rows of every page, walked back by `after`."""
    rows: list[dict[str, Any]] = []
    while True:
        page = call({**params, **({"after": rows[-1][field]} if rows else {})})["data"]
        if not page:
            return rows
        assert len(page) <= 100
        rows += page
