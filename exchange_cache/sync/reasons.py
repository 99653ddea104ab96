"""Why a run requests something that it could leave out: words, for the decision and for whoever
asks before a run."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The first reason that holds, in the words of ``sync --dry-run``."""

    EXPLICIT = "everything is requested"
    NO_REVIEW = "the exchange has no reviewed policy"
    FIRST = "no run has read everything yet"
    ROUND = "the daily round"
    BLIND = "what moved is not known"
    WITNESS = "shows what balances may not show"
    HOLDS = "not empty when last read"
    PRICES = "prices move by themselves"
    FAILED = "the last request failed"
    UNFINISHED = "to be continued"
    FORGOTTEN = "the exchange forgets it soon"
    MOVED = "moved since it was read"
    ORDER = "the outcome of an order is not known"
    PENDING = "a transfer is pending"
    MISSED = "a row was not served again: to be confirmed"
    GAP = "a gap is to be filled"
    NEWS = "a symbol that was not requested before"
