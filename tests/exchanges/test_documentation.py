"""The table of the policies in the documentation."""

from __future__ import annotations

from pathlib import Path

from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.exchanges.documentation import policies_table


def test_the_table_in_the_docs_is_made_from_the_policies() -> None:
    path = Path(__file__).parents[2] / "docs" / "policies.md"
    assert path.read_text("utf-8") == policies_table(), (
        "python -m exchange_cache.exchanges.documentation > docs/policies.md"
    )


def test_the_docs_name_what_is_not_read_at_each_exchange() -> None:
    table = policies_table()
    for module in set(MODULES.values()):
        assert f"\n\nNot read: {'; '.join(policy_for(module).not_read)}.\n\n" in table, module


def test_the_docs_list_the_words_of_each_ledger_by_kind() -> None:
    lines = policies_table().splitlines()
    for module in set(MODULES.values()):
        for stream in policy_for(module).streams:
            for word, meaning in stream.meanings.items():
                assert any(
                    stream.scope in line and f"| {meaning.kind}" in line and f"`{word}`" in line
                    for line in lines
                ), (module, stream.scope, word)
