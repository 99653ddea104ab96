"""The settings: one table (the fields of Settings) defines type, default, check and documentation
of every key.

``load_settings`` reads only config.toml: no secret, no network, no other file. It reports every
fault at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from exchange_cache.config import values
from exchange_cache.config.accounts import (
    AccountSettings,
    exchange_id,
    read_accounts,
)
from exchange_cache.config.document import parse_toml, read_file
from exchange_cache.config.faults import (
    Fault,
    Wrong,
    faults_error,
    meant,
    unknown_key,
    wrong_value,
)
from exchange_cache.config.paths import Paths
from exchange_cache.config.plain_secrets import mode_fault
from exchange_cache.config.sources import Hidden
from exchange_cache.config.ttl import HOUR, ttl, ttl_of
from exchange_cache.errors import ConfigError
from exchange_cache.records import DataType

if TYPE_CHECKING:
    from exchange_cache.config.alerts import Alerts
    from exchange_cache.ledger.asset_events import AssetEvent

CostMethod = Literal["average", "fifo", "lifo", "hifo"]
IncomePolicy = Literal["value", "zero"]


def _asset_events(value: object) -> tuple[AssetEvent, ...]:
    from exchange_cache.config.asset_events import asset_events  # rarely needed

    return asset_events(value)


def _alerts(value: object) -> Alerts:
    from exchange_cache.config.alerts import alerts  # rarely needed

    return alerts(value)


def _setting(read: values.Reader, kind: str, doc: str) -> dict[str, object]:
    return {"read": read, "kind": kind, "doc": doc}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that config.toml decides, checked. ``accounts`` keep their order in the file."""

    reporting_asset: str = field(
        default="USDT",
        metadata=_setting(values.asset, "asset", "The asset in which everything is valued."),
    )
    ttl: Mapping[DataType, timedelta] = field(
        default_factory=lambda: ttl_of({}, HOUR),
        metadata=_setting(
            ttl,
            "duration, or one for each data type",
            'How long data counts as fresh. One duration for all, or `ttl.prices = "10m"` and so on'
            " for balances, positions, orders, fills, transfers, prices; `ttl.default` for the"
            " others.",
        ),
    )
    cache_url: str = field(
        repr=False,
        metadata=_setting(
            values.cache_url,
            "address",
            "The cache: `sqlite:///` and a file name (relative to config.toml), or"
            " `postgresql://` and a server that several machines share"
            " ([docs/many-machines.md](many-machines.md)).",
        ),
    )
    address: str | None = field(
        default=None,
        metadata=_setting(
            values.text,
            "text",
            "On a server: a name for the public address of this machine, the same on all that share"
            " one, since exchanges limit and ban addresses; its own name if omitted.",
        ),
    )
    min_value: Decimal = field(
        default=Decimal(0),
        metadata=_setting(
            values.amount,
            "number",
            "Holdings worth less, in the reporting asset, are summed in a line (0: 0.1 % of all).",
        ),
    )
    cost_method: CostMethod = field(
        default="average",
        metadata=_setting(
            values.choice("average", "fifo", "lifo", "hifo"),
            "average, fifo, lifo or hifo",
            "Which units a sale removes: a share of all, the oldest, the newest, or the costliest.",
        ),
    )
    income: IncomePolicy = field(
        default="value",
        metadata=_setting(
            values.choice("value", "zero"),
            "value or zero",
            "What rewards, airdrops and interest cost: `value` books them as income at the price of"
            " their time, `zero` adds them at no cost, so that only a sale realises them.",
        ),
    )
    price_sources: tuple[str, ...] | None = field(
        default=None,
        metadata=_setting(
            values.list_of(exchange_id),
            "list of exchanges",
            "Exchanges whose public candles price the past, the preferred first; those of the"
            " accounts if omitted.",
        ),
    )
    background_refresh: bool = field(
        default=True,
        metadata=_setting(
            values.flag,
            "true or false",
            "Whether `portfolio` starts a sync in the background when data is stale or missing.",
        ),
    )
    sweep_budget: int = field(
        default=100,
        metadata=_setting(
            values.whole(0, 10_000),
            "whole number",
            "Symbols per account and run that are searched for old fills without a sign of any; 0"
            " searches none.",
        ),
    )
    request_timeout: timedelta = field(
        default=timedelta(seconds=20),
        metadata=_setting(
            values.duration_between(timedelta(seconds=1), timedelta(minutes=10)),
            "duration",
            "How long one request may take.",
        ),
    )
    retries: int = field(
        default=3,
        metadata=_setting(
            values.whole(0, 10),
            "whole number",
            "How often a failed request that may succeed later is repeated.",
        ),
    )
    history_start: date | None = field(
        default=None,
        metadata=_setting(
            values.day,
            "date",
            "First day of history to fetch; everything that exchanges serve if omitted.",
        ),
    )
    keep_snapshots: timedelta = field(
        default=timedelta(days=7),
        metadata=_setting(
            values.duration_between(timedelta(days=1), timedelta(days=36_500)),
            "duration",
            "How long every snapshot of the portfolio is kept, at least `1d`; of each older day"
            " (UTC) only the last, and the last without gaps.",
        ),
    )
    ping_url: str | None = field(
        default=None,
        repr=False,
        metadata=_setting(
            values.web_address,
            "address",
            "Requested after every successful sync, for a watchdog that reports missing syncs.",
        ),
    )
    lock_alarm: timedelta = field(
        default=timedelta(hours=3),
        metadata=_setting(
            values.duration_between(timedelta(minutes=1), timedelta(days=30)),
            "duration",
            "How long another run may hold the lock before `sync` reports it as hung, with exit"
            " code 75 and a failure for the watchdog.",
        ),
    )
    timezone: str = field(
        default="UTC",
        metadata=_setting(
            values.timezone,
            '"UTC", "local" or a name such as "Europe/Berlin"',
            "The time zone of screens, and of the days and times that options name. JSON and CSV"
            " stay in UTC.",
        ),
    )
    allow_plaintext_secrets: bool = field(
        default=False,
        metadata=_setting(
            values.flag,
            "true or false",
            "Accept secrets in config.toml itself, which then must have mode 0600.",
        ),
    )
    asset_events: tuple[AssetEvent, ...] = field(
        default=(),
        metadata=_setting(
            _asset_events,
            "list of tables",
            "Renames, redenominations and the like beyond those of the shipped list (see below).",
        ),
    )
    alerts: Alerts | None = field(
        default=None,
        metadata=_setting(
            _alerts, "table", "A program that gets each new event of importance (see below)."
        ),
    )
    accounts: tuple[AccountSettings, ...] = ()

    @property
    def enabled_accounts(self) -> tuple[AccountSettings, ...]:
        return tuple(account for account in self.accounts if account.enabled)

    @property
    def price_accounts(self) -> tuple[AccountSettings, ...]:
        """The accounts whose exchanges price the past by public candles, the preferred first; for
        an exchange without an account one that exists only here."""
        if self.price_sources is None:
            return self.enabled_accounts
        found: list[AccountSettings] = []
        for exchange in self.price_sources:
            own = [one for one in self.accounts if one.exchange == exchange]
            enabled = [one for one in own if one.enabled]
            public = AccountSettings(name=f"{exchange} (public)", exchange=exchange)
            found += enabled or own[:1] or [public]
        return tuple(found)

    def start_of(self, account: AccountSettings) -> date | None:
        """The first day of history to fetch for an account; None: everything available."""
        return account.start or self.history_start


READERS: Mapping[str, values.Reader] = {
    item.name: item.metadata["read"] for item in fields(Settings) if item.metadata
}


def load_settings(paths: Paths) -> Settings:
    """The checked settings; the defaults without accounts if there is no file. ConfigError lists
    every fault."""
    source = read_file(paths.config_file)
    settings, faults = (
        (None, source) if isinstance(source, tuple) else parse_settings(source, paths)
    )
    if settings is None:
        raise faults_error(faults)
    return settings


def parse_settings(source: Hidden, paths: Paths) -> tuple[Settings | None, tuple[str, ...]]:
    """Settings from the text of config.toml, or None and all faults, each ``FILE line N: …`` in the
    order of lines."""
    data = parse_toml(source, paths.config_file)
    if isinstance(data, str):
        return None, (data,)
    found, faults = _read_values(data, paths)
    accounts, wrong = read_accounts(
        data.get("accounts", {}), allow_plain=found.get("allow_plaintext_secrets") is True
    )
    faults += wrong
    if (open_file := mode_fault(paths.config_file, accounts)) is not None:
        faults.append(open_file)
    if faults:
        from exchange_cache.config.toml_text import placed  # needed only for faults

        return None, placed(faults, source, paths.config_file)
    return Settings(**({"cache_url": paths.cache_url} | found), accounts=accounts), ()


def require_accounts(settings: Settings) -> tuple[AccountSettings, ...]:
    """The enabled accounts; ConfigError if there is none."""
    if not settings.accounts:
        raise ConfigError(
            "no accounts configured",
            hint="add one: excache account add main; or try the demo first: excache demo",
        )
    if not settings.enabled_accounts:
        raise ConfigError(
            "all accounts are disabled",
            hint="remove enabled = false from one of them in config.toml",
        )
    return settings.enabled_accounts


def choose_accounts(settings: Settings, names: Iterable[str]) -> tuple[AccountSettings, ...]:
    """The accounts that the user named (also disabled ones), or all enabled ones if none was named;
    UsageError for an unknown name."""
    selected = tuple(dict.fromkeys(names))
    if not selected or not settings.accounts:
        return require_accounts(settings)
    known = [account.name for account in settings.accounts]
    found = {meant(name, known, "account") for name in selected}
    return tuple(account for account in settings.accounts if account.name in found)


def sqlite_file(cache_url: str) -> Path:
    """The file that a ``sqlite:///`` address names."""
    return Path(cache_url.removeprefix("sqlite:///"))


def _read_values(data: Mapping[str, Any], paths: Paths) -> tuple[dict[str, Any], list[Fault]]:
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in data.items():
        if key == "accounts":
            continue
        if key not in READERS:
            faults.append(unknown_key((key,), (*READERS, "accounts")))
            continue
        try:
            found[key] = READERS[key](value)
        except Wrong as exc:
            faults += [wrong_value((key, *below), what) for below, what in exc.parts]
    if "cache_url" in found:
        found["cache_url"] = _placed_url(found["cache_url"], paths)
    return found, faults


def _placed_url(url: str, paths: Paths) -> str:
    if not url.startswith("sqlite:///"):
        return url
    return f"sqlite:///{paths.beside_config(str(sqlite_file(url)))}"
