"""What keeps the code in order: words, sizes, imports, and where tests and exchanges live.

Reads the files alone: nothing of the product but the policies is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "exchange_cache"
TESTS = ROOT / "tests"
SIMULATOR = PRODUCT / "simulator"
EXCHANGES = PRODUCT / "exchanges"
HERE = Path(__file__)

#: Words of no reader's dictionary of this field, and what the code says in their place.
REFUSED = {
    "told": "reported, stated",
    "mend": "fix, repair",
    "mends": "fixes, repairs",
    "mended": "fixed, repaired",
    "lacking": "missing",
    "wanted": "requested, selected",
}
#: Names that caches, programs and exchanges know: to rename one would break what they hold.
EXCEPTED = re.compile(r'told_averages|"told": |WantedBy')
PROSE = ("README.md", "CONTRIBUTING.md", "crontab.example", "Makefile", "docs", "contrib")

LONGEST = 350

#: Where an exchange may be named besides its own place: what a key may ask, the demo, and examples
#: that a user reads.
NAMING = frozenset(
    {
        "adapter/allowlist.py",
        "cache/renamed.py",  # a migration: rows of exchanges, as earlier versions named them
        "cli/account.py",
        "cli/add.py",
        "cli/demo.py",
        "cli/record.py",
        "config/accounts.py",
        "config/sources.py",
    }
)
NOT_EXCHANGES = frozenset(
    {
        "__init__",
        "__pycache__",
        "answers",
        "asset_events",
        "documentation",
        "documented_archives",
        "file_documentation",
        "file_records",
        "file_rows",
        "files",
        "generic",
        "manual",
        "unreadable",
        "verbs",
    }
)

#: Tests of a feature that crosses modules (a folder, or one file); every other test's name begins
#: with that of the module it tests.
FEATURES = frozenset(
    {
        "benchmarks",
        "e2e",
        "fresh",
        "recorded",
        "reliability",
        "adapter/test_clock_ahead.py",
        "adapter/test_regressions.py",
        "adapter/test_strange_values.py",
        "adapter/test_unreadable_mirrors.py",
        "exchanges/test_nothing_there.py",
        "exchanges/test_policies.py",
        "exchanges/test_wallets_that_lend.py",
        "exchanges/test_whole_histories.py",
        "exchanges/test_whole_histories_served.py",
        "cli/test_bad_input.py",
        "cli/test_examples.py",
        "cli/test_help.py",
        "cli/test_hostile_text.py",
        "cli/test_interrupt.py",
        "cli/test_secrets.py",
        "cost/test_golden.py",
        "cost/test_oracle.py",
        "cost/test_properties.py",
        "export/test_programs.py",
        "portfolio/test_peer_traps.py",
        "portfolio/test_venue.py",
        "render/test_imports.py",
        "test_docs.py",
        "test_effort.py",
        "test_golden.py",
        "test_house.py",
        "test_install.py",
        "test_readme.py",
    }
)


def sources(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob("*.py"))


def prose() -> Iterator[Path]:
    for name in PROSE:
        place = ROOT / name
        yield from sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]


def words_of(text: str) -> Iterator[str]:
    """Single words in lower case: identifiers are split at underscores and humps."""
    return (word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_uses_a_refused_word() -> None:
    found = []
    for path in (*sources(PRODUCT, TESTS, ROOT / "benchmarks"), *prose()):
        if path == HERE:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            bad = REFUSED.keys() & set(words_of(EXCEPTED.sub("", line)))
            found += [f"{named(path)}:{number}: {word} ({REFUSED[word]})" for word in bad]
    assert not found, "\n".join(found)


def test_modules_stay_short() -> None:
    long = {
        named(path): size
        for path in sources(PRODUCT)
        if SIMULATOR not in path.parents
        and (size := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert not long


#: A moment that is written without the screens' zone; ``… UTC`` is converted by every screen.
_RAW_TIME = re.compile(r":%[YmdH][^}]*}(?! UTC)|(?<!\))\.strftime\(|clock_time\([^}]*} UTC")
#: Days that are stored as days, the zone's own functions, and the limit of all times.
_OWN_TIMES = frozenset({"render/words.py", "render/explain.py", "cli/moments.py"})


def test_screens_show_times_in_their_zone() -> None:
    found = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in sources(PRODUCT / "cli", PRODUCT / "render")
        if path.relative_to(PRODUCT).as_posix() not in _OWN_TIMES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if _RAW_TIME.search(line)
    ]
    assert not found, "use the functions of render/words.py:\n" + "\n".join(found)


def test_no_exchange_is_named_outside_its_own_place() -> None:
    exchanges = {path.stem for path in EXCHANGES.iterdir()} - NOT_EXCHANGES
    found = []
    for path in sources(PRODUCT):
        if {SIMULATOR, EXCHANGES} & set(path.parents):
            continue
        if path.relative_to(PRODUCT).as_posix() in NAMING:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            found += [f"{named(path)}:{number}: {n}" for n in exchanges & set(words_of(line))]
    assert not found, "\n".join(found)


# --- imports --------------------------------------------------------------------------------------


def test_no_modules_import_each_other() -> None:
    circles = [sorted(part) for part in circles_of(import_graph()) if len(part) > 1]
    assert not circles


@cache
def import_graph() -> dict[str, set[str]]:
    """Every module and those it imports anywhere: in functions and for type checks too."""
    modules = {module_name(path): path for path in sources(PRODUCT)}
    return {
        name: {target for target in imported(path) if target in modules} - {name}
        for name, path in modules.items()
    }


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = [f"{node.module}.{each.name}" for each in node.names]
            yield from parts
            if any(not is_module(part) for part in parts):
                yield node.module


def is_module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.is_dir() or place.with_suffix(".py").is_file()


def circles_of(graph: dict[str, set[str]]) -> list[set[str]]:
    """The strongly connected parts of a graph (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
            if target in stack:
                low[node] = min(low[node], low[target])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(set(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return found


# --- tests ----------------------------------------------------------------------------------------


def test_tests_are_named_after_the_module_they_test() -> None:
    homeless = [
        named(path)
        for path in sources(TESTS)
        if path.stem.startswith("test_")
        and not {path.relative_to(TESTS).parts[0], path.relative_to(TESTS).as_posix()} & FEATURES
        and not modules_of(path.relative_to(TESTS).parts[0]) & beginnings(path.stem)
    ]
    assert not homeless, "\n".join(homeless)


@cache
def modules_of(layer: str) -> frozenset[str]:
    """The modules and packages below a layer, and the layer's own name; of a file: the top's."""
    folder = PRODUCT / layer
    places = folder.rglob("*") if folder.is_dir() else PRODUCT.glob("*")
    return frozenset({layer, *(p.stem for p in places if p.suffix == ".py" or p.is_dir())})


def beginnings(stem: str) -> set[str]:
    parts = stem.removeprefix("test_").split("_")
    return {"_".join(parts[: at + 1]) for at in range(len(parts))}


@pytest.mark.parametrize("exchange", sorted({p.stem for p in EXCHANGES.iterdir()} - NOT_EXCHANGES))
def test_every_stream_and_wallet_has_a_scripted_case(exchange: str) -> None:
    """Cases stand in ``CASES`` of ``tests/exchanges/test_<exchange>.py``."""
    from tests.exchanges.cases import uncovered

    module = import_module(f"exchange_cache.exchanges.{exchange}")
    cases = import_module(f"tests.exchanges.test_{exchange}").CASES
    assert not uncovered(module.POLICY, cases)
