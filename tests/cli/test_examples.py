"""Every example at the end of a help text runs in the demo's world."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_help import ALL
from tests.e2e.world import World

#: What needs a longer life than a test, or a world of its own: tested elsewhere.
ELSEWHERE = {
    "excache demo",
    "excache demo --serve",
    "excache demo --serve --latency 100 --accounts bybit=20",
    "excache portfolio --watch",
}
#: What is typed to examples that ask for a key.
TYPED = "key-of-nobody\nc2VjcmV0LW9mLW5vYm9keQ==\n"


def examples() -> Iterator[str]:
    for command in ALL.values():
        for line in (command.epilog or "").splitlines():
            if line.strip().startswith("excache "):
                yield line.strip()


@pytest.fixture(scope="module")
def demo(synced: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of the synced demo home, with a crontab of its own."""
    home = tmp_path_factory.mktemp("examples") / "home"
    shutil.copytree(synced.home, home)
    tools = home / "bin"
    tools.mkdir()
    fake = tools / "crontab"
    fake.write_text(
        '#!/bin/sh\n[ "$1" = -l ] || exec cat > "$HOME/tab"\n[ -e "$HOME/tab" ] && exec cat'
        ' "$HOME/tab"\necho "no crontab for you" >&2; exit 1\n'
    )
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    _add_account(home, "old")
    return World(simulator=synced.simulator, home=home, clock=synced.clock)


@pytest.fixture(scope="module")
def demo_config(demo: World) -> str:
    """The configuration that every example begins with."""
    return (demo.home / "config.toml").read_text()


def _add_account(home: Path, name: str) -> None:
    """``name``, which examples remove: configured, disabled, never synced."""
    text = (home / "config.toml").read_text()
    (home / "config.toml").write_text(
        text + f'\n[accounts.{name}]\nexchange = "kraken"\nenabled = false\n'
        'api_key = { file = "kraken.key" }\nsecret = { file = "kraken.secret" }\n'
    )


def test_there_are_many_examples() -> None:
    assert len(set(examples())) > 40


@pytest.mark.sampled(5)
@pytest.mark.parametrize("example", sorted(set(examples()) - ELSEWHERE))
def test_the_example_runs(
    demo: World, demo_config: str, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.home)  # some examples write a file where they are
    (demo.home / "config.toml").write_text(demo_config)
    places = {"~": str(demo.home), "sqlite:////srv": f"sqlite:///{demo.home}/srv"}
    for place, own in places.items():
        example = example.replace(place, own)
    words = shlex.split(example)[1:]
    env = {
        "PATH": f"{demo.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "KRAKEN_KEY": "key-of-nobody",
        "KRAKEN_SECRET": "c2VjcmV0LW9mLW5vYm9keQ==",
    }
    if words[:2] == ["account", "add"]:
        demo.run("account", "remove", words[2], "--force")
        words.append("--no-check")
    if words[:2] == ["basis", "remove"]:
        demo.run("basis", "set", "SOL", "--quantity", "1", "--price", "1", "--at", "2024-01-01")
    if "--full" in words:
        words += ["--account", "kraken"]  # the whole history of all takes long
    needs_confirmation = words[:2] in (
        ["account", "remove"],
        ["cron", "install"],
        ["cron", "remove"],
    )
    if needs_confirmation and "--force" not in words:
        words.append("--force")
    if ">" in words:
        words = words[: words.index(">")]
    apart = words[0] in {"account", "cron"}
    done = demo.process(*words, env=env, stdin=TYPED) if apart else demo.run(*words, env=env)
    assert done.code == 0, done.err
    if words[:2] == ["account", "rename"]:
        assert demo.run("account", "rename", words[3], words[2]).code == 0
    assert "a bug in excache" not in done.err
