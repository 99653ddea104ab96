"""``account check``: tests every kind of read and shows the rights of each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from exchange_cache.adapter.observation import in_words
from exchange_cache.adapter.port import AccountCheck
from exchange_cache.cli.app import App
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ExcacheError
from exchange_cache.findings import Finding
from exchange_cache.render.formats import FORMATS

Row = dict[str, object]
_UNIDENTIFIED = (
    "the exchange does not list them and their ids do not say what they are; their rows are kept"
    " and counted as nothing"
)

#: The check of rows that name what excache does not read at an exchange.
NOT_READ = "not read"


def check_accounts(app: App, names: tuple[str, ...], form: str) -> int:
    """Print the results; returns 0, the exit code of the only kind of failure, or 1."""
    from exchange_cache.cli.identity import refuse_shared_keys
    from exchange_cache.cli.running import blank_lines
    from exchange_cache.exchanges.unreadable import refuse_unreadable
    from exchange_cache.sync.clock_check import clock_warning

    rows: list[Row] = []
    codes: set[int] = set()
    warnings: list[str] = []
    accounts = app.accounts(names)
    refuse_shared_keys(app, accounts)
    for account in accounts:
        warnings += [f"excache: {warning}" for warning in account.warnings]
        try:
            refuse_unreadable(account.exchange, account.name)
            say_generic(app, account.name, account.exchange)
            app.say(f"Checking {account.name} at {account.exchange} …")
            found = _checked(app, account)
        except ExcacheError as error:
            codes.add(error.exit_code)
            app.say(f"excache: {error}")
            if error.hint:
                app.say(f"         {error.hint}")
            continue
        rows += _rows(account, found)
        warnings += _rights(account, found)
        off = clock_warning(found.clock_offset_ms, account.exchange)
        warnings += [] if off is None else [f"excache: WARNING: {account.name}: {off}"]
        for note in found.notes:
            if not note.startswith("this key may"):  # a warning states it
                app.say(f"{account.name}: {note}")
        for name, words in found.observed.items():
            app.say(f"{account.name}: {name}: {words}")
        codes.add(_exit_code(found.readable))
    duplicates = _duplicate_users(app, [account.name for account in accounts])
    _write(app, rows, duplicates, form)
    if FORMATS[form].exact:  # documents of rows contain no findings
        warnings += [f"excache: WARNING: {one.account}: {one.message}" for one in duplicates]
    for warning in (*warnings, *(f"excache: {line}" for line in blank_lines(app))):
        app.say(warning)
    return 0 if codes <= {0} else codes.pop() if len(codes) == 1 else 1


def say_generic(app: App, name: str, exchange: str) -> None:
    """Warn about an exchange without a policy of its own."""
    from exchange_cache.exchanges import is_generic
    from exchange_cache.exchanges.generic import without_fills

    if is_generic(exchange):
        app.say(
            f"{name}: excache has no policy of its own for {exchange} and uses the generic one:"
            " histories are walked by what is observed of the exchange, so they may be incomplete."
        )
        for sentence in without_fills(exchange):
            app.say(f"{name}: {sentence}")


def _checked(app: App, account: AccountSettings) -> AccountCheck:
    """What the exchange reports about the key; the user it names is stored."""
    from exchange_cache.adapter.key_rights import KeyRights
    from exchange_cache.cli.ports import careful_port
    from exchange_cache.sync.identity import remember_user
    from exchange_cache.sync.key_rights import remember_rights
    from exchange_cache.sync.observations import observe_all

    port = careful_port(app, account)
    try:
        found = port.check()
        seen = observe_all(port, app.repository(), app.clock) if port.policy.generic else {}
        found = replace(found, observed={name: in_words(one) for name, one in seen.items()})
    finally:
        port.close()
    rights = KeyRights(can_trade=found.can_trade, can_withdraw=found.can_withdraw)
    list(remember_rights(app.repository(), account.name, rights, app.now()))  # a warning states it
    if found.user_id is not None:
        remember_user(app.repository(), account.name, account.exchange, found.user_id, app.now())
    return found


def _rows(account: AccountSettings, found: AccountCheck) -> list[Row]:
    from exchange_cache.exchanges import is_generic, policy_for

    checks: list[tuple[str, str, str | None]] = [
        (what, "ok" if answer == "ok" else "failed", None if answer == "ok" else answer)
        for what, answer in found.readable.items()
    ]
    checks += [
        ("may trade", _yes(found.can_trade), None),
        ("may withdraw", _yes(found.can_withdraw), None),
        ("bound to IP", _yes(found.ip_restricted), None),
    ]
    if found.clock_offset_ms is not None:
        checks.append(("clock offset", f"{found.clock_offset_ms} ms", None))
    checks += [(NOT_READ, item, None) for item in policy_for(account.exchange).not_read]
    if found.unidentified:
        checks.append(("unidentified markets", ", ".join(found.unidentified), _UNIDENTIFIED))
    generic = is_generic(account.exchange)
    return [
        {
            "account": account.name,
            "check": check,
            "result": result,
            "error": error,
            "generic": generic,
            "observed": found.observed.get(check),
            "hint": _cure(account.name, found.hints.get(check)),
        }
        for check, result, error in checks
    ]


def _cure(account: str, hint: str | None) -> str | None:
    """The hint, without the command that is being performed."""
    own = f"excache account check {account}"
    if hint is None:
        return None
    return hint.removesuffix(f"; then: {own}").removeprefix(own).removeprefix("; ") or None


def _rights(account: AccountSettings, found: AccountCheck) -> list[str]:
    """The warning about a key with more rights than reading."""
    flags = (("TRADE", found.can_trade), ("WITHDRAW", found.can_withdraw))
    rights = [word for word, granted in flags if granted]
    if not rights:
        return []
    return [
        f"excache: WARNING: {account.name}: this key may {' and '.join(rights)}. excache only"
        f" reads; make a read-only key at {account.exchange} and replace this one."
    ]


def _write(app: App, rows: Sequence[Row], duplicates: tuple[Finding, ...], form: str) -> None:
    from exchange_cache.render.listing import Column, Listing
    from exchange_cache.render.output import write_listing

    columns = (
        Column(key="account", heading="Account"),
        Column(key="check", heading="Check"),
        Column(key="result", heading="Result", kind="state"),
        Column(key="error"),
        Column(key="generic"),
        Column(key="observed"),
        Column(key="hint"),
    )
    exact = FORMATS[form].exact
    shown = tuple(rows) if exact else _together(rows)
    findings = (*_reasons(rows), *duplicates)
    listing = Listing(
        title="",
        columns=columns,
        rows=shown,
        as_of=app.now(),
        findings=findings,
        notes=_not_read(rows),
    )
    if shown or exact:
        write_listing(listing, app.out, form=form, terminal=app.terminal(), now=app.now())


def _duplicate_users(app: App, names: Sequence[str]) -> tuple[Finding, ...]:
    """Findings about accounts whose exchange reports the same user as another account."""
    from exchange_cache.sync.identity import identity_findings

    everybody = [account.name for account in app.settings.accounts]
    found = identity_findings(app.repository(), everybody, app.now())
    return tuple(found[name].finding for name in names if name in found)


def _exit_code(readable: Mapping[str, str]) -> int:
    """0 if all reads work, 1 if some do; 77 if no private one works, 69 if no public one either."""
    private = {answer == "ok" for what, answer in readable.items() if not what.startswith("prices")}
    public = {answer == "ok" for what, answer in readable.items() if what.startswith("prices")}
    if private == {True} and public <= {True}:
        return 0
    if True in private:
        return 1
    return 69 if public == {False} else 77


def _together(rows: Sequence[Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    """One row per kind of read for people: ``transfers  ok (18 of 20)``; reasons follow below."""
    kinds: dict[tuple[object, str], list[bool]] = {}
    for row in rows:
        if row["error"] is not None or row["result"] == "ok":
            kinds.setdefault((row["account"], _kind(row)), []).append(row["error"] is None)
    shown: list[dict[str, object]] = []
    for row in rows:
        if row["check"] == NOT_READ:
            continue  # a note states it
        if row["error"] is None and row["result"] != "ok":
            shown.append(dict(row))
        elif answers := kinds.pop((row["account"], _kind(row)), None):
            result = (
                "failed"
                if not any(answers)
                else "ok"
                if len(answers) == 1
                else f"ok ({sum(answers)} of {len(answers)})"
            )
            shown.append({**row, "check": _kind(row), "result": result})
    for index in range(len(shown) - 1, 0, -1):
        if shown[index]["account"] == shown[index - 1]["account"]:
            shown[index]["account"] = ""
    return tuple(shown)


def _not_read(rows: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """A sentence per account on what excache does not read, for people."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if row["check"] == NOT_READ:
            named.setdefault(str(row["account"]), []).append(str(row["result"]))
    return tuple(f"{account}: not read: {'; '.join(items)}." for account, items in named.items())


def _reasons(rows: Sequence[Mapping[str, object]]) -> tuple[Finding, ...]:
    """Why reads failed: each reason once per account, with the reads it affects."""
    from exchange_cache.errors import cause

    hit: dict[tuple[str, str], list[str]] = {}
    cures: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["error"] is not None:
            key = (str(row["account"]), cause(str(row["error"])))
            hit.setdefault(key, []).append(str(row["check"]))
            if row["hint"]:
                cures.setdefault(key, str(row["hint"]))
    return tuple(
        Finding(
            code="read_failed",
            account=account,
            message=f"{reason} ({', '.join(names[:6])}{' …' if len(names) > 6 else ''})",
            hint=cures.get((account, reason)),
        )
        for (account, reason), names in hit.items()
    )


def _kind(row: Mapping[str, object]) -> str:
    words = str(row["check"])
    return "open orders" if words.startswith("open orders") else words.split(" ")[0]


def _yes(answer: bool | None) -> str:
    return "not reported by the exchange" if answer is None else "yes" if answer else "no"
