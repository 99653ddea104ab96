"""Disks and files that fail.

- `call`: one call, or all from one on, fails with an errno below the home of a command.
- `size`: no file grows beyond a limit (RLIMIT_FSIZE), as on a disk that is full.
- `file`: a file of the home is cut short, overwritten, foreign or something else than a file.

No traceback, a documented exit code, in words; nothing lost or invented. Once the disk is well, the
same command leaves what it leaves undisturbed; a foreign file is left as it was.
"""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from tests.reliability import shim
from tests.reliability.doing import NAMES, Doing, doing, state_of, well
from tests.reliability.frame import (
    AFTER,
    CODE,
    CRASH,
    DOCUMENTED,
    LOST,
    MESSAGE,
    NOTHING,
    SAME,
    Case,
    Joined,
    Product,
    Verdict,
    cut,
    is_first,
)
from tests.reliability.kill import Undisturbed, difference, undisturbed
from tests.reliability.shim import CHANGES, LOCK, MAKE, OPEN, READ, SYNC, WRITE, Ended, Fault

NAME = "disk"
SAYS = (
    "EIO, ENOSPC, EDQUOT, EROFS, EACCES, EMFILE and ENOLCK from any call of commands that write "
    "(a preloaded shim), limits of file sizes, and files that are cut short, overwritten, foreign "
    "or no files"
)
SHARE = 4
EXCHANGES = ("kraken", "okx")
#: The errno, and the calls that may end with it.
ERRORS = {
    "EIO": (errno.EIO, CHANGES | READ),
    "EIO-read": (errno.EIO, READ),
    "EIO-sync": (errno.EIO, SYNC),
    "ENOSPC": (errno.ENOSPC, CHANGES & ~OPEN | WRITE),
    "EDQUOT": (errno.EDQUOT, WRITE),
    "EROFS": (errno.EROFS, MAKE),
    "EACCES": (errno.EACCES, OPEN),
    "EMFILE": (errno.EMFILE, OPEN),
    "ENOLCK": (errno.ENOLCK, LOCK),
}
LASTS = ("once", "on")
FILES = ("cache.sqlite3", "cache.sqlite3-wal", "config.toml", "key")
#: Damages that differ from one number to the next.
BY_CHANCE = ("cut-short", "overwritten", "zeros", "text")
COMMANDS = ("sync", "portfolio --no-refresh", "status", "db check", "fills", "account list")


@cache
def cases() -> Sequence[Case]:
    return Joined(
        Product(("call",), EXCHANGES, NAMES, list(ERRORS), LASTS, range(100)),
        Product(("size",), EXCHANGES, NAMES, range(100)),
        Product(("file",), FILES, BY_CHANCE, COMMANDS, range(20)),
        Product(("file",), FILES, [one for one in DAMAGES if one not in BY_CHANCE], COMMANDS, "0"),
    )


def world(case: Case) -> Case:
    return case[:1] if case[0] == "file" else case[1:3]


def run(case: Case, folder: Path) -> Verdict:
    if shim.library() is None:
        return Verdict(skipped="there is no C compiler")
    if case[0] == "file":
        return _file(*case[1:], folder=folder)
    exchange, name, *rest = case[1:]
    one = doing(exchange, name)
    home = one.made(exchange, folder / "home")
    known = undisturbed(exchange, name)
    how = 0
    if case[0] == "size":
        largest = known.ended.largest
        if not is_first(int(rest[0]), 100, largest):
            return Verdict(skipped=NOTHING)
        ended = one.run(home, Fault(), limit=int(rest[0]) * largest // 100)
    else:
        how, kinds = ERRORS[rest[0]]
        calls = known.ended.of(kinds)
        if not is_first(int(rest[2]), 100, calls):
            return Verdict(skipped=SAME if calls else NOTHING)
        nth = 1 + int(rest[2]) * calls // 100
        ended = one.run(home, Fault(kinds=kinds, nth=nth, how=how, lasting=rest[1] == "on"))
        if ended.calls < nth:
            return Verdict(skipped="it ended with fewer calls than before, and met no fault")
    return Verdict(wrong=(*_said(ended, how), *_after(one, exchange, home, known)))


def _said(ended: Ended, how: int = 0) -> Iterator[str]:
    """What is wrong with how it ended. Nothing that these commands print can fail, and no owner or
    mode of a file is at fault where the disk is."""
    if "the output cannot be written" in ended.err:
        yield f"{MESSAGE}: {cut(ended.err)}"
    elif how in (errno.EIO, errno.EMFILE) and "owner and mode" in ended.err:
        yield f"{MESSAGE}: the wrong cure: {cut(ended.err)}"
    elif "a bug in excache" in ended.err:
        yield f"{CRASH}: {cut(ended.err)}"
    elif ended.code not in DOCUMENTED:
        yield f"{CODE}: {ended.code}: {cut(ended.err)}"
    elif ended.code and not ended.err:
        yield f"{MESSAGE}: exit code {ended.code} without a word"


def _after(one: Doing, exchange: str, home: Path, known: Undisturbed) -> Iterator[str]:
    yield from well(home, one, known.before, known.after)
    one.before_again(exchange)
    again = one.run(home, Fault())
    if "a bug in excache" in again.err:
        yield f"{CRASH}: the same again: {cut(again.err)}"
    elif again.code not in one.codes_again:
        yield f"{AFTER}: exit code {again.code}: {cut(again.err)}"
    elif (now := state_of(home)) != known.after:
        yield f"{AFTER}: {cut(difference(now, known.after))}"


# --- files ----------------------------------------------------------------------------------------


def _file(file: str, damage: str, command: str, number: str, *, folder: Path) -> Verdict:
    """A command in a home with one damaged file."""
    one = doing("kraken", "increment")
    home = one.made("kraken", folder / "home")
    place = home / ("kraken.key" if file == "key" else file)
    sound = _seen(place)
    DAMAGES[damage](place, random.Random(f"{file} {damage} {number}"))
    before = _seen(place)
    if before == sound or (damage == "shut" and os.geteuid() == 0):
        return Verdict(skipped="nothing is damaged: there is no such file, or root reads all")
    ended = shim.run(home, command.split(" "), one.at, Fault())
    wrong = list(_said(ended))
    if damage == "foreign" and _seen(place) != before:
        wrong.append(f"{LOST}: a foreign {file} was changed by {command}")
    return Verdict(wrong=tuple(wrong))


def _seen(place: Path) -> object:
    """What is there: a link, a folder, or the content and mode of a file."""
    if place.is_symlink():
        return place.readlink()
    if place.is_file():
        return place.read_bytes(), place.stat().st_mode
    return place.is_dir()


def _cut_short(place: Path, chance: random.Random) -> None:
    body = place.read_bytes() if place.exists() else b""
    place.write_bytes(body[: chance.randrange(max(1, len(body)))])


def _overwritten(place: Path, chance: random.Random) -> None:
    body = bytearray(place.read_bytes() if place.exists() else b"x" * 5_000)
    for _ in range(chance.choice((1, 20, 400))):
        body[chance.randrange(len(body))] = chance.randrange(256)
    place.write_bytes(bytes(body))


def _zeros(place: Path, chance: random.Random) -> None:
    body = place.read_bytes() if place.exists() else b"x" * 5_000
    at = chance.randrange(len(body))
    place.write_bytes(body[:at] + bytes(min(4096, len(body) - at)) + body[at + 4096 :])


def _foreign(place: Path, chance: random.Random) -> None:
    """A SQLite file of another program."""
    place.unlink(missing_ok=True)
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)")
        other.execute("INSERT INTO notes (body) VALUES ('mine')")
        other.commit()
    place.chmod(0o600)


def _text(place: Path, chance: random.Random) -> None:
    place.write_bytes(chance.choice((b"", b"\n", b"hello\n", b"<html></html>", bytes(range(256)))))


def _folder(place: Path, chance: random.Random) -> None:
    place.unlink(missing_ok=True)
    place.mkdir()


def _loop(place: Path, chance: random.Random) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(place)


def _gone(place: Path, chance: random.Random) -> None:
    place.unlink(missing_ok=True)


def _shut(place: Path, chance: random.Random) -> None:
    if place.exists():
        place.chmod(0o000)


def _dangling(place: Path, chance: random.Random) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(place.with_name("no-such-file"))


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "cut-short": _cut_short,
    "overwritten": _overwritten,
    "zeros": _zeros,
    "foreign": _foreign,
    "text": _text,
    "folder": _folder,
    "loop": _loop,
    "dangling": _dangling,
    "gone": _gone,
    "shut": _shut,
}
