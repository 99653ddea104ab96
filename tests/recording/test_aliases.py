"""Aliases: no original stays, equal originals stay equal, order and distance of ids stay."""

from __future__ import annotations

import re
import string
from random import Random

import pytest

from exchange_cache.recording.aliases import Aliases


def aliases(*originals: str, seed: int = 1) -> dict[str, str]:
    made = Aliases(Random(seed))
    for original in originals:
        made.note(original)
    return {original: made.of(original) for original in originals}


def shape(text: str) -> str:
    for kinds, mark in ((string.digits, "9"), (string.ascii_uppercase, "A")):
        text = "".join(mark if one in kinds else one for one in text)
    return re.sub("[a-z]", "a", text)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_of_ids_stays_so_that_a_cursor_behind_an_id_stays_behind_it(seed: int) -> None:
    made = aliases("75367092", "75367093", "75367095", seed=seed)
    numbers = [int(alias) for alias in made.values()]
    assert [number - numbers[0] for number in numbers] == [0, 1, 3]
    assert all(len(alias) == 8 for alias in made.values())
    assert not set(made) & set(made.values())


def test_ids_that_leave_no_room_keep_their_order() -> None:
    originals = [str(number) for number in range(1000, 9999, 3)]
    made = list(aliases(*originals).values())
    assert made == sorted(made)
    assert len(set(made)) == len(originals)
    assert all(re.fullmatch("[1-9][0-9]{3}", alias) for alias in made)


def test_hex_ids_that_contain_a_time_keep_their_order() -> None:
    originals = [f"65b8f1a{n}00c2d3e4f5061728" for n in range(8)]
    made = list(aliases(*originals).values())
    assert made == sorted(made)
    assert all(re.fullmatch("[0-9a-f]{24}", alias) for alias in made)


@pytest.mark.parametrize(
    "original",
    [
        "OQCLML",
        "BW3P3",
        "5b71fc48-3dd3-540c-809b-f8c94d0e68b5",
        "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "p-da946c32278a2cd6dbab",
        "someone@example.org",
        "203.0.113.77",
    ],
)
def test_an_alias_has_the_shape_of_its_original(original: str) -> None:
    alias = aliases(original)[original]
    assert alias != original
    assert len(alias) == len(original)
    if not re.fullmatch("[0-9a-f-]+", original):
        assert shape(alias) == shape(original)


def test_an_address_of_hex_digits_stays_one() -> None:
    original = "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B"
    assert re.fullmatch("0x[0-9a-fA-F]{40}", aliases(original)[original])


@pytest.mark.parametrize("seed", range(20))
def test_no_original_stays_and_no_two_become_one(seed: int) -> None:
    random = Random(seed)
    pool = [string.digits, "0123456789abcdef", string.ascii_uppercase, string.ascii_letters]
    originals = {
        "".join(random.choices(random.choice(pool), k=random.choice([1, 2, 5, 12, 24])))
        for _ in range(60)
    }
    made = aliases(*sorted(originals), seed=seed)
    assert len(set(made.values())) == len(originals)
    assert all(alias != original for original, alias in made.items() if len(original) > 3)
    long = {original for original in originals if len(original) > 3}
    assert not long & set(made.values())


def test_an_unnoted_text_has_no_alias() -> None:
    with pytest.raises(KeyError):
        Aliases(Random(1)).of("12345")
