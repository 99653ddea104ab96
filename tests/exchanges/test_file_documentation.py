"""The page of the files that are read."""

from __future__ import annotations

from pathlib import Path

from exchange_cache.exchanges.file_documentation import files_page
from exchange_cache.exchanges.files import tables


def test_the_page_in_the_docs_is_made_from_the_tables() -> None:
    path = Path(__file__).parents[2] / "docs" / "files.md"
    assert path.read_text("utf-8") == files_page(), (
        "python -m exchange_cache.exchanges.file_documentation > docs/files.md"
    )


def test_every_edition_is_named_with_its_columns() -> None:
    page = files_page()
    for table in tables():
        assert f"**{table.edition}** · " in page
        assert all(f"`{name}`" in page for name in table.columns if name)
