"""``excache status --accept``: acknowledges findings until a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from exchange_cache.cli.app import App
from exchange_cache.cli.options import Moment, zone_in
from exchange_cache.errors import UsageError

if TYPE_CHECKING:
    from exchange_cache.findings import Finding

#: How long an acceptance holds if no end is given.
DEFAULT_END = timedelta(days=90)


class End(Moment):
    """A future moment: a date (its start) or a span from now such as 30d."""

    name = "end"
    words = ("30d", "90d", "365d")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        from exchange_cache.config.durations import parse_duration

        if isinstance(value, datetime):
            return value
        now: datetime = ctx.obj.now() if ctx is not None else datetime.now(UTC)
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            try:
                return now + parse_duration(str(value))
            except ValueError as error:
                self.fail(f"{value!r} {error}, or a date such as 2026-01-31", param, ctx)
        end = datetime(day.year, day.month, day.day, tzinfo=zone_in(ctx)).astimezone(UTC)
        if end <= now:
            self.fail(f"{value!r} is in the past", param, ctx)
        return end


def accept(
    app: App,
    codes: Sequence[str],
    accounts: Sequence[str],
    asset: str | None,
    reason: str | None,
    until: datetime | None,
) -> int:
    """Accept all open findings of these codes, optionally of these accounts and this asset."""
    from exchange_cache.cli.reads import can_ask
    from exchange_cache.findings import Acceptance, accepted
    from exchange_cache.render import words

    app.accounts(accounts)
    repository = app.cached()
    warnings = () if repository is None else app.accessor(repository).read().warnings
    found = [
        one for code in dict.fromkeys(codes) for one in _chosen(code, warnings, accounts, asset)
    ]
    if reason is None and can_ask(app):
        reason = str(click.prompt("Reason", err=True))
    reason = " ".join((reason or "").split())
    if not reason:
        raise UsageError(
            "an accepted finding needs a reason", hint='add --reason "why this is acceptable"'
        )
    now = app.now()
    acceptance = Acceptance(reason=reason, at=now, until=until or now + DEFAULT_END)
    app.repository().accepted.save([accepted(one, acceptance) for one in found], now)
    for one in found:
        place = f"{one.account}: " if one.account else ""
        app.say(f"Accepted until {words.day(acceptance.until)}: {place}{one.message} ({one.code})")
    return 0


def _chosen(
    code: str, warnings: Iterable[Finding], accounts: Sequence[str], asset: str | None
) -> list[Finding]:
    """The selected findings; without any, a UsageError with the nearest codes."""
    from exchange_cache.config.faults import meant, suggestion

    known = sorted({one.code for one in warnings})
    if not known:
        raise UsageError(f"there is no finding {code}: no finding is open")
    code = meant(code, known, "finding")
    own = [one for one in warnings if one.code == code]
    for option, value, attribute in (
        ("account", accounts, "account"),
        ("asset", [asset] if asset else [], "asset"),
    ):
        if not value:
            continue
        there = sorted({str(getattr(one, attribute)) for one in own if getattr(one, attribute)})
        folded = {word.casefold() for word in value}
        own = [one for one in own if str(getattr(one, attribute)).casefold() in folded]
        if not own:
            which = suggestion(value[0], there) if there else f"it concerns no {option}"
            raise UsageError(
                f"there is no finding {code} for the {option} {', '.join(value)}; {which}"
            )
    return own
