"""Credentials: the sources of their values, their form, and texts that are shown to nobody."""

from __future__ import annotations

import pickle

import pytest

from exchange_cache.config.faults import Wrong
from exchange_cache.config.sources import (
    CommandSecret,
    EnvSecret,
    FileSecret,
    Hidden,
    KeyringSecret,
    plain,
    read_source,
    shape_problem,
    source_table,
    trimmed,
)

PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("table", "source"),
    [
        ({"env": "KEY"}, EnvSecret("KEY")),
        ({"keyring": True}, KeyringSecret()),
        ({"command": ["pass", "show x"]}, CommandSecret(("pass", "show x"))),
        ({"file": "main.key"}, FileSecret("main.key")),
    ],
)
def test_a_source_is_written_as_it_is_read(table: dict[str, object], source: EnvSecret) -> None:
    assert read_source("secret", table) == source
    assert source_table(source) == table


def test_a_command_may_be_one_text() -> None:
    assert read_source("secret", {"command": "pass show 'a b'"}) == CommandSecret(
        ("pass", "show", "a b")
    )


@pytest.mark.parametrize("value", [7, {}, {"env": "A", "file": "b"}, {"vault": "x"}, {"env": ""}])
def test_what_names_no_single_source_is_refused(value: object) -> None:
    with pytest.raises(Wrong):
        read_source("secret", value)


def test_a_value_in_the_clear_is_kept_hidden_and_a_wrong_one_is_not_quoted() -> None:
    assert read_source("secret", "hunter2\n") == plain("hunter2")
    with pytest.raises(Wrong) as caught:
        read_source("secret", "hunter2\nline two")
    assert "hunter2" not in str(caught.value)


def test_only_the_final_line_end_is_removed_and_a_pem_block_gets_real_lines() -> None:
    assert trimmed("a\\nb \r\n") == "a\\nb "
    assert trimmed(PEM.replace("\n", "\\n") + "\n") == PEM


@pytest.mark.parametrize(
    ("credential", "text", "problem"),
    [
        ("secret", "hunter2", None),
        ("secret", PEM, None),
        ("secret", " ", "is empty"),
        ("secret", "a\x00", "contains a zero byte, so it is not text"),
        ("secret", "a\nb", "has more than one line and is not a PEM block"),
        ("wallet_address", "0x" + "a" * 40, None),
    ],
)
def test_the_form_of_a_value_is_checked(credential: str, text: str, problem: str | None) -> None:
    assert shape_problem(credential, text) == problem


def test_a_private_key_in_place_of_the_address_is_refused() -> None:
    found = shape_problem("wallet_address", "0x" + "a" * 64)
    assert found is not None and found.startswith("looks like a private key")


def test_a_hidden_text_shows_itself_only_on_request() -> None:
    hidden = Hidden("hunter2")
    assert "hunter2" not in f"{hidden!r} {hidden} {[hidden]}"
    assert hidden.reveal() == "hunter2"
    assert hidden == Hidden("hunter2") != Hidden("other")
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(hidden)
