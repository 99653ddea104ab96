"""Opens what a user gives: a CSV file, a zip with several, or stdin, as lines of text.

Nothing is held in memory but the line that is read. What a zip expands to is bounded, and its
names lead nowhere: nothing of it is written to disk.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from exchange_cache.errors import StatementRefused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: A file of a zip may be so many times as large as what it takes in the zip (CSV: 5 to 30), and
#: the whole no larger than this.
MOST_EXPANSION = 300
LARGEST = 20 * 1024**3
MOST_FILES = 1_000
_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
#: How files begin that are neither text nor zips, what they are, and how they become one.
_KINDS = (
    (b"\x1f\x8b", "is compressed by gzip", "extract it first: gunzip FILE"),
    (b"BZh", "is compressed by bzip2", "extract it first: bunzip2 FILE"),
    (b"\xfd7zXZ", "is compressed by xz", "extract it first: unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd", "extract it first: unzstd FILE"),
    (b"7z\xbc\xaf", "is an archive of 7-Zip", "extract it first, or pack it as a zip"),
    (b"Rar!", "is a RAR archive", "extract it first, or pack it as a zip"),
    (b"\xd0\xcf\x11\xe0", "is an xls file, the spreadsheet format until 2007", "save it as CSV"),
    (b"%PDF", "is a PDF", "download the statement as CSV"),
)
#: Files of a zip that are not read, though rows may be in them.
_MORE_ROWS = frozenset({".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".xlsx", ".xls"})
#: What reading a damaged file of a zip raises. RuntimeError: of an encrypted one.
_DAMAGED = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error)
_LINE_ENDS = {ord("\n"): r"\n", ord("\r"): r"\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file of rows: its ``name`` (``archive.zip/ledgers.csv`` inside a zip), the ``digest`` of
    its bytes, and where it is opened from."""

    name: str
    digest: str
    path: Path | None
    member: str | None = None
    content: bytes | None = None

    @contextmanager
    def lines(self) -> Iterator[Iterator[str]]:
        """Its lines with their ends, in whatever encoding it has."""
        with _binary(self) as stream:
            yield _decoded(stream, self.name)

    def is_open_ended(self) -> bool:
        """Whether its last line has no end. A zip proves by a checksum that its files are whole."""
        if self.member is not None:
            return False
        with _binary(self) as stream:
            stream.seek(0, io.SEEK_END)
            stream.seek(max(0, stream.tell() - 4))
            return stream.read().rstrip(b"\0")[-1:] not in {b"\n", b"\r"}


def sources(path: Path, *, name: str | None = None, content: bytes | None = None) -> list[Source]:
    """The files of rows that a path (or bytes) holds: itself, or those of a zip in it."""
    named = _shown(name or path.name or str(path))
    with _opened(path, content, named) as stream:
        begin = stream.read(8)
        if begin[:4] in {_ZIP, _EMPTY_ZIP}:
            stream.seek(0)
            return _members(stream, path, named, content)
        for mark, words, cure in _KINDS:
            if begin.startswith(mark):
                raise StatementRefused(words, file=named, hint=cure)
        if not begin:
            raise StatementRefused("the file is empty", file=named)
        stream.seek(0)
        return [Source(name=named, digest=_digest(stream), path=path, content=content)]


def _shown(name: str) -> str:
    """A name that fits on a line and into the cache: one that is not text has marks for it."""
    return os.fsencode(name).decode(errors="replace").translate(_LINE_ENDS)


@contextmanager
def _opened(path: Path, content: bytes | None, name: str) -> Iterator[IO[bytes]]:
    if content is not None:
        yield io.BytesIO(content)
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise StatementRefused(f"cannot be opened: {error.strerror}", file=name) from error
    with stream:
        yield stream


@contextmanager
def _binary(source: Source) -> Iterator[IO[bytes]]:
    assert source.path is not None
    with _opened(source.path, source.content, source.name) as stream:
        if source.member is None:
            yield stream
            return
        with _zip(stream, source.name) as archive, archive.open(source.member) as inner:
            yield inner


@contextmanager
def _zip(stream: IO[bytes], name: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError) as error:
        raise StatementRefused(f"the zip is damaged or cut off: {error}", file=name) from error
    with archive:
        yield archive


def _members(stream: IO[bytes], path: Path, name: str, content: bytes | None) -> list[Source]:
    with _zip(stream, name) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if "[Content_Types].xml" in {info.filename for info in infos}:
            _refuse_bomb(infos, name)
            return [_sheet(path, name, content)]
        others = [info.filename for info in infos if not _is_rows(info.filename)]
        infos = [info for info in infos if _is_rows(info.filename)]
        hint = "extract it, and import what it holds" if others else None
        if not infos:
            held = f", but {_shown(others[0])}" if others else ""
            raise StatementRefused(f"the zip holds no CSV file{held}", file=name, hint=hint)
        packed = [one for one in others if not _is_hidden(one) and _suffix(one) in _MORE_ROWS]
        if packed:
            raise StatementRefused(
                f"the zip holds {_shown(packed[0])} too, whose rows would be left out",
                file=name,
                hint=hint,
            )
        _refuse_bomb(infos, name)
        found = []
        for info in sorted(infos, key=lambda one: one.filename):
            inner = f"{name}/{_shown(info.filename)}"
            if info.flag_bits & 1:
                raise StatementRefused("is encrypted: extract it first", file=inner)
            digest = _member_digest(archive, info, inner)
            found.append(
                Source(name=inner, digest=digest, path=path, member=info.filename, content=content)
            )
    return found


def _sheet(path: Path, name: str, content: bytes | None) -> Source:
    """A spreadsheet (xlsx) as the CSV text of its first sheet."""
    from exchange_cache.statements.sheets import as_csv

    text = as_csv(path if content is None else io.BytesIO(content), name)
    return Source(name=name, digest=hashlib.sha256(text).hexdigest(), path=path, content=text)


def _is_rows(name: str) -> bool:
    return not _is_hidden(name) and _suffix(name) in {".csv", ".tsv", ".txt"}


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _refuse_bomb(infos: list[zipfile.ZipInfo], name: str) -> None:
    if len(infos) > MOST_FILES:
        raise StatementRefused(f"the zip holds {len(infos)} files", file=name)
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > LARGEST or total > MOST_EXPANSION * packed + _CHUNK:
        raise StatementRefused(
            f"the zip would expand from {packed:,} to {total:,} bytes, which no statement does",
            file=name,
        )


def _digest(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        found.update(chunk)
    return found.hexdigest()


def _member_digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> str:
    """The digest of a file in a zip, which also proves that it is whole and as large as stated."""
    found, size = hashlib.sha256(), 0
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                size += len(chunk)
                if size > info.file_size:
                    raise StatementRefused("expands to more than the zip states", file=name)
                found.update(chunk)
    except _DAMAGED as error:
        raise StatementRefused(f"the zip is damaged or cut off: {error}", file=name) from error
    return found.hexdigest()


def _decoded(stream: IO[bytes], name: str) -> Iterator[str]:
    begin = stream.read(4)
    encoding = next((code for mark, code in _MARKS if begin.startswith(mark)), None)
    if encoding is None:
        big = "utf-16-be" if begin[:1] == b"\0" else "utf-8"
        encoding = "utf-16-le" if begin[1:2] == b"\0" else big
    joined = io.BufferedReader(_Joined(begin, stream))
    text = io.TextIOWrapper(joined, encoding=encoding, newline="")
    number = 0
    try:
        for line in iter(partial(text.readline, _CHUNK + 1), ""):
            number += 1
            if len(line) > _CHUNK:
                raise StatementRefused("is a line of a million characters", file=name, line=number)
            if "\0" in line:
                raise StatementRefused(
                    "holds a zero byte, which is no text: the file is damaged",
                    file=name,
                    line=number,
                    hint="download it again",
                )
            yield line
    except UnicodeDecodeError as error:
        raise StatementRefused(
            f"is not text in {encoding} (byte {error.object[error.start]:#x})",
            file=name,
            line=number + 1 + error.object.count(b"\n", 0, error.start),
            hint="import the file as the exchange made it",
        ) from error


class _Joined(io.RawIOBase):
    """The bytes that were read already, then the rest of the stream."""

    def __init__(self, begin: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._begin = begin
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer).cast("B")
        if self._begin:
            part, self._begin = self._begin[: len(room)], self._begin[len(room) :]
        else:
            part = self._rest.read(len(room))
        room[: len(part)] = part
        return len(part)
