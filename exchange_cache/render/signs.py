"""Signs that are not letters, each with its ASCII fallback."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

_EIGHTHS = " ▏▎▍▌▋▊▉"


class Signs(NamedTuple):
    """The signs of a terminal for states, dangers, arrows and bars."""

    unicode: bool

    @property
    def good(self) -> str:
        return "✓" if self.unicode else "ok"

    @property
    def attention(self) -> str:
        return "!"

    @property
    def danger(self) -> str:
        return "▲" if self.unicode else "!!"

    @property
    def failed(self) -> str:
        return "✗" if self.unicode else "x"

    @property
    def arrow(self) -> str:
        return "→" if self.unicode else "->"

    @property
    def ellipsis(self) -> str:
        return "…" if self.unicode else "..."

    def thin_bar(self, fraction: Decimal, width: int) -> str:
        """A thin bar of at most ``width`` cells, in halves; never empty above zero."""
        if fraction <= 0:
            return ""
        halves = max(1, int(min(fraction, Decimal(1)) * width * 2))
        full, half = ("━", "╸") if self.unicode else ("-", "-")
        return full * (halves // 2) + half * (halves % 2)

    def bar(self, fraction: Decimal, width: int) -> str:
        """A bar of at most ``width`` cells for a fraction from 0 to 1; never empty above zero."""
        if fraction <= 0:
            return ""
        if not self.unicode:
            return "#" * max(1, int(min(fraction, Decimal(1)) * width))
        eighths = max(1, int(min(fraction, Decimal(1)) * width * 8))
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
