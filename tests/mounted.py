"""A small file system of its own, for what happens when one is full or may not be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, size: str) -> Iterator[None]:
    """An empty file system at a new folder; the test is skipped where none may be mounted."""
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    if (
        shutil.which("mount") is None
        or subprocess.run(options, capture_output=True, check=False).returncode
    ):
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
