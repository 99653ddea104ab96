"""A PostgreSQL server of the tests: on a socket in a temporary folder, without a network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exchange_cache.cache.migrations import TABLES

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
#: Where Debian and Fedora keep the programs, which are not on the path.
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
#: The server refuses to run as root; one of these does it then.
_USERS = ("postgres", "nobody")
#: What a test loses in a power cut is of no interest.
SETTINGS = (
    "listen_addresses=''",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=200",
    "autovacuum=off",
)


def programs() -> Path | None:
    """The folder of the newest installed server."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = [place for pattern in _PLACES for place in Path("/").glob(pattern[1:])]
    return max((one for one in folders if (one / "initdb").exists()), default=None)


def missing() -> str | None:
    """Why no server can be started here."""
    if programs() is None:
        return "no PostgreSQL server is installed (apt-get install postgresql)"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL refuses to run as root, and there is no other user"
    return None


def _user() -> str | None:
    for name in _USERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


@dataclass
class Cluster:
    """One server; its databases are the caches of tests."""

    folder: Path
    number: int = 0
    #: How far the server's clock is ahead, in words of libfaketime.
    ahead: str = ""
    spare: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def running(cls, *settings: str) -> Iterator[Cluster]:
        with tempfile.TemporaryDirectory(prefix="excache-pg-") as folder:
            self = cls(Path(folder))
            if os.geteuid() == 0:
                shutil.chown(folder, _user())
            self.run("initdb", "-D", self.data, "-A", "trust", "-U", "owner", "-E", "UTF8",
                     "--locale=C", "--no-sync")  # fmt: skip
            self.start(*settings)
            try:
                yield self
            finally:
                self.stop()

    @contextmanager
    def standby(self, *settings: str) -> Iterator[Cluster]:
        """A streaming replica of this server, on a socket of its own."""
        with tempfile.TemporaryDirectory(prefix="excache-pg-") as folder:
            other = Cluster(Path(folder))
            if os.geteuid() == 0:
                shutil.chown(folder, _user())
            other.run("pg_basebackup", "-h", str(self.folder), "-U", "owner", "-D", other.data,
                      "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")  # fmt: skip
            other.start(*settings)
            try:
                yield other
            finally:
                other.stop()

    def promote(self) -> None:
        """Make a replica a server of its own."""
        self.run("pg_ctl", "-D", self.data, "-w", "promote")

    def wait_for(self, other: Cluster) -> None:
        """Wait until a replica has everything that this server has written."""
        ((written,),) = self.execute("SELECT pg_current_wal_insert_lsn()::text")
        deadline = time.monotonic() + 30
        while other.execute(f"SELECT pg_last_wal_replay_lsn() < '{written}'") != [(False,)]:
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.02)

    @property
    def owner(self) -> tuple[int, int]:
        """The user and the group that the server runs as."""
        if os.geteuid():
            return os.geteuid(), os.getegid()
        found = pwd.getpwnam(_user() or "")
        return found.pw_uid, found.pw_gid

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def start(self, *settings: str) -> None:
        chosen = (*SETTINGS, f"unix_socket_directories='{self.folder}'", *settings)
        options = " ".join(f"-c {one}" for one in chosen)
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", self.data, "-l", log, "-w", "-t", "60", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def cpu(self) -> float:
        """The CPU seconds of the server and its processes, of those that ended too (Linux)."""
        main = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        ticks = sum(int(one) for one in _fields(Path(f"/proc/{main}/stat"))[11:15])
        for stat in Path("/proc").glob("[0-9]*/stat"):
            fields = _fields(stat)
            if fields and int(fields[1]) == main:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def run(self, program: str, *words: str) -> None:
        """A program of the server, as a user whom it accepts."""
        place = programs()
        assert place is not None
        other = {"user": _user(), "group": _group(), "extra_groups": ()}
        subprocess.run(
            [place / program, *words],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(_clock(self.ahead) if self.ahead else {})},
            **(other if os.geteuid() == 0 else {}),
        )

    def place(self, name: str, text: str) -> None:
        """A file of the server's own, which none but its user may read."""
        file = Path(self.data) / name
        file.write_text(text)
        file.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(file, _user())

    def url(self, database: str, user: str = "owner") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def create(self) -> str:
        """The address of a new, empty database."""
        self.number += 1
        self.execute(f"CREATE DATABASE cache{self.number}")
        return self.url(f"cache{self.number}")

    def copy(self, url: str) -> str:
        """The address of a copy of a database, whose sessions end."""
        self.number += 1
        name, own = name_of(url), f"cache{self.number}"
        self.execute(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        self.execute(f"CREATE DATABASE {own} TEMPLATE {name}")
        return self.url(own)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    def empty(self, url: str) -> None:
        """Make a database new again."""
        self.drop(url)
        self.execute(f"CREATE DATABASE {name_of(url)}")

    def lend(self) -> str:
        """The address of a database that may have the empty tables of a cache, from earlier."""
        return self.spare.pop() if self.spare else self.create()

    def take_back(self, url: str) -> None:
        """Keep a database for the next test, emptied; unless its schema was changed."""
        name = name_of(url)
        tables = {str(table) for (table,) in self.execute(_TABLES, name)}
        if tables == {*TABLES, "schema_migrations"}:
            self.execute(f"TRUNCATE {', '.join(sorted(TABLES))} RESTART IDENTITY", name)
            self.spare.append(url)

    def script(self, sql: str) -> None:
        """Statements for psql, stopped by the first that fails."""
        file = self.folder / "script.sql"
        file.write_text(sql)
        file.chmod(0o644)
        self.run("psql", "-h", str(self.folder), "-U", "owner", "-v", "ON_ERROR_STOP=1", "-q",
                 "-f", str(file), "postgres")  # fmt: skip

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


def faketime() -> Path | None:
    """The library that gives a program another clock."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def _clock(ahead: str) -> dict[str, str]:
    return {"LD_PRELOAD": str(faketime()), "FAKETIME": ahead, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def _fields(stat: Path) -> list[str]:
    """What follows the name of a process; empty if it has ended."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def name_of(url: str) -> str:
    """The database of an address."""
    return url.partition("@/")[2].partition("?")[0]


def _group() -> int:
    return pwd.getpwnam(_user() or "").pw_gid
