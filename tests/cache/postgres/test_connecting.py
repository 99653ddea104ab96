"""What libpq honours: certificates, passwords and services; each refusal with its cure."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from exchange_cache.cache.postgres.connecting import connect
from exchange_cache.cache.server import Server
from exchange_cache.errors import ExcacheError
from tests.postgres import Cluster

pytestmark = pytest.mark.long
_WORD = "s3cret-word"
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Secured:
    """A server that speaks TLS on a port of this machine and asks for passwords."""

    def __init__(self, folder: Path, cluster: Cluster, port: int) -> None:
        self.folder, self.cluster, self.port = folder, cluster, port

    def url(self, options: str = "", host: str = "localhost", user: str = "guarded") -> str:
        return f"postgresql://{user}@{host}:{self.port}/excache{options}"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Secured]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not installed")
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, cwd=folder, capture_output=True)

    for name in ("own", "other"):
        openssl("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.crt")  # fmt: skip
    openssl("req", *_KEY, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "own.crt", "-CAkey", "own.key",
            "-CAcreateserial", "-days", "2", "-out", "server.crt")  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Cluster.running() as running:
        running.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{_WORD}'")
        running.execute("CREATE DATABASE excache OWNER guarded")
        for name in ("server.key", "server.crt"):
            running.place(name, (folder / name).read_text())
        running.place("pg_hba.conf", "local all all trust\nhostssl all all all scram-sha-256\n")
        running.stop("fast")
        running.start("listen_addresses=localhost", f"port={port}", "ssl=on")
        yield Secured(folder, running, port)


@pytest.fixture
def try_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., ExcacheError | None]:
    """Connects with an environment; the fault, or None."""
    for name in [one for one in os.environ if one.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    def connected(url: str, env: Mapping[str, str] | None = None) -> ExcacheError | None:
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            try:
                connect(Server(url, tmp_path / "cache")).close()
            except ExcacheError as error:
                return error
        return None

    return connected


Try = Callable[..., ExcacheError | None]
_PASSWORD = {"PGPASSWORD": _WORD}


def test_a_server_is_trusted_by_its_certificate(secured: Secured, try_it: Try) -> None:
    root = secured.folder / "own.crt"
    full = f"?sslmode=verify-full&sslrootcert={root}"
    assert try_it(secured.url(full), _PASSWORD) is None
    stated = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(root)}
    assert try_it(secured.url(), {**_PASSWORD, **stated}) is None


@pytest.mark.parametrize(
    ("options", "host", "words"),
    [
        ("?sslmode=verify-full&sslrootcert={}/other.crt", "localhost", "verify failed"),
        ("?sslmode=verify-full&sslrootcert={}/none.crt", "localhost", "does not exist"),
        ("?sslmode=verify-full", "localhost", "root certificate file"),
        ("?sslmode=verify-full&sslrootcert={}/own.crt", "127.0.0.1", "does not match host name"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_with_the_cure(
    secured: Secured, try_it: Try, options: str, host: str, words: str
) -> None:
    found = try_it(secured.url(options.format(secured.folder), host), _PASSWORD)
    assert found is not None and found.exit_code == 78
    assert "is not trusted" in str(found) and words in str(found)
    assert "sslrootcert" in str(found.hint) and _WORD not in str(found)


def test_a_connection_without_tls_is_refused(secured: Secured, try_it: Try) -> None:
    found = try_it(secured.url("?sslmode=disable"), _PASSWORD)
    assert found is not None and found.exit_code == 78 and "no encryption" in str(found)


@pytest.mark.parametrize(
    "options", ["?sslmode=verify-ful", "?sslmod=require", "?target_session_attrs=writable"]
)
def test_an_option_that_libpq_does_not_know_is_named(
    secured: Secured, try_it: Try, options: str
) -> None:
    found = try_it(secured.url(options), _PASSWORD)
    assert found is not None and found.exit_code == 78
    assert "is not usable: " in str(found) and "cache_url" in str(found.hint)


def test_passwords_come_from_where_libpq_looks(
    secured: Secured, try_it: Try, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = secured.url("?sslmode=require")
    missing = try_it(url)
    assert missing is not None and missing.exit_code == 78
    assert "no password supplied" in str(missing) and "~/.pgpass" in str(missing.hint)
    wrong = try_it(url, {"PGPASSWORD": "another-word"})
    assert wrong is not None and wrong.exit_code == 78 and "another-word" not in str(wrong)
    passwords = tmp_path / "passwords"
    file = {"PGPASSFILE": str(passwords)}
    passwords.write_text(f"localhost:{secured.port}:*:guarded:{_WORD}\n")
    passwords.chmod(0o644)
    loose = try_it(url, file)
    assert loose is not None and "no password supplied" in str(loose)
    assert "(mode 0600)" in str(loose.hint) and "0600" in capfd.readouterr().err
    passwords.chmod(0o600)
    assert try_it(url, file) is None
    passwords.write_text(f"localhost:{secured.port}:*:guarded:another-word\n")
    wrong = try_it(url, file)
    assert wrong is not None and str(passwords) in str(wrong) and "another-word" not in str(wrong)


def test_a_service_names_everything(secured: Secured, try_it: Try, tmp_path: Path) -> None:
    services = tmp_path / "services"
    services.write_text(
        f"[mine]\nhost=localhost\nport={secured.port}\nuser=guarded\npassword={_WORD}\n"
        f"dbname=excache\nsslmode=verify-full\nsslrootcert={secured.folder}/own.crt\n"
    )
    file = {"PGSERVICEFILE": str(services)}
    assert try_it("postgresql:///?service=mine", file) is None
    assert try_it("postgresql://", {**file, "PGSERVICE": "mine"}) is None
    absent = try_it("postgresql:///?service=absent", file)
    assert absent is not None and absent.exit_code == 78
    assert 'definition of service "absent" not found' in str(absent)


def test_time_limits_of_the_server_are_not_those_of_a_session(cluster: Cluster) -> None:
    url = cluster.create()
    name = url.partition("@/")[2].partition("?")[0]
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        cluster.execute(f"ALTER DATABASE {name} SET {limit} = '50ms'")
    connection = connect(Server(url, Path("cache")))
    assert connection.execute("SELECT pg_sleep(0.2)").fetchone() is not None
    connection.execute("BEGIN")
    connection.execute("SELECT pg_sleep(0)")
    time.sleep(0.2)
    assert connection.execute("SELECT 1").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("password", [_WORD, "another-word"])
def test_no_command_prints_or_stores_the_password(
    secured: Secured, tmp_path: Path, password: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    url = secured.url(f"?sslmode=verify-full&sslrootcert={secured.folder}/own.crt")
    (home / "config.toml").write_text(
        f'cache_url = "{url}"\n[accounts.main]\nexchange = "binance"\n'
        'api_key = { env = "KEY" }\nsecret = { env = "SECRET" }\n'
    )
    env = {"PATH": os.environ["PATH"], "EXCACHE_HOME": str(home), "HOME": str(tmp_path)}
    env["PGPASSWORD"] = password
    for command in ("db path", "sync", "status", "portfolio", "db check", "fills", "account list"):
        done = subprocess.run(
            [sys.executable, "-m", "exchange_cache", *command.split()],
            env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert password not in done.stdout + done.stderr, command
        assert "a bug in excache" not in done.stderr, command
        if password != _WORD and command not in {"db path", "account list"}:
            assert done.returncode == 78, (command, done)
    for file in home.rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes()
