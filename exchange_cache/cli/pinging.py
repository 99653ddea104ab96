"""Telling a watchdog that a run started, succeeded or failed (the healthchecks convention), so that silence is noticed."""

from __future__ import annotations

import http.client
import urllib.request
from urllib.parse import urlsplit, urlunsplit

TIMEOUT_SECONDS = 10
START, SUCCESS, FAILURE = "/start", "", "/fail"


def ping(url: str, step: str = SUCCESS) -> str | None:
    """Call ``url``, for START and FAILURE with that word appended to its path; None, or why it could not be called."""
    address = address_of(url, step)
    if address is None:
        return "the watchdog's address must begin with http:// or https://"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS):
            return None
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"the watchdog could not be told ({error})"


def address_of(url: str, step: str) -> str | None:
    """Where a step is told; the query of the address stays behind its path. None: no address of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + step)) if step else url
