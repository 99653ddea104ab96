"""Whole screens kept as text files beside the tests; ``make golden`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

#: Set to ``write``, the screens of this run replace the files.
SWITCH = "EXCACHE_GOLDEN"
ESCAPE, SHOWN = "\x1b", "␛"


def hold_golden(folder: Path, name: str, screen: str) -> None:
    """A screen is, sign by sign, the file ``NAME.txt``; escape codes are kept as ``␛``."""
    kept = folder / f"{name}.txt"
    text = screen.replace(ESCAPE, SHOWN)
    if os.environ.get(SWITCH) == "write":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text, "utf-8")
        return
    assert kept.exists(), f"{kept.name} is missing: make golden"
    assert text == kept.read_text("utf-8")
