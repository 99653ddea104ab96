"""Files leave an exchange by a signed call or a link; a link gets nothing of the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from exchange_cache.adapter.address import Base
from exchange_cache.adapter.archives import ArchiveCall
from exchange_cache.adapter.ccxt_adapter import CcxtAdapter, open_adapter
from exchange_cache.adapter.files import (
    FileSlot,
    ForeignHost,
    LinkExpired,
    LinkHosts,
    address_of,
)
from exchange_cache.clock import SetClock
from exchange_cache.errors import BadResponse, PermissionMissing
from exchange_cache.exchanges import policy_for
from tests.adapter.test_guard import CREDENTIALS
from tests.builders import NOW
from tests.exchanges.stub import Answer, Asked, StubServer

HOSTS = LinkHosts(names=frozenset({"files.example"}), source="a test")
REMOTE = frozenset({Base.of("https://www.okx.com/api")})
LOCAL = frozenset({Base.of("http://127.0.0.1:8000/okx")})
ZIP = b"PK\x03\x04\xff\xfe\x00 no text"
FILE = {"Content-Type": "application/octet-stream"}


class Script:
    """What the stub answers next."""

    def __init__(self) -> None:
        self.answer: Any = {}

    def __call__(self, asked: Asked) -> Any:
        return self.answer


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def stub(script: Script) -> Iterator[StubServer]:
    with StubServer(script) as server:
        yield server


def adapter(exchange: str, stub: StubServer, clock: SetClock | None = None) -> CcxtAdapter:
    return open_adapter(
        "main",
        policy_for(exchange),
        CREDENTIALS if exchange != "binance" else {"api_key": "A" * 20, "secret": "s"},
        {"urls": {"api": stub.url}, "timeout": 3000},
        clock or SetClock(NOW),
    )


# --- signed calls ---------------------------------------------------------------------------------


def test_a_signed_call_returns_the_bytes_of_a_file(stub: StubServer, script: Script) -> None:
    script.answer = Answer(ZIP, headers=FILE)
    call = ArchiveCall(method="privatePostRetrieveExport", params={"id": "TCJA"})
    assert adapter("kraken", stub).archive_call(call, "a file") == ZIP
    assert stub.asked[0].path.endswith("/0/private/RetrieveExport")


def test_an_error_that_comes_with_200_as_json_is_an_error(stub: StubServer, script: Script) -> None:
    script.answer = {"error": ["EGeneral:Permission denied"]}
    call = ArchiveCall(method="privatePostRetrieveExport", params={"id": "TCJA"})
    with pytest.raises(PermissionMissing):
        adapter("kraken", stub).archive_call(call, "a file")


def test_a_page_is_no_file(stub: StubServer, script: Script) -> None:
    script.answer = Answer("<html>log in</html>", headers={"Content-Type": "text/html"})
    call = ArchiveCall(method="privatePostRetrieveExport", params={"id": "TCJA"})
    with pytest.raises(BadResponse):
        adapter("kraken", stub).archive_call(call, "a file")


def test_an_order_waits_for_its_own_pace_and_not_for_the_hours_that_ccxt_computes(
    stub: StubServer, script: Script
) -> None:
    script.answer = {"code": "0", "data": [{"result": "false"}], "msg": ""}
    clock = SetClock(NOW)
    call = ArchiveCall(
        method="privatePostAccountBillsHistoryArchive", params={"year": "2024", "quarter": "Q1"}
    )
    answer = adapter("okx", stub, clock).archive_call(call, "an order")
    assert answer["data"] == [{"result": "false"}]
    assert (clock.now() - NOW).total_seconds() < 1
    (asked,) = stub.asked
    assert (asked.method, asked.params) == ("POST", {"year": "2024", "quarter": "Q1"})


def test_a_file_larger_than_the_limit_is_not_read_to_its_end() -> None:
    class Streamed:
        status_code = 200
        headers = FILE
        read = 0

        def iter_content(self, size: int) -> Iterator[bytes]:
            for _ in range(1000):
                self.read += size
                yield b"0" * size

        def close(self) -> None:
            pass

    response = Streamed()
    with pytest.raises(BadResponse, match="more than 1 MiB"):
        FileSlot(most=1024 * 1024).taken(response)
    assert response.read < 2 * 1024 * 1024


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://files.example/a.zip?sig=1", "https://files.example/a.zip?sig=1"),
        ("http://files.example/a.zip?sig=1", "https://files.example/a.zip?sig=1"),
        ("https://FILES.example:443/a", "https://files.example/a"),
    ],
)
def test_a_listed_host_is_fetched_over_https(link: str, address: str) -> None:
    assert address_of(link, HOSTS, REMOTE) == address


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/a.zip",
        "https://files.example.evil.example/a.zip",
        "https://files.example:8443/a.zip",
        "https://user:word@files.example/a.zip",
        "https://evil.example/@files.example/a.zip",
        "https://files.example@evil.example/a.zip",
        "ftp://files.example/a.zip",
        "file:///etc/passwd",
        "http://127.0.0.1:1/a.zip",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1/a",
        "",
    ],
)
def test_any_other_host_is_named_and_not_fetched(link: str) -> None:
    with pytest.raises(ForeignHost):
        address_of(link, HOSTS, REMOTE)


def test_this_machine_is_a_host_only_for_an_account_that_is_read_from_it() -> None:
    link = "http://127.0.0.1:9000/archive/1"
    assert address_of(link, HOSTS, LOCAL) == link
    with pytest.raises(ForeignHost):
        address_of(link, HOSTS, LOCAL | REMOTE)
    with pytest.raises(ForeignHost, match=r"evil\.example"):
        address_of("https://evil.example/1", HOSTS, LOCAL)


def test_a_link_gets_neither_key_nor_signature_nor_cookie(stub: StubServer, script: Script) -> None:
    script.answer = Answer(ZIP, headers={"Content-Type": "binary/octet-stream"})
    with StubServer(script) as other:
        okx = adapter("okx", stub)
        okx._session.client.session.cookies.set("session", "secret")
        found = okx.archive_file(f"{other.url}/archive/1?sig=2", HOSTS)
        assert found == ZIP
        (asked,) = other.asked
    names = {name.lower() for name in asked.headers}
    assert names <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert asked.params == {"sig": "2"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer("<html/>", headers={"Content-Type": "text/html"}), BadResponse),
        (Answer("{}", headers={"Content-Type": "application/json"}), BadResponse),
        (Answer("", status=302, headers={"Location": "https://evil.example/"}), BadResponse),
        (Answer("<Error/>", status=403), LinkExpired),
        (Answer("", status=404), LinkExpired),
    ],
)
def test_what_is_no_file_is_refused(
    stub: StubServer, script: Script, answer: Answer, error: type[Exception]
) -> None:
    script.answer = answer
    with pytest.raises(error):
        adapter("okx", stub).archive_file(f"{stub.url}/archive/1", HOSTS)
    assert len(stub.asked) == 1


def test_a_link_that_fails_is_not_repeated_in_the_message() -> None:
    with StubServer(lambda asked: {}) as stub:
        okx = adapter("okx", stub)
        url = stub.url
    with pytest.raises(Exception, match=r"127\.0\.0\.1") as caught:
        okx.archive_file(f"{url}/archive/1?signature=secret", HOSTS)
    assert "secret" not in str(caught.value)
