"""What an exchange, or what stands between it and us, can send in place of the true answer: bytes
on the wire, one function for each kind.

`WIRES` names them. A kind is *whole* where it concerns the key or the address, so that all of the
account may fail; it *lies* where its answer is well-formed and untrue, which nobody can notice; it
is *true* where a client must read it as if nothing had happened.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_cache.simulator.wire import Response

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
PAGE = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes to send, in pieces `pause` seconds apart; the connection is closed after `linger`."""

    pieces: tuple[bytes, ...]
    pause: float = 0.0
    linger: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a kind may use: the true answer, that of another request, and the address of a host
    that nobody may ask."""

    truth: Response
    other: bytes
    stranger: str
    date: str


Make = Callable[[Scene], Sent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    name: str
    make: Make
    whole: bool = False
    lies: bool = False
    true: bool = False
    slow: bool = False


def message(
    body: bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
) -> bytes:
    """An HTTP answer as it is on the wire."""
    size = len(body) if length is None else length
    found = {"Content-Length": str(size), **JSON, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in found.items() if value)
    return f"HTTP/1.1 {status} X\r\n{head}Connection: close\r\n\r\n".encode("latin-1") + body


def _sent(*pieces: bytes, pause: float = 0.0, linger: float = 0.0) -> Sent:
    return Sent(pieces, pause, linger)


def _status(code: int, body: bytes = b"", **headers: str) -> Make:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda scene: _sent(message(body, code, {**HTML, "Date": scene.date, **named}))


def _body(make: Callable[[Scene], bytes], **headers: str) -> Make:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda scene: _sent(
        message(make(scene), scene.truth.status, {"Date": scene.date, **named})
    )


def _payload(scene: Scene) -> bytes:
    return scene.truth.payload()


def _half(scene: Scene) -> Sent:
    whole = _payload(scene)
    return _sent(message(whole[: len(whole) // 2], length=len(whole)))


def _chunked(body: bytes, *, last: bytes = b"0\r\n\r\n", size: bytes | None = None) -> bytes:
    head = message(b"", headers={"Content-Length": "", "Transfer-Encoding": "chunked"})
    return head + (size or f"{len(body):x}".encode()) + b"\r\n" + body + b"\r\n" + last


def _redirect(code: int) -> Make:
    return lambda scene: _sent(message(b"", code, {"Location": f"{scene.stranger}/steal"}))


def _json(make: Callable[[Any], Any]) -> Make:
    """The true answer with its JSON changed."""

    def changed(scene: Scene) -> bytes:
        return json.dumps(make(json.loads(_payload(scene)))).encode()

    return _body(changed)


def _lists(node: Any) -> list[list[Any]]:
    """The lists of rows in an answer, the longest first."""
    found = [node] if isinstance(node, list) and node and isinstance(node[0], dict | list) else []
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        found += _lists(child)
    return sorted(found, key=len, reverse=True)


def _rows(change: Callable[[list[Any]], list[Any]]) -> Make:
    """The true answer with its longest list of rows changed."""

    def changed(node: Any) -> Any:
        for rows in _lists(node)[:1]:
            rows[:] = change(rows)
        return node

    return _json(changed)


def _leaves(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: walk(child) for name, child in node.items()}
        return [walk(child) for child in node] if isinstance(node, list) else change(node)

    return walk


def _last(change: Callable[[Any], Any]) -> Make:
    return _rows(lambda rows: [*rows[:-1], change(rows[-1])])


def _numeral(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    return str(value).lstrip("-").replace(".", "", 1).isdigit()


def _numbers(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _leaves(lambda value: change(value) if _numeral(value) else value)


def _turned(node: Any) -> Any:
    """Lists as objects, objects as lists."""
    if isinstance(node, dict):
        return [{name: child} for name, child in node.items()]
    return {str(at): child for at, child in enumerate(node)} if isinstance(node, list) else [node]


_REFUSALS = (400, 404, 405, 408, 409, 410, 421, 425, 431, 500, 501, 502, 503, 504, 520, 525, 530)
_BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n ",
    "null": b"null",
    "list": b"[]",
    "object": b"{}",
    "true": b"true",
    "zero": b"0",
    "text": b'""',
    "ok": b"OK",
    "html": PAGE,
    "xml": b'<?xml version="1.0"?><Error><Code>503</Code></Error>',
    "nan": b'{"result": NaN, "data": Infinity}',
    "digits": b'{"data": ' + b"9" * 5000 + b"}",
    "huge-exponent": b'{"data": 1e400, "result": 1e999999}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "surrogate": b'{"data": "\\ud800", "error": ["\\udfff"]}',
    "error-words": b'{"error": "something happened"}',
    "unknown-code": b'{"code":"99999","msg":"?"}',
    "success-false": b'{"success": false, "data": null}',
    "nul": b"\0" * 64,
    "jsonp": b"callback({});",
    "two-values": b"{}{}",
}
_WAITS = {
    "429": {},
    "429-seconds": {"Retry_After": "2"},
    "429-year": {"Retry_After": "31536000"},
    "429-date": {"Retry_After": "Mon, 15 Jun 2026 12:00:05 GMT"},
    "429-words": {"Retry_After": "soon"},
    "429-negative": {"Retry_After": "-5"},
    "418": {},
    "418-seconds": {"Retry_After": "120"},
    "403": {},
    "403-seconds": {"Retry_After": "9"},
    "451": {},
    "451-seconds": {"Retry_After": "9"},
    "401": {},
    "407": {},
    "503-seconds": {"Retry_After": "3"},
    "500-seconds": {"Retry_After": "3"},
}


def _all() -> list[Wire]:
    def wire(name: str, make: Make, **more: bool) -> Wire:
        return Wire(name=name, make=make, **more)

    return [
        wire("reset", lambda s: _sent()),
        wire("status-line-only", lambda s: _sent(b"HTTP/1.1 200 OK\r\n")),
        wire("head-only", lambda s: _sent(message(b"", length=500))),
        wire("half-body", _half),
        wire("length-too-long", lambda s: _sent(message(_payload(s), length=len(_payload(s)) + 9))),
        wire(
            "length-too-short", lambda s: _sent(message(_payload(s), length=len(_payload(s)) - 9))
        ),
        wire("length-negative", lambda s: _sent(message(_payload(s), length=-7))),
        wire("length-missing", _body(_payload, Content_Length=""), true=True),
        wire(
            "slow",
            lambda s: _sent(message(_payload(s))[:99], message(_payload(s))[99:], pause=0.3),
            true=True,
        ),
        wire("stall", lambda s: _sent(linger=30), slow=True),
        wire("stall-in-body", lambda s: Sent((*_half(s).pieces,), linger=30), slow=True),
        wire("not-http", lambda s: _sent(b"SSH-2.0-OpenSSH_9.6\r\n")),
        wire("icy", lambda s: _sent(b"ICY 200 OK\r\n\r\n" + _payload(s))),
        wire("body-without-head", lambda s: _sent(_payload(s))),
        wire("bad-header", lambda s: _sent(message(_payload(s), headers={"X\x00Y": "\x01"}))),
        wire("huge-header", lambda s: _sent(message(_payload(s), headers={"X": "y" * 70_000}))),
        wire(
            "many-headers",
            lambda s: _sent(message(_payload(s), headers={f"X{n}": "y" for n in range(300)})),
        ),
        wire("chunked", lambda s: _sent(_chunked(_payload(s))), true=True),
        wire("chunked-cut", lambda s: _sent(_chunked(_payload(s), last=b""))),
        wire("chunked-bad-size", lambda s: _sent(_chunked(_payload(s), size=b"zz"))),
        wire(
            "gzip", _body(lambda s: gzip.compress(_payload(s)), Content_Encoding="gzip"), true=True
        ),
        wire("gzip-not", _body(_payload, Content_Encoding="gzip")),
        wire(
            "gzip-cut", _body(lambda s: gzip.compress(_payload(s))[:-20], Content_Encoding="gzip")
        ),
        wire(
            "gzip-bad-sum",
            _body(lambda s: gzip.compress(_payload(s))[:-8] + b"12345678", Content_Encoding="gzip"),
        ),
        wire(
            "gzip-bomb", _body(lambda s: gzip.compress(b" " * 20_000_000), Content_Encoding="gzip")
        ),
        wire(
            "deflate",
            _body(lambda s: zlib.compress(_payload(s)), Content_Encoding="deflate"),
            true=True,
        ),
        wire("encoding-unknown", _body(lambda s: b"\x8b\x01" + _payload(s), Content_Encoding="br")),
        wire("utf-16", _body(lambda s: _payload(s).decode().encode("utf-16"))),
        wire("not-utf-8", _body(lambda s: _payload(s)[:-1] + b"\xff\xfe")),
        wire("bom", _body(lambda s: b"\xef\xbb\xbf" + _payload(s))),
        wire("cut-json", _body(lambda s: _payload(s)[: len(_payload(s)) * 2 // 3])),
        wire("tail", _body(lambda s: _payload(s) + b"\n<!-- served by cache -->")),
        wire("latin-comment", _body(lambda s: b"/* caf\xe9 */" + _payload(s))),
        *(wire(f"body-{name}", _body(lambda s, b=body: b)) for name, body in _BODIES.items()),
        *(wire(str(code), _status(code, PAGE)) for code in _REFUSALS),
        *(
            wire(name, _status(int(name[:3]), b"{}", **more), whole=True)
            for name, more in _WAITS.items()
        ),
        wire("204", _status(204)),
        wire(
            "206",
            lambda s: _sent(message(_payload(s)[:40], 206, {"Content-Range": "bytes 0-39/9999"})),
        ),
        wire("304", _status(304)),
        *(wire(f"redirect-{code}", _redirect(code)) for code in (300, 301, 302, 303, 307, 308)),
        wire("redirect-nowhere", _status(302)),
        wire("clock-wrong", _body(_payload, Date="Thu, 01 Jan 1970 00:00:00 GMT")),
        wire("clock-garbage", _body(_payload, Date="yesterday")),
        wire("of-another", _body(lambda s: s.other), lies=True),
        wire("turned", _json(_turned)),
        wire("wrapped", _json(lambda node: {"response": node})),
        wire("null-leaves", _json(_leaves(lambda value: None))),
        wire("text-leaves", _json(_leaves(lambda value: "?"))),
        wire("bool-leaves", _json(_leaves(lambda value: True))),
        wire("list-leaves", _json(_leaves(lambda value: [value]))),
        wire("row-null", _last(lambda row: None)),
        wire("row-empty", _last(lambda row: {})),
        wire("row-text", _last(lambda row: "x")),
        wire("row-null-fields", _last(_leaves(lambda value: None))),
        wire("row-words", _last(_numbers(lambda value: "?"))),
        wire("row-lists", _last(_leaves(lambda value: []))),
        wire("row-nan", _last(_numbers(lambda value: "NaN"))),
        wire("row-infinite", _last(_numbers(lambda value: "Infinity"))),
        wire("row-huge", _last(_numbers(lambda value: "1e999")), lies=True),
        wire("row-large", _last(_numbers(lambda value: 10**40)), lies=True),
        wire("row-zero", _last(_numbers(lambda value: 0)), lies=True),
        wire("row-negative", _last(_numbers(lambda value: -1)), lies=True),
        wire("row-long-text", _last(_leaves(lambda value: "x" * 100_000)), lies=True),
        wire("row-controls", _last(_leaves(lambda value: "\x1b]0;x\x07\u202e\x00")), lies=True),
        wire("rows-null", _rows(lambda rows: [None for _ in rows])),
        wire("rows-double", _rows(lambda rows: [*rows, *rows]), true=True),
        wire("rows-reversed", _rows(lambda rows: rows[::-1]), lies=True),
        wire("rows-many", _rows(lambda rows: (rows * 3000)[:3000]), lies=True),
        wire("rows-none", _rows(lambda rows: []), lies=True),
        wire("rows-half", _rows(lambda rows: rows[: len(rows) // 2]), lies=True),
        wire("more-fields", _json(lambda node: _with_more(node)), true=True),
    ]


def _with_more(node: Any) -> Any:
    """Fields that nobody knows, in every row."""
    for rows in _lists(node):
        for row in rows:
            if isinstance(row, dict):
                row["futureField"] = {"a": [1, None]}
    return node


WIRES = {one.name: one for one in _all()}
