"""Reports a bug: one line on stderr, and the traceback without secrets in the log file."""

from __future__ import annotations

import os
import platform
import traceback
from datetime import UTC
from pathlib import Path

from exchange_cache import __version__
from exchange_cache.cli.app import App
from exchange_cache.errors import ExcacheError
from exchange_cache.visible import visible

#: A log of more bytes is started anew.
LOG_LIMIT = 1_000_000
#: Of a longer traceback, the first and the last half of so many characters are kept.
TRACE_LIMIT = 100_000


def report_bug(app: App, error: Exception) -> None:
    """State that excache is at fault, name the error and write the traceback."""
    sentence = _redacted(app, f"{type(error).__name__}: {error}").splitlines()[0][:200]
    app.say(f"excache: a bug in excache, not in what you did: {sentence}")
    try:
        place = write_traceback(app, error)
    except (OSError, ExcacheError) as problem:
        app.say(f"         its traceback could not be written ({problem})")
    else:
        app.say(f"         its traceback is in {place}; nothing cached was lost")


def write_traceback(app: App, error: Exception) -> Path:
    """Append the traceback to the log file, which only its owner can read; returns its path."""
    app.paths.ensure_state_dir()
    place = app.paths.log_file
    if place.exists() and place.stat().st_size > LOG_LIMIT:
        place.unlink()
    when = app.now().astimezone(UTC)
    head = (
        f"{when:%Y-%m-%d %H:%M:%S} UTC  excache {__version__}, Python {platform.python_version()},"
        f" {platform.system()}"
    )
    text = visible(_redacted(app, "".join(traceback.format_exception(error))), keep="\n\t")
    if len(text) > TRACE_LIMIT:
        half = TRACE_LIMIT // 2
        text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{head}\n{text}\n")
    return place


def _redacted(app: App, text: str) -> str:
    from exchange_cache.adapter.redaction import redact

    return redact(text, app.secrets)
