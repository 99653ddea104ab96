"""The read allow-list: which endpoints of each exchange the guard lets pass, and the tool that
derives it from ccxt.

An endpoint is written ``VERB section path``. Three files next to this module list endpoints per
exchange: ``read_allowlist.json`` those that ccxt's read methods can reach, derived from ccxt's
source; ``read_extras.json`` those that a policy reads directly, added by hand;
``archive_calls.json`` those that order and collect a file of the account's own history, each with
what it does at the exchange. None may contain an endpoint that only a writing method can reach.

``python -m exchange_cache.adapter.allowlist`` prints how the installed ccxt differs from the file.
With ``--write "REASON"`` it rewrites the file and adds a review to ``read_reviews.json``: what was
added and removed, for which version of ccxt, and why it may be. A test fails while the file is not
what the installed ccxt states, or its newest review is of another content.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DERIVED_FILE = HERE / "read_allowlist.json"
EXTRAS_FILE = HERE / "read_extras.json"
ARCHIVES_FILE = HERE / "archive_calls.json"
REVIEWS_FILE = HERE / "read_reviews.json"

#: ccxt methods that only read; everything that they can reach is allowed.
READ_METHODS = (
    "load_markets",
    "fetch_markets",
    "fetch_currencies",
    "fetch_time",
    "fetch_status",
    "fetch_accounts",
    "fetch_balance",
    "fetch_positions",
    "fetch_open_orders",
    "fetch_orders",
    "fetch_order",
    "fetch_closed_orders",
    "fetch_canceled_orders",
    "fetch_canceled_and_closed_orders",
    "fetch_my_trades",
    "fetch_order_trades",
    "fetch_ledger",
    "fetch_deposits",
    "fetch_withdrawals",
    "fetch_deposits_withdrawals",
    "fetch_transactions",
    "fetch_transfers",
    "fetch_convert_trade_history",
    "fetch_my_dust_trades",
    "fetch_funding_history",
    "fetch_my_liquidations",
    "fetch_positions_history",
    "fetch_ticker",
    "fetch_tickers",
    "fetch_ohlcv",
)

#: Verbs that begin the names of ccxt methods that change something.
WRITE_PREFIXES = (
    "create_",
    "cancel_",
    "edit_",
    "withdraw",
    "transfer",
    "set_",
    "borrow_",
    "repay_",
    "add_margin",
    "reduce_margin",
    "close_",
    "sign_in",
    "initialize_client",
    "approve_builder_fee",
    "enable_",
    "modify_",
    "upgrade_",
    "deposit",
)

#: Names with these beginnings that change ccxt's own state only.
_HARMLESS = frozenset(
    {
        "set_markets",
        "set_sandbox_mode",
        "set_headers",
        "set_markets_from_exchange",
        "set_last_request",
        "set_last_rest_request_timestamp",
        "set_property",
        "set_take_profit_and_stop_loss_params",
    }
)

#: Methods without an endpoint of their own, and methods that write.
_NOT_FOLLOWED = frozenset(
    {
        "fetch2",
        "fetch",
        "request",
        "sign",
        "initialize_client",
        "handle_builder_fee_approval",
        "sign_in",
    }
)

#: Endpoints that ccxt's read methods can reach although they sign in, register or send something;
#: always refused.
NEVER = frozenset({
    ("lighter", "POST public sendTx"),
    ("polymarket", "POST trade account/proxy"),
    ("paradex", "POST private auth"),
    ("coinbaseinternational", "POST public auth"),
})  # fmt: skip

#: Regional editions that share the reads added by hand for the exchange they belong to.
EDITIONS = {"bybiteu": "bybit", "bybitid": "bybit", "myokx": "okx", "okxus": "okx"}


def read_allowlist() -> dict[str, frozenset[str]]:
    """The shipped allow-list of every exchange: derived endpoints and those added by hand."""
    derived = json.loads(DERIVED_FILE.read_text("utf-8"))
    extras = json.loads(EXTRAS_FILE.read_text("utf-8"))
    archives = archive_calls()
    return {exchange: _allowed(exchange, derived, extras, archives) for exchange in derived}


def allowed_for(exchange: str) -> frozenset[str]:
    """The allow-list of one exchange; empty for an unknown one, so that nothing may be sent."""
    return _allowed(
        exchange,
        json.loads(DERIVED_FILE.read_text("utf-8")),
        json.loads(EXTRAS_FILE.read_text("utf-8")),
        archive_calls(),
    )


def archive_calls() -> dict[str, dict[str, str]]:
    """The calls that order and collect files, per exchange, each with what it does there."""
    found: dict[str, dict[str, str]] = json.loads(ARCHIVES_FILE.read_text("utf-8"))
    return found


def _allowed(
    exchange: str,
    derived: dict[str, list[str]],
    extras: dict[str, list[str]],
    archives: dict[str, dict[str, str]],
) -> frozenset[str]:
    main = EDITIONS.get(exchange, exchange)
    own = frozenset(derived.get(exchange, ()))
    return own | frozenset(extras.get(main, ())) | frozenset(archives.get(main, ()))


def endpoint(section: Any, verb: str, path: str) -> str:
    """One endpoint as the lists write it; nested sections are joined by a slash."""
    name = section if isinstance(section, str) else "/".join(section)
    return f"{verb} {name} {path}"


class ExchangeSource:
    """Which method can reach which endpoint, by the source of one ccxt class."""

    def __init__(self, exchange_class: type) -> None:
        self.exchange_class = exchange_class

    @cached_property
    def endpoints(self) -> dict[str, str]:
        """Implicit method name -> endpoint."""
        from ccxt.base.types import Entry

        found: dict[str, str] = {}
        for ancestor in reversed(self.exchange_class.__mro__):
            for name, value in vars(ancestor).items():
                if isinstance(value, Entry):
                    found[name] = endpoint(value.api, value.method, value.path)
        return found

    @cached_property
    def methods(self) -> dict[str, list[ast.FunctionDef]]:
        """Method name -> its definitions, own and inherited (``super()`` may reach any of them)."""
        found: dict[str, list[ast.FunctionDef]] = {}
        for ancestor in self.exchange_class.__mro__:
            for function in _class_functions(ancestor):
                found.setdefault(function.name, []).append(function)
        return found

    def reachable(self, roots: Iterable[str]) -> frozenset[str]:
        """Endpoints that the methods in ``roots`` can reach, directly or through other methods."""
        endpoints: set[str] = set()
        seen: set[str] = set()
        waiting = [root for root in roots if root in self.methods]
        while waiting:
            name = waiting.pop()
            if name in seen or name in _NOT_FOLLOWED:
                continue
            seen.add(name)
            for function in self.methods[name]:
                for reference in _references(function):
                    if reference in self.endpoints:
                        endpoints.add(self.endpoints[reference])
                    elif reference in self.methods:
                        waiting.append(reference)
        return frozenset(endpoints)

    def writers(self) -> list[str]:
        """Names of the methods that change something."""
        return [
            name
            for name in self.methods
            if name.startswith(WRITE_PREFIXES) and name not in _HARMLESS
        ]

    def readers(self) -> list[str]:
        """Names of every method that only reads by its name (wider than READ_METHODS)."""
        return [name for name in self.methods if name.startswith(("fetch_", "load_"))]


def _class_functions(ancestor: type) -> list[ast.FunctionDef]:
    module = sys.modules.get(ancestor.__module__)
    path = getattr(module, "__file__", None)
    if (
        path is None
        or not ancestor.__module__.startswith("ccxt.")
        or ".abstract." in ancestor.__module__
    ):
        return []
    return _functions_by_class(path).get(ancestor.__name__, [])


@cache
def _functions_by_class(path: str) -> dict[str, list[ast.FunctionDef]]:
    classes = [
        node
        for node in ast.parse(Path(path).read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    return {
        node.name: [item for item in node.body if isinstance(item, ast.FunctionDef)]
        for node in classes
    }


def _references(function: ast.FunctionDef) -> Iterator[str]:
    """Names used on ``self`` or ``super()``, and string constants that name a method for
    getattr."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(owner, ast.Name) and owner.id in {"self", "super"}:
                yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "Get" in node.value:
            yield node.value


def derive(exchange: str) -> list[str]:
    """The sorted allow-list of one ccxt exchange, derived from the installed source."""
    import ccxt

    found = ExchangeSource(getattr(ccxt, exchange)).reachable(READ_METHODS)
    return sorted(item for item in found if (exchange, item) not in NEVER)


def derive_all() -> dict[str, list[str]]:
    """The allow-lists of every exchange that the installed ccxt knows."""
    import ccxt

    return {exchange: derive(exchange) for exchange in ccxt.exchanges}


def differences(old: dict[str, list[str]], new: dict[str, list[str]]) -> Iterator[str]:
    """One line per endpoint that was added or removed."""
    for exchange in sorted({*old, *new}):
        before, after = set(old.get(exchange, ())), set(new.get(exchange, ()))
        yield from (f"+ {exchange}: {item}" for item in sorted(after - before))
        yield from (f"- {exchange}: {item}" for item in sorted(before - after))


def digest(lists: dict[str, list[str]]) -> str:
    """The identity of allow-lists, by which a review names what it is of."""
    text = json.dumps(lists, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def reviews() -> list[dict[str, Any]]:
    """Every review of the derived file, the newest last."""
    found: list[dict[str, Any]] = json.loads(REVIEWS_FILE.read_text("utf-8"))
    return found


def review(new: dict[str, list[str]], lines: list[str], reason: str) -> dict[str, Any]:
    """A review of new lists: what differs from the old ones, and why that may be."""
    import ccxt

    return {
        "ccxt": ccxt.__version__,
        "reason": reason,
        "added": [line[2:] for line in lines if line.startswith("+")],
        "removed": [line[2:] for line in lines if line.startswith("-")],
        "sha256": digest(new),
    }


def main(arguments: list[str]) -> int:
    """Print the differences between the file and the installed ccxt; with ``--write REASON`` store
    the new lists and their review."""
    old = json.loads(DERIVED_FILE.read_text("utf-8"))
    new = derive_all()
    lines = list(differences(old, new))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if arguments[:1] != ["--write"]:
        return 1 if lines else 0
    reason = " ".join(arguments[1:]).strip()
    if not reason:
        sys.stderr.write('state why each difference may be: --write "REASON"\n')
        return 2
    DERIVED_FILE.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
    found = [*reviews(), review(new, lines, reason)]
    REVIEWS_FILE.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
