"""One folder for everything, a way to write config.toml into it, and a keyring that lives in
memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exchange_cache.config.paths import Paths
from exchange_cache.config.sources import Hidden
from exchange_cache.errors import SecretUnavailable


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    folder = tmp_path / "home"
    return Paths(
        config_file=folder / "config.toml", data_dir=folder, state_dir=folder, home=tmp_path
    )


@pytest.fixture
def configure(paths: Paths) -> Callable[..., Paths]:
    def write(text: str, *, mode: int = 0o600) -> Paths:
        paths.ensure_config_dir()
        paths.config_file.write_bytes(text.encode())
        paths.config_file.chmod(mode)
        return paths

    return write


class MemoryKeyring:
    def __init__(self, *, broken: bool = False) -> None:
        self.entries: dict[str, Hidden] = {}
        self.broken = broken

    def get(self, entry: str) -> Hidden | None:
        return self.entries.get(entry)

    def put(self, entry: str, secret: Hidden) -> None:
        if self.broken and self.entries:
            raise SecretUnavailable("the keyring refused (KeyringLocked)", hint="unlock it")
        self.entries[entry] = secret

    def delete(self, entry: str) -> None:
        del self.entries[entry]


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def broken_keyring() -> MemoryKeyring:
    return MemoryKeyring(broken=True)
