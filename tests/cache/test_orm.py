from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("psycopg")

SHOWN = "; import sys; print(*sorted({'psycopg', 'psycopg2', 'pymysql'} & set(sys.modules)))"


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_cache_in_a_file_loads_no_driver_of_a_server_although_one_is_installed() -> None:
    assert run(f"import exchange_cache.cache.repository{SHOWN}") == ""


def test_without_this_peewee_loads_it() -> None:
    assert run(f"import peewee{SHOWN}") == "psycopg"


def test_a_driver_that_is_hidden_can_be_imported_afterwards() -> None:
    assert run(f"import exchange_cache.cache.repository, psycopg{SHOWN}") == "psycopg"


def test_a_driver_that_is_loaded_already_stays() -> None:
    assert run(f"import psycopg, exchange_cache.cache.repository{SHOWN}") == "psycopg"
