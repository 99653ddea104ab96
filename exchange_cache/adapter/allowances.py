"""What an exchange lets an account use up: part of the policies' vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A request weight that the exchange counts over a minute and reports in a header of every
    answer.

    ``a_minute`` is the limit, by the beginning of the endpoint's section; ``api`` stands for the
    sections ``public`` and ``private``. ``suffix`` distinguishes the pools of one section.
    ``per_account``: the exchange counts the weight of each user apart, not that of the address.
    """

    header: str
    a_minute: Mapping[str, int]
    suffix: str = ""
    per_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Whose requests an exchange counts together. Where nothing is stated, that is everything that
    one address sends.

    ``signed_per_account``: it counts signed requests by user or key, and ``dear_per_account`` at
    least the expensive ones. ``apart`` are the beginnings of sections that are counted apart.
    ``requests`` in ``seconds`` is what it accepts from one address at most, signed or not.
    ``at_once``: so many requests of one account wait for their answers at a time; 1 where they must
    arrive in their order, as their numbers grow.
    """

    signed_per_account: bool = False
    dear_per_account: bool = False
    apart: tuple[str, ...] = ()
    requests: int | None = None
    seconds: float = 1.0
    at_once: int = 1
    source: str = ""
