"""The mode that a config.toml with secrets in it must have."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from exchange_cache.config.accounts import AccountSettings, holds_plain_secret
from exchange_cache.config.faults import Fault


def mode_fault(file: Path, accounts: Iterable[AccountSettings]) -> Fault | None:
    """Secrets in config.toml require that only its owner can read the file."""
    plain = any(holds_plain_secret(account) for account in accounts)
    if not plain:
        return None
    info = file.stat()
    if info.st_uid != os.geteuid():
        return Fault(key=(), what="holds secrets but belongs to another user")
    if info.st_mode & 0o177:
        mode = info.st_mode & 0o777
        return Fault(
            key=(),
            what=(
                f"holds secrets but has mode {mode:04o}, open to others; run: chmod 600"
                f" {shlex.quote(str(file))}"
            ),
        )
    return None
