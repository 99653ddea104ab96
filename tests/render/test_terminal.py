import io

import pytest

from exchange_cache.render.terminal import Terminal, detect


class Stream(io.StringIO):
    def __init__(self, *, tty: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self._tty, self._encoding = tty, encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._tty


def test_a_terminal_has_colour_and_a_width():
    assert detect(Stream(tty=True), {"TERM": "xterm", "COLUMNS": "132"}) == Terminal(
        width=132, colour=True, unicode=True, is_tty=True
    )


def test_a_terminal_of_unknown_width_has_80_columns():
    assert detect(Stream(tty=True), {}).width == 80


def test_a_pipe_has_neither_colour_nor_width():
    assert detect(Stream(tty=False), {"TERM": "xterm"}) == Terminal(
        width=None, colour=False, unicode=True, is_tty=False
    )


@pytest.mark.parametrize(
    "env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}]
)
def test_colour_is_turned_off(env):
    assert not detect(Stream(tty=True), env).colour


def test_an_empty_no_color_changes_nothing():
    assert detect(Stream(tty=True), {"NO_COLOR": ""}).colour


def test_colour_can_be_forced_into_a_pipe():
    assert detect(Stream(tty=False), {"FORCE_COLOR": "1"}).colour


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "no-such-encoding"])
def test_other_encodings_than_utf_get_ascii(encoding):
    assert not detect(Stream(tty=True, encoding=encoding), {}).unicode


@pytest.mark.parametrize("columns", ["", "0", "wide", "-5"])
def test_a_senseless_width_is_ignored(columns):
    assert detect(Stream(tty=False), {"COLUMNS": columns}).width is None


def test_a_closed_stream_is_no_terminal():
    stream = io.StringIO()
    stream.close()
    assert not detect(stream, {}).is_tty
