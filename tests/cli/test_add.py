"""``excache account add``: what it refuses before it asks, and what it says."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

KEYS = "key\nc2VjcmV0\n"


def test_a_name_that_exists_is_refused_before_anything_is_asked(world: World) -> None:
    for name in ("kraken", "Kraken"):
        done = world.process("account", "add", name, stdin="")
        assert (done.code, done.out) == (2, "")
        assert "there is already an account kraken" in done.err
        assert "standard input" not in done.err


def test_an_unknown_exchange_is_refused_before_a_secret_is_asked(world: World) -> None:
    done = world.process("account", "add", "new", "-e", "krakn", stdin="")
    assert (done.code, done.out) == (2, "")
    assert 'there is no exchange "krakn"; did you mean "kraken"?' in done.err
    assert "standard input" not in done.err


def test_an_exchange_that_ccxt_renamed_is_named_with_its_new_id(world: World) -> None:
    done = world.process("account", "add", "new", "-e", "huobi", stdin="")
    assert done.code == 78
    assert "ccxt has renamed huobi" in done.err


def test_words_are_understood_in_any_case(world: World) -> None:
    words = ("-e", "Kraken", "--wallet", "SPOT", "--symbol", "eth/eur", "--no-check")
    done = world.process("account", "add", "new", *words, stdin=KEYS)
    assert done.code == 0, done.err
    text = (world.home / "config.toml").read_text()
    table = text[text.index("[accounts.new]") :]
    assert 'exchange = "kraken"' in table
    assert 'wallets = ["spot"]' in table
    assert 'symbols = ["ETH/EUR"]' in table


def test_blanks_around_pasted_keys_are_left_out_and_that_is_said(world: World) -> None:
    done = world.process(
        "account", "add", "new", "-e", "kraken", "--no-check", stdin=" key\t\nc2VjcmV0 \r\n"
    )
    assert done.code == 0, done.err
    assert "blanks around the api key are left out" in done.err
    assert "blanks around the secret are left out" in done.err
    assert (world.home / "secrets" / "new.api_key").read_text().strip("\n") == "key"
    assert (world.home / "secrets" / "new.secret").read_text().strip("\n") == "c2VjcmV0"


@pytest.mark.long
def test_it_shows_that_it_checks_the_key(world: World) -> None:
    done = world.process("account", "add", "new", "-e", "kraken", stdin=KEYS)
    assert "Checking new at kraken …" in done.err


def test_keys_with_blanks_in_their_files_are_used_without_them(world: World) -> None:
    """A pasted blank made a header that cannot be sent, or a wrong signature."""
    for name in ("kraken.key", "kraken.secret"):
        file = world.home / name
        file.write_text(f" {file.read_text().strip()}\u00a0\n")
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    checked = world.run("account", "check")
    assert checked.code == 0
    assert "kraken: blanks around its api_key, secret are left out" in checked.err


def test_an_exchange_that_ccxt_does_not_have_is_named_by_every_command(world: World) -> None:
    config = world.home / "config.toml"
    config.write_text(config.read_text().replace('exchange = "kraken"', 'exchange = "krakn"'))
    named = 'kraken: ccxt has no exchange "krakn"; did you mean "kraken"?'
    for words in ("portfolio --no-refresh", "balances", "fills", "pnl", "explain ETH", "status"):
        for _ in range(2):
            done = world.run(*words.split())
            assert (done.code, done.err) == (0, f"excache: {named}\n")
    for words in ("sync", "account check", "reload --force"):
        done = world.run(*words.split())
        assert done.code == 78
        assert done.err.count("krakn") == 1
    assert named in world.run("portfolio", "--no-refresh").err
