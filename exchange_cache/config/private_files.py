"""Files that only their owner may read: created with that mode, and refused if their mode has
changed."""

from __future__ import annotations

import glob
import os
import shlex
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from exchange_cache.config.sources import Hidden
from exchange_cache.machine import cure

PRIVATE_MODE = 0o600
MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is unavailable (the end of a sentence), and the cure."""

    what: str
    cure: str


def read_private(file: Path) -> Hidden | Problem:
    """The text of a regular file of ours with mode 0600 or stricter; the checks apply to the opened
    file."""
    quoted = shlex.quote(str(file))
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Problem(
            f"the file {file} does not exist",
            f"(umask 077; cat > {quoted}) reads it from the keyboard",
        )
    except OSError as exc:
        return _not_read(file, exc)
    problem = _refusal(file, os.fstat(descriptor))
    if problem is not None:
        os.close(descriptor)
        return problem
    try:
        with os.fdopen(descriptor, "rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as exc:
        return _not_read(file, exc)
    if len(raw) > MAX_BYTES:
        return Problem(f"the file {file} is too long to be a secret", f"ls -l {quoted}")
    text = decoded(raw)
    return Problem(f"the file {file} is not UTF-8 text", f"file {quoted}") if text is None else text


def _not_read(file: Path, error: OSError) -> Problem:
    return Problem(
        f"the file {file} cannot be read: {error.strerror}",
        cure(error, f"ls -l {shlex.quote(str(file))}"),
    )


def create_private(file: Path, text: Hidden) -> None:
    """Create a file with mode 0600 and write it to disk before returning; FileExistsError instead
    of overwriting."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.reveal().encode())
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def replace_private(file: Path, text: Hidden) -> None:
    """Replace a file atomically: readers see all of the old text or all of the new. A link stays a
    link."""
    target = Path(os.path.realpath(file))
    fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    fresh.unlink(missing_ok=True)
    _clear_remains(target)
    create_private(fresh, text)
    try:
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _clear_remains(target: Path) -> None:
    """Delete what killed processes left beside a file that they were about to replace."""
    for remains in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        pid = remains.name.split(".")[-2]
        if not pid.isdecimal():
            continue
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            remains.unlink(missing_ok=True)
        except (PermissionError, OverflowError):
            continue  # another user's process, or no number of a process


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, if the file system can. The name already
    exists."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def decoded(raw: bytes) -> Hidden | None:
    try:
        return Hidden(raw.decode())
    except UnicodeDecodeError:
        return None


def _refusal(file: Path, info: os.stat_result) -> Problem | None:
    quoted = shlex.quote(str(file))
    if not stat.S_ISREG(info.st_mode):
        return Problem(f"{file} is not a regular file", f"ls -ld {quoted}")
    if info.st_uid != os.geteuid():
        return Problem(
            f"the file {file} belongs to another user", f"sudo chown {os.geteuid()} {quoted}"
        )
    mode = stat.S_IMODE(info.st_mode)
    if mode & ~PRIVATE_MODE:
        return Problem(
            f"the file {file} has mode {mode:04o}, open to others", f"chmod 600 {quoted}"
        )
    return None
