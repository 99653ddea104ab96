"""Removes secrets from texts: keys, signatures and the queries of signed URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

_QUERY = re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>)]*")
_RELATIVE_QUERY = re.compile(r"(with url: [^\s?]+)\?\S*")
_PARAMETER = re.compile(
    r"(?i)\b(signature|sign|api[-_]?key|apikey|api-sign|secret|passphrase|password|token|ok-access-[a-z]+|kc-api-[a-z]+|authorization)"
    r"(['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^&\s,'\"}]+"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the secrets (plain or URL-encoded), queries of URLs and signature
    parameters."""
    text = without_secrets(text, secrets)
    text = _QUERY.sub(r"\1", text)
    text = _RELATIVE_QUERY.sub(r"\1", text)
    return _PARAMETER.sub(r"\1\2***", text)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, plain or URL-encoded."""
    for secret in sorted(
        {item for item in secrets if item and len(item) >= 4}, key=len, reverse=True
    ):
        for form in {
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            secret.replace("\n", "\\n"),
        }:
            text = text.replace(form, "***")
    return text


def scrub(error: BaseException, secrets: Iterable[str]) -> None:
    """Redact the text of an exception and of its causes, so that a traceback shows no secret."""
    secrets, seen, waiting = tuple(secrets), set(), [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        current.args = tuple(_scrubbed(item, secrets, waiting) for item in current.args)
        waiting.extend(
            cause for cause in (current.__cause__, current.__context__) if cause is not None
        )


def _scrubbed(item: Any, secrets: tuple[str, ...], waiting: list[BaseException]) -> Any:
    if isinstance(item, str):
        return redact(item, secrets)
    if isinstance(item, BaseException):
        waiting.append(item)
        return item
    return (
        item if item is None or isinstance(item, int | float | bool) else redact(str(item), secrets)
    )
