"""The documentation of the configuration is what the code says."""

from pathlib import Path

from exchange_cache.config.documentation import (
    accounts_table_markdown,
    alerts_table_markdown,
    ccxt_table_markdown,
    settings_table_markdown,
)

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_holds_the_tables_of_the_code():
    text = PAGE.read_text()
    assert settings_table_markdown().strip() in text
    assert accounts_table_markdown().strip() in text
    assert ccxt_table_markdown().strip() in text
    assert alerts_table_markdown().strip() in text
