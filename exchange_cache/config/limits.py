"""What the user's own settings leave out, as findings: the cause of what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from exchange_cache.config.settings import Settings
from exchange_cache.findings import Finding


def own_limits(settings: Settings, accounts: Collection[str]) -> Iterator[Finding]:
    """One finding per account and setting; ``own_start`` and ``own_wallets`` may be why a history
    does not explain a balance."""
    for account in settings.accounts:
        if account.name not in accounts:
            continue
        found: list[tuple[str, str]] = []
        start = settings.start_of(account)
        if start is not None:
            key = "start" if account.start else "history_start"
            found.append(("own_start", f"history is read from {start} on, by {key}"))
        if account.wallets is not None:
            named = ", ".join(account.wallets)
            found.append(("own_wallets", f"no wallet but {named} is read, by wallets"))
        if account.ignore_assets:
            named = ", ".join(account.ignore_assets)
            found.append(("own_ignored", f"{named}: in no figure, by ignore_assets"))
        for code, message in found:
            yield Finding(code=code, account=account.name, message=f"{message} in config.toml")
