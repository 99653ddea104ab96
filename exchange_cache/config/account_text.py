"""The tables of one account as text: written for a new account, cut out of config.toml for a
removed one, and renamed there.

Everything that the user wrote around them (comments, order, blank lines, line ends) is preserved to
the byte.
"""

from __future__ import annotations

from collections.abc import Collection

from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.sources import (
    CCXT_NAMES,
    PUBLIC,
    PlainSecret,
    SecretSource,
    secret_file,
    source_table,
)
from exchange_cache.config.toml_text import Scan, Statement
from exchange_cache.config.toml_values import to_toml, to_toml_key


def account_block(account: AccountSettings) -> str:
    """The tables of an account as TOML, with sources and public addresses but without secrets."""
    lines = [f"[accounts.{to_toml_key(account.name)}]", f"exchange = {to_toml(account.exchange)}"]
    lines += [
        f"{credential} = {_source_toml(credential, source)}"
        for credential, source in account.credentials.items()
    ]
    if account.wallets is not None:
        lines.append(f"wallets = {to_toml(account.wallets)}")
    lines += [
        f"{key} = {to_toml(found)}"
        for key in ("symbols", "ignore_assets", "asset_names", "hosts")
        if (found := getattr(account, key))
    ]
    if account.start is not None:
        lines.append(f"start = {to_toml(account.start)}")
    if not account.enabled:
        lines.append("enabled = false")
    if account.archives is not None:
        lines.append(f"archives = {to_toml(account.archives)}")
    if account.ccxt:
        lines += ["", f"[accounts.{to_toml_key(account.name)}.ccxt]"]
        lines += [f"{to_toml_key(key)} = {to_toml(value)}" for key, value in account.ccxt.items()]
    return "\n".join(lines) + "\n"


def appended(text: str, block: str) -> str:
    """``block`` after a blank line. A missing line end at the end of the text stays missing, so
    that removal can restore the text."""
    if not text:
        return block
    addition = f"\n{block}" if text.endswith("\n") else f"\n\n{block}".removesuffix("\n")
    return text + (addition.replace("\n", "\r\n") if "\r\n" in text else addition)


def without(text: str, name: str) -> str:
    """The text without an account's statements and the blank line before each group of them."""
    for start, end in reversed(_runs(Scan(text).statements, name)):
        head, tail = text[:start], text[end:]
        last_line_open = not tail and not text[start:end].endswith("\n")
        head = _less_one_newline(head) if head.endswith(("\n\n", "\n\r\n")) else head
        text = (_less_one_newline(head) if last_line_open else head) + tail
    return text


def renamed(text: str, old: str, new: str) -> str:
    """The text with another name for an account, also in the names of the files that excache itself
    stores its secrets in."""
    for statement in reversed(Scan(text).statements):
        if statement.path[:2] != ("accounts", old):
            continue
        line = text[statement.start : statement.end]
        for credential in CCXT_NAMES:
            line = line.replace(secret_file(old, credential), secret_file(new, credential))
        position = 1 - (len(statement.path) - len(statement.parts))
        if position >= 0:
            start, end = (place - statement.start for place in statement.parts[position])
            line = line[:start] + to_toml_key(new) + line[end:]
        text = text[: statement.start] + line + text[statement.end :]
    return text


def _less_one_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _runs(statements: Collection[Statement], name: str) -> list[tuple[int, int]]:
    """The ranges of text that concern only this account, with the comments between its
    statements."""
    runs: list[tuple[int, int]] = []
    adjoining = False
    for statement in statements:
        ours = statement.path[:2] == ("accounts", name)
        if ours and adjoining:
            runs[-1] = (runs[-1][0], statement.end)
        elif ours:
            runs.append((statement.start, statement.end))
        adjoining = ours
    return runs


def _source_toml(credential: str, source: SecretSource) -> str:
    if not isinstance(source, PlainSecret):
        return to_toml(source_table(source))
    if credential not in PUBLIC:
        raise ValueError(f"{credential} is a secret that must be stored first")
    return to_toml(source.value.reveal())
