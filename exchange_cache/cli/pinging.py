"""Telling a watchdog that a run started, succeeded or failed (the healthchecks convention), so that silence is noticed."""

from __future__ import annotations

import urllib.error
import urllib.request

TIMEOUT_SECONDS = 10


def ping(url: str, suffix: str = "") -> str | None:
    """Call ``url`` with ``/start`` or ``/fail`` appended, or as it is; None, or why it could not be called."""
    address = url.rstrip("/") + suffix if suffix else url
    if not address.startswith(("http://", "https://")):
        return "the watchdog's address must begin with http:// or https://"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS):
            return None
    except (urllib.error.URLError, OSError, ValueError) as error:
        return f"the watchdog could not be told ({error})"
