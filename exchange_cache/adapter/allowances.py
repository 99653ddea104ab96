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
    """

    header: str
    a_minute: Mapping[str, int]
    suffix: str = ""
