"""What is published installs: wheel and source archive build without a warning, an empty
environment runs the program, and a command that needs a missing extra names it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange_cache import __version__
from tests.e2e.world import World

ROOT = Path(__file__).parents[1]
#: An environment takes a minute to fill.
pytestmark = pytest.mark.long
_BUILD = (
    "import setuptools.build_meta as build, sys; print(getattr(build, sys.argv[1])(sys.argv[2]))"
)
_BESIDE = ("README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md")
_FILES = (*_BESIDE, "MANIFEST.in", "crontab.example", "requirements.lock", "setup.cfg")
_FOLDERS = ("exchange_cache", "docs", "contrib")


def run(
    *words: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    typed: str | None = None,
) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**clean, **(env or {})},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def built(source: Path, kind: str, target: Path) -> Path:
    """The wheel or the source archive of a tree, which is built without a warning."""
    done = run(sys.executable, "-W", "default", "-c", _BUILD, kind, target, cwd=source)
    assert done.returncode == 0, done.stderr
    said = f"{done.stdout}\n{done.stderr}".lower()
    assert "warning" not in said and "deprecat" not in said, said
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive of this tree, and the wheel that is built from it."""
    tree, target = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for name in (*_FILES, "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    source = built(tree, "build_sdist", target)
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source) as archive:
        archive.extractall(unpacked, filter="data")
    (top,) = unpacked.iterdir()
    return source, built(top, "build_wheel", target)


@dataclass(frozen=True)
class Installed:
    """The program in an environment of its own."""

    program: Path

    def run(self, world: World, *words: str) -> subprocess.CompletedProcess[str]:
        env = {"EXCACHE_HOME": str(world.home), "HOME": str(world.home), "COLUMNS": "200"}
        return run(self.program, *words, env=env)


def install(command: Sequence[str | Path], env: dict[str, str] | None = None) -> None:
    """Install, or skip where the packages that excache needs cannot be had."""
    done = run(*command, env=env)
    unreachable = ("No matching distribution", "Could not find a version", "ConnectionError")
    if done.returncode and any(words in done.stderr + done.stdout for words in unreachable):
        pytest.skip("the packages that excache requires cannot be downloaded here")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def installed(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an empty environment, without any extra."""
    place = tmp_path_factory.mktemp("environment")
    assert run(sys.executable, "-m", "venv", place).returncode == 0
    install((place / "bin" / "python", "-m", "pip", "install", "--quiet", archives[1]))
    return Installed(place / "bin" / "excache")


def test_the_archives_hold_what_they_should(archives: tuple[Path, Path]) -> None:
    source, wheel = archives
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    product = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "exchange_cache").rglob("*")
        if path.is_file() and path.suffix in {".py", ".json", ".typed"}
    }
    assert product <= names
    rest = {name for name in names - product if ".dist-info/" not in name}
    assert rest == {f"excache-{__version__}.data/data/share/man/man1/excache.1"}
    with tarfile.open(source) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert product <= inside
    assert {*_BESIDE, "docs/sql.md", "docs/api.md", "contrib/datasette/metadata.json"} <= inside


def test_an_empty_environment_runs_it(installed: Installed, synced: World) -> None:
    """The demo too: what its extra names comes with ccxt."""
    shown = installed.run(synced, "--version")
    assert shown.stdout == f"excache, version {__version__}\n"
    for words in (("portfolio", "--no-refresh"), ("gains", "--totals"), ("db", "path")):
        done = installed.run(synced, *words)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert done.stdout
    assert "Portfolio" in installed.run(synced, "demo").stdout
    page = installed.program.parents[1] / "share" / "man" / "man1" / "excache.1"
    assert page.read_text("utf-8") == (ROOT / "docs" / "excache.1").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        ("history -o worth.png", "png"),
        ("import statement.xlsx", "xlsx"),
        ("account add other --exchange kraken --store keyring", "keyring"),
        ("db copy --to postgresql://nobody@127.0.0.1/nothing", "postgres"),
    ],
)
def test_a_command_names_the_extra_that_it_needs(
    installed: Installed, synced: World, tmp_path: Path, words: str, extra: str
) -> None:
    shutil.copytree(synced.home, tmp_path / "home")
    world = World(simulator=synced.simulator, home=tmp_path / "home", clock=synced.clock)
    (tmp_path / "statement.xlsx").write_bytes(_workbook())
    env = {"EXCACHE_HOME": str(world.home), "HOME": str(world.home)}
    typed = "key-of-nobody\nc2VjcmV0LW9mLW5vYm9keQ==\n"
    done = run(installed.program, *words.split(), cwd=tmp_path, env=env, typed=typed)
    assert done.returncode not in (0, 1), done.stdout
    assert f"pip install 'excache[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def _workbook() -> bytes:
    """The smallest file that looks like a workbook."""
    from io import BytesIO

    import openpyxl

    book, out = openpyxl.Workbook(), BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.skipif(importlib.util.find_spec("pipx") is None, reason="pipx is not installed")
def test_pipx_installs_it(archives: tuple[Path, Path], tmp_path: Path) -> None:
    env = {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    env |= {"PIPX_MAN_DIR": str(tmp_path / "man")}
    install((sys.executable, "-m", "pipx", "install", archives[1]), env)
    shown = run(tmp_path / "bin" / "excache", "--version")
    assert shown.stdout == f"excache, version {__version__}\n"
    assert (tmp_path / "man" / "man1" / "excache.1").exists()
