"""Reports to a watchdog that a run started, succeeded or failed (healthchecks convention)."""

from __future__ import annotations

import http.client
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit

from exchange_cache.adapter.address import redirect_target
from exchange_cache.errors import UsageError

TIMEOUT_SECONDS = 10
START, SUCCESS, FAILURE = "/start", "", "/fail"


def ping(url: str, step: str = SUCCESS) -> str | None:
    """Call ``url``, with START or FAILURE appended to its path; returns None or what failed."""
    address = address_of(url, step)
    if address is None:
        return "the watchdog's address must start with http:// or https://"
    try:
        with urllib.request.build_opener(_NoRedirect).open(address, timeout=TIMEOUT_SECONDS):
            return None
    except HTTPError as error:
        if 300 <= error.code < 400:
            target = redirect_target(error.headers.get("Location"), address)
            return (
                f"the watchdog answered {error.code}, a redirect to the host {target}, which is not"
                " followed"
            )
        return f"the watchdog could not be reached ({error})"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"the watchdog could not be reached ({error})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the address is the watchdog's secret."""

    def redirect_request(self, *args: Any, **named: Any) -> None:
        return None


def refuse_address(url: str) -> None:
    """UsageError for what is not the address of a watchdog."""
    if address_of(url, SUCCESS) is None:
        raise UsageError(
            f"{url!r} is not the address of a watchdog",
            hint="use one that starts with http:// or https://",
        )


def address_of(url: str, step: str) -> str | None:
    """The address of a step, with the query after the path; None if it is not a web address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + step)) if step else url
