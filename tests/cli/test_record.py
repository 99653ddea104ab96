"""``excache account record``: a file with the wire of one sync, and nobody's secrets in it."""

from __future__ import annotations

import gzip
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cli.record import _refuse_secrets
from exchange_cache.errors import ExcacheError
from tests.e2e.world import World

MakeWorld = Callable[..., World]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("exchange", ["bybit", "kraken", "okx"])
def test_no_secret_id_or_amount_of_the_account_is_in_the_file(
    make_world: MakeWorld, exchange: str
) -> None:
    world = make_world(accounts={"mine": exchange}, history_days=30, fills=100)
    file = world.home / "wire.json"
    assert world.run("sync").code == 0
    done = world.run("account", "record", "mine", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    text = file.read_text()
    account = next(iter(world.simulator.venue.accounts()))
    for secret in filter(None, (account.api_key, account.secret, account.password, account.uid)):
        assert secret not in text
    assert "mine" not in set(re.findall(r"\w+", text))
    assert "127.0.0.1" not in text
    requests = json.loads(text)["requests"]
    private = [one for one in requests if one["private"]]
    public = json.dumps([one for one in requests if not one["private"]])
    written = set(re.findall(r"[A-Za-z0-9.]+", json.dumps(private)))
    ids, amounts = ids_of(world, public), amounts_of(world)
    assert len(ids) > 10 and len(amounts) > 10
    assert not ids & written
    assert not amounts & written


def ids_of(world: World, public: str) -> set[str]:
    """The long parts of every id, link and hash in the cache that are neither a time nor public."""
    repository = world.repository()
    fills, orders = repository.ledger.fills(), repository.ledger.orders()
    transfers = repository.ledger.transfers()
    repository.close()
    texts = [text for one in fills for text in (one.fill_id, one.order_id)]
    texts += [text for one in orders for text in (one.order_id, one.client_order_id)]
    texts += [text for one in transfers for text in (one.transfer_id, one.tx_id)]
    parts = {part for text in texts if text for part in re.findall(r"[A-Za-z0-9]{5,}", text)}
    known = set(re.findall(r"\w+", public))
    return {part for part in parts - known if re.search(r"\d", part) and not is_time(part)}


def is_time(part: str) -> bool:
    return re.fullmatch(r"1[4-9]\d{8}(\d{3})?", part) is not None


def amounts_of(world: World) -> set[str]:
    """Quantities and costs with at least five digits, as rows write them."""
    repository = world.repository()
    found = [one.total for one in repository.mirror.balances()]
    found += [figure for one in repository.ledger.fills() for figure in (one.quantity, one.cost)]
    repository.close()
    return {f"{one:f}" for one in found if len(one.normalize().as_tuple().digits) >= 5}


def test_the_file_says_what_it_holds_and_only_its_owner_reads_it(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    file = world.home / "wire.json.gz"
    done = world.run("account", "record", "mine", "-o", str(file))
    assert (done.code, done.err) == (0, "")
    document: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (document["format"], document["exchange"], document["policy"]) == (1, "kraken", "kraken")
    assert set(document["versions"]) == {"excache", "ccxt"}
    assert document["expected"]["rows"]["balances"] > 0
    balances = next(one for one in document["requests"] if "BalanceEx" in one["endpoint"])
    assert (balances["host"], balances["path"], balances["params"], balances["status"]) == (
        "api.kraken.com",
        "/0/private/BalanceEx",
        {},
        200,
    )
    first, *rest = done.out.splitlines()
    assert first == f"Wrote {file} ({file.stat().st_size:,} bytes)."
    assert f"  Requests   {len(document['requests']):,}, of which" in rest[0]
    assert "Read it before you send it" in done.out


def test_the_cache_of_the_user_is_neither_created_nor_changed(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    file = world.home / "wire.json"
    assert world.run("account", "record", "mine", "-o", str(file)).code == 0
    assert not (world.home / "cache.sqlite3").exists()
    assert world.run("sync").code == 0
    before = rows_of(world)
    assert world.run("account", "record", "mine", "-o", str(file), "--force").code == 0
    assert rows_of(world) == before


def rows_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    repository = world.repository()
    rows = {table: repository.dump(table) for table in repository.table_counts()}
    repository.close()
    return rows


def test_a_file_that_exists_is_not_replaced_unless_forced(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    file = world.home / "wire.json"
    file.write_text("mine")
    done = world.run("account", "record", "mine", "-o", str(file))
    assert (done.code, file.read_text()) == (2, "mine")
    assert done.err.splitlines() == [
        f"excache: {file} exists",
        "         name another file, or replace it with --force",
    ]
    assert not world.simulator.calls("kraken")


def test_a_folder_that_is_missing_is_reported_before_any_request(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    done = world.run("account", "record", "mine", "-o", str(world.home / "no" / "wire.json"))
    assert done.code == 2
    assert f"the folder {world.home / 'no'} does not exist" in done.err
    assert not world.simulator.calls("kraken")


def test_an_account_that_is_unknown_is_reported(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    done = world.run("account", "record", "yours", "-o", str(world.home / "wire.json"))
    assert (done.code, "there is no account" in done.err) == (2, True)


def test_a_refused_key_is_recorded_too(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    (world.home / "mine.key").write_text("key-that-nobody-has\n")
    file = world.home / "wire.json"
    done = world.run("account", "record", "mine", "-o", str(file))
    assert done.code == 77
    refusal = [one for one in json.loads(file.read_text())["requests"] if one["private"]][-1]
    assert refusal["answer"]["error"] == ["EAPI:Invalid key"]


def test_a_secret_in_a_public_answer_stops_the_recording() -> None:
    _refuse_secrets("a text with short", {"short"})
    with pytest.raises(ExcacheError, match="contains one of your secrets"):
        _refuse_secrets('{"note": "topsecretkey"}', {"topsecretkey"})


def test_a_pause_of_the_exchange_is_respected(make_world: MakeWorld) -> None:
    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    repository = world.repository()
    until = int(world.clock.now().timestamp() * 1000) + 3_600_000
    pause = {"pause kraken": {"until_ms": until, "banned": False}}
    repository.progress.remember("", pause, world.clock.now())
    repository.close()
    file = world.home / "wire.json"
    done = world.run("account", "record", "mine", "-o", str(file))
    assert (done.code, file.exists()) == (66, False)
    assert "asked us to slow down until" in done.err
    assert "no request was sent" in done.err
    assert not world.simulator.calls("kraken")


def test_a_running_sync_is_waited_for(make_world: MakeWorld, tmp_path: Path) -> None:
    from exchange_cache.clock import SetClock
    from exchange_cache.sync.lock import WriterLock

    world = make_world(accounts={"mine": "kraken"}, history_days=10, fills=100)
    with WriterLock(world.home / "cache.sqlite3.lock", world.clock) as lock:
        assert lock.try_acquire("sync")
        waiting = World(world.simulator, world.home, SetClock(world.clock.now()))
        done = waiting.run("account", "record", "mine", "-o", str(tmp_path / "wire.json"))
    assert done.code == 75
    assert not world.simulator.calls("kraken")
