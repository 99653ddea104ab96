"""Builds one guarded ccxt instance for one account, with exact numbers, the user's ccxt settings
and the remembered state.

Called by the adapter only. ccxt is imported inside functions: importing it takes longer than a
whole ``portfolio`` run.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from exchange_cache.adapter import pace
from exchange_cache.adapter.address import bases_of
from exchange_cache.adapter.allowances import Allowance
from exchange_cache.adapter.allowlist import allowed_for
from exchange_cache.adapter.budget import Budget
from exchange_cache.adapter.ccxt_class import ccxt_class
from exchange_cache.adapter.exchange_time import ClockOffset, offset_by_date
from exchange_cache.adapter.grammar import Unlisted
from exchange_cache.adapter.guard import NOTHING, guarded_class
from exchange_cache.adapter.lane import LaneClock
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.shared import Downloads, Shared
from exchange_cache.adapter.traffic import WholeAnswers
from exchange_cache.adapter.values import whole_texts
from exchange_cache.adapter.wire import Tap, round_trip
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ConfigError

#: snake_case credential names of the configuration -> ccxt's attributes.
CREDENTIALS = {
    "api_key": "apiKey",
    "secret": "secret",
    "password": "password",
    "uid": "uid",
    "login": "login",
    "token": "token",
    "wallet_address": "walletAddress",
    "private_key": "privateKey",
    "twofa": "twofa",
    "account_id": "accountId",
}

#: Figures that ccxt derives where a row does not state them.
ORDER_FIGURES = ("price", "average", "cost", "amount", "filled", "fee", "fees")
TRADE_FIGURES = ("price", "amount", "cost", "fee", "fees")


#: What JSON may write that is no text: half of a pair of surrogates, NUL.
_ODD = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)


class _SilentLogger(logging.Logger):
    """ccxt logs request headers, and with them the API key, at debug level; this logger keeps
    nothing."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's own name
        return False


def build_client(
    *,
    account: str,
    policy: ExchangePolicy,
    credentials: Mapping[str, str],
    user_config: Mapping[str, object],
    clock: Clock,
    tap: Tap | None = None,
    env: Mapping[str, str] = NOTHING,
    shared: Shared | None = None,
) -> Any:
    """A guarded ccxt instance. The policy's options, then ``user_config``, override ccxt's own
    settings; mappings are merged. ``tap`` observes every request with its answer; ``env`` may
    name proxies and certificates; ``shared`` is what the clients of this process have in common."""
    shared = shared or Shared()
    exchange_id = policy.exchange
    base = ccxt_class(exchange_id, account)
    allowed = allowed_for(exchange_id)
    if not allowed:
        raise ConfigError(f"no read allow-list is known for {exchange_id}", account=account)
    config = _config(account, policy, credentials, user_config)
    client = _client_class(guarded_class(base, allowed, env), clock)(config)
    client.verbose, client.allowances = False, policy.allowances
    client.unlisted, client.former, client.among = {}, {}, {}
    if "rateLimit" in config and client.rateLimit:
        client.faster = client.describe()["rateLimit"] / client.rateLimit
    client.budget = Budget(
        shared.budgets,
        account=account,
        place=(policy.family or exchange_id, *_address(user_config)),
        limits=policy.limits,
        allowances=policy.allowances,
        clock=LaneClock(clock, client.lane),
        faster=client.faster,
    )
    settings = json.dumps([exchange_id, policy.options, user_config], default=str, sort_keys=True)
    client.downloads = shared.downloads(settings)
    for name in ("maxRetriesOnFailure", "maxRetriesOnFailureDelay"):
        client.options.pop(name, None)  # Session retries; a ticket of the guard is for one request
    if user_config.get("sandbox"):
        _enter_sandbox(client, account)
    apply_urls(client, user_config.get("urls"))
    client.bases = bases_of(client)
    client.tap = tap
    return client


def _address(user_config: Mapping[str, object]) -> tuple[str, ...]:
    """What stands for the address that an exchange sees, and for its sandbox, which counts for
    itself."""
    proxies = sorted(name for name in user_config if name.lower().endswith(("proxy", "proxyurl")))
    found = tuple(f"{name} {user_config[name]}" for name in proxies)
    return (*found, "sandbox") if user_config.get("sandbox") else found


def _config(
    account: str,
    policy: ExchangePolicy,
    credentials: Mapping[str, str],
    user_config: Mapping[str, object],
) -> dict[str, Any]:
    ours = {"sandbox", "urls", "verbose"}
    users = {key: value for key, value in user_config.items() if key not in ours}
    config = deep_merge(policy.options, users)
    return {
        **config,
        **credential_config(account, policy, credentials),
        "number": str,
        "enableRateLimit": config.get("enableRateLimit", True),
        "logger": _SilentLogger("excache.ccxt"),
    }


def _enter_sandbox(client: Any, account: str) -> None:
    if not client.urls.get("test"):
        raise ConfigError(
            f"{client.id} has no sandbox that ccxt knows",
            account=account,
            hint="remove sandbox = true",
        )
    client.set_sandbox_mode(True)


def credential_config(
    account: str, policy: ExchangePolicy, credentials: Mapping[str, str]
) -> dict[str, object]:
    """The credentials under ccxt's names; ConfigError for a private key that reading does not
    need."""
    unknown = sorted(set(credentials) - set(CREDENTIALS))
    if unknown:
        raise ConfigError(
            f"unknown credential {unknown[0]!r}",
            account=account,
            hint=f"known: {', '.join(CREDENTIALS)}",
        )
    if policy.address_only and credentials.get("private_key"):
        raise ConfigError(
            f"{policy.exchange} is read without a private key; excache refuses it because ccxt"
            " would sign with it",
            account=account,
            hint="give wallet_address only and remove private_key",
        )
    return {CREDENTIALS[name]: _unescaped(value) for name, value in credentials.items() if value}


def _unescaped(value: str) -> str:
    """PEM keys copied from a JSON file carry literal backslash-n."""
    return value.replace("\\n", "\n") if "-----BEGIN" in value else value


def deep_merge(low: Mapping[str, object], high: Mapping[str, object]) -> dict[str, Any]:
    """``high`` over ``low``; mappings are merged, everything else replaced."""
    merged: dict[str, Any] = dict(low)
    for key, value in high.items():
        under = merged.get(key)
        merged[key] = (
            deep_merge(under, value)
            if isinstance(under, Mapping) and isinstance(value, Mapping)
            else value
        )
    return merged


def apply_urls(client: Any, urls: object) -> None:
    """Merge the user's ``urls`` over ccxt's; a text at ``urls.api`` (a proxy, a stand-in) replaces
    every scheme and host."""
    if not isinstance(urls, Mapping):
        return
    api = urls.get("api")
    if isinstance(api, str):
        client.urls["api"] = _rebased(client.urls["api"], api.rstrip("/"), client.hostname)
        urls = {key: value for key, value in urls.items() if key != "api"}
    client.urls = deep_merge(client.urls, urls)


def _rebased(node: Any, base: str, hostname: str | None) -> Any:
    if isinstance(node, Mapping):
        return {key: _rebased(value, base, hostname) for key, value in node.items()}
    if not isinstance(node, str):
        return node
    parts = urlsplit(node.replace("{hostname}", hostname or ""))
    return base + parts.path


def _client_class(guarded: type[Any], clock: Clock) -> type[Any]:
    """The guarded class with exact JSON numbers, the project's clock, and a note of the figures
    that rows state themselves."""

    class Client(WholeAnswers, guarded):  # type: ignore[misc]  # its base is made at run time
        budget: Budget
        downloads: Downloads
        allowances: tuple[Allowance, ...] = ()
        unlisted: Mapping[str, Market]
        former: Mapping[str, Market]
        among: dict[str, Unlisted]
        faster = 1.0
        offset: ClockOffset | None = None
        tap: Tap | None = None

        def fetch(
            self, url: str, method: str = "GET", headers: Any = None, body: Any = None
        ) -> Any:
            """One request, counted; notes how much of the exchange's allowances is used, and the
            time that an accepted answer states."""
            self._call.requests = self.requests_sent + 1
            sent, sent_by_machine = self.milliseconds(), self.machine_ms()
            try:
                response = super().fetch(url, method, headers, body)
                self._note_time(sent_by_machine)
                return response
            finally:
                used = pace.used_of(
                    self.traffic.headers or {},
                    self.traffic.endpoint,
                    self.milliseconds(),
                    allowances=self.allowances,
                    faster=self.faster,
                )
                self.budget.note_used(used)
                if self.tap is not None:
                    self.tap(round_trip(self, url, sent))

        @property
        def requests_sent(self) -> int:
            """The requests of this thread."""
            return getattr(self._call, "requests", 0)

        def _note_time(self, sent_ms: int) -> None:
            traffic = self.traffic
            found = offset_by_date(
                traffic.endpoint, traffic.headers or {}, sent_ms, self.machine_ms()
            )
            self.offset = found or self.offset

        def on_json_response(self, response_body: str) -> Any:
            """JSON numbers stay the text that the exchange sent; a double would round them. Half of
            a pair of surrogates is no text, nor is NUL: nothing could store it."""
            found = json.loads(response_body, parse_float=str)
            return whole_texts(found) if _ODD.search(response_body) else found

        def machine_ms(self) -> int:
            """This machine's time, which may be ahead of the exchange's."""
            return to_ms(clock.now())

        def milliseconds(self) -> int:
            """The time by which ccxt signs and numbers requests: no nonce lies in the exchange's
            future, where it would make the next ones too low for as long."""
            return self.machine_ms() - (self.offset.ahead_ms if self.offset else 0)

        def seconds(self) -> int:
            return self.milliseconds() // 1000

        def microseconds(self) -> int:
            return self.milliseconds() * 1000

        def throttle(self, cost: Any = None) -> None:
            """ccxt's leaky bucket, shared with the other clients of this address; expensive
            requests have a budget.

            A request with a time in the future (the clock was ahead when it was sent) counts as
            sent now.
            """
            slot = self.file_slot
            paced = slot is not None and slot.pace_ms is not None
            need = (
                slot.pace_ms / self.faster
                if paced
                else self.rateLimit * (1 if cost is None else cost)
            )
            self.budget.take(need, self.traffic.endpoint, self.milliseconds)

        def safe_order(self, order: Any, market: Any = None) -> Any:
            """Note what the row itself states before ccxt fills gaps by arithmetic (average from
            the limit price …)."""
            self.traffic.stated.note("order", order, ORDER_FIGURES)
            return super().safe_order(order, market)

        def safe_trade(self, trade: Any, market: Any = None) -> Any:
            self.traffic.stated.note("trade", trade, TRADE_FIGURES)
            return super().safe_trade(trade, market)

    Client.__name__ = guarded.__name__
    return Client
