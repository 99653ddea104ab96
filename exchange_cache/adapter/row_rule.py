"""What the raw rows of an answer must have, as the policies of exchanges state it."""

from __future__ import annotations

from dataclasses import dataclass

#: Stands in ``RawRows.name`` for the key of a mapping.
KEY = "@key"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """Where an answer has its raw rows, and what each of them must have.

    ``path`` is dotted: ``*`` stands for every item of a list, or every value of a mapping.
    ``part?`` may be absent; every other part is in every valid answer, also for an empty account.
    ``null`` is an empty list only where the exchange writes it so (``null_is_empty``), and ``{}``
    only where rows are in a mapping (``keyed``, or ``name`` is ``KEY``). ``name`` is the field
    (``KEY``: the key) that names a row's asset or market; "": there is none. ``texts`` are further
    fields that must have a text, ``figures`` those that must have a number ("a|b": either).
    ``blank``: figures may also be empty, which means zero; a row of zeros then needs no name.
    ``only`` is a field and its value in the relevant rows, where an answer also has rows of other
    wallets.
    """

    path: str = "*"
    name: str = ""
    texts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    blank: bool = False
    null_is_empty: bool = False
    keyed: bool = False
    only: tuple[str, str] | None = None
