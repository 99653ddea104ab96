"""Round trips are disguised: what identifies the user is replaced, what a test needs stays."""

from __future__ import annotations

import json
import re
from decimal import Decimal as Dec
from random import Random
from typing import Any

import pytest

from exchange_cache.adapter.wire import RoundTrip
from exchange_cache.recording import exact_json
from exchange_cache.recording.disguise import Disguise, Disguised

NOW_MS = 1_790_000_000_000
AT = 1_789_000_000_123
UUID = "5b71fc48-3dd3-440c-809b-f8c94d0e68b5"


def trip(
    answer: Any = None, endpoint: str = "GET private fills", path: str = "/fills", **params: Any
) -> RoundTrip:
    body = answer if isinstance(answer, str) or answer is None else exact_json.dumps(answer)
    return RoundTrip(
        at_ms=AT,
        endpoint=endpoint,
        host="api.example.org",
        path=path,
        params=params,
        status=200,
        date=None,
        body=body,
    )


def disguised(*trips: RoundTrip, secrets: tuple[str, ...] = (), seed: int = 1) -> list[Disguised]:
    words = frozenset({"FILLED", "LIMIT", "orders", "info"})
    return list(Disguise(Random(seed), words, secrets, NOW_MS).all(trips))


def answer_of(answer: Any, **options: Any) -> Any:
    return disguised(trip(answer), **options)[0].answer


def test_amounts_share_one_factor_and_cost_is_price_times_amount_to_the_digit() -> None:
    row = {"price": "37830.3", "qty": "0.00491", "cost": "185.746773", "fee": "0.371493546"}
    made = answer_of(row)
    factor = Dec(made["qty"]) / Dec(row["qty"])
    assert factor not in (0, 1)
    assert made["price"] == row["price"]
    assert Dec(made["cost"]) == Dec(made["price"]) * Dec(made["qty"])
    assert Dec(made["fee"]) == Dec(row["fee"]) * factor


@pytest.mark.parametrize("seed", range(5))
def test_another_recording_has_another_factor(seed: int) -> None:
    first, second = (answer_of({"qty": "1"}, seed=one)["qty"] for one in (seed, seed + 100))
    assert first != second


def test_numbers_of_json_stay_numbers_and_texts_stay_texts() -> None:
    made = answer_of('{"qty": 3, "size": "3", "price": 0.5, "vol": 1E-7, "free": 0}')
    assert isinstance(made["qty"], Dec)
    assert isinstance(made["size"], str)
    assert made["price"] == Dec("0.5")
    assert made["free"] == 0
    assert Dec(made["size"]) == made["qty"] == made["vol"] * 30_000_000


def test_a_number_with_a_fraction_that_nothing_explains_counts_as_an_amount() -> None:
    made = answer_of({"zzz": "5.5", "rows": [["1.5", "12"]], "BTC": "2.25"})
    assert made["zzz"] != "5.5"
    assert made["rows"][0][0] != "1.5"
    assert Dec(made["BTC"]) / Dec("2.25") == Dec(made["zzz"]) / Dec("5.5")


def test_times_stay_in_every_unit() -> None:
    row = {
        "time": 1789000000,
        "opentm": Dec("1789000000.1234"),
        "cTime": "1789000000123",
        "tradeTime": 1789000000123456789,
        "interestAccuredTime": 1789000000123,
        "created_at": "2026-01-02T03:04:05.678Z",
        "zzz": "1789000000123",
    }
    assert answer_of(row) == row


def test_an_id_that_looks_like_a_time_is_replaced() -> None:
    assert answer_of({"orderId": "1789000000123"}) != {"orderId": "1789000000123"}


def test_the_same_id_is_the_same_everywhere() -> None:
    first, second = disguised(
        trip({"order": {"id": "A1-77001234", "orderId": 77001234, "zzz": 77001234}}),
        trip({"A1-77001234": {"list": [f"{UUID}"], "text": f"sent to {UUID}, A1-77001234"}}),
    )
    order = first.answer["order"]
    assert order["orderId"] == order["zzz"] == int(order["id"].rpartition("-")[2]) != 77001234
    (key, value), *_ = second.answer.items()
    assert key == order["id"]
    assert value["text"].endswith(f"{value['list'][0]}, {key}")
    assert UUID not in value["text"]


def test_the_code_of_an_error_stays_though_it_is_an_id_elsewhere() -> None:
    row, refusal = disguised(trip({"tradeId": 1121}), trip({"code": -1121, "msg": "Invalid."}))
    assert row.answer["tradeId"] != 1121
    assert refusal.answer["code"] == -1121


def test_a_cursor_behind_the_last_id_stays_behind_it() -> None:
    first, second = disguised(
        trip([{"id": 28457}, {"id": 28460}]), trip([{"id": 28461}], fromId=28461)
    )
    assert second.trip.params["fromId"] == first.answer[1]["id"] + 1 == second.answer[0]["id"]


def test_a_cursor_that_is_a_time_stays_one() -> None:
    made = disguised(trip([{"id": "77001234"}], after="1789000000123", limit=100))[0]
    assert made.trip.params == {"after": "1789000000123", "limit": 100}


def test_a_cursor_of_parts_stays_equal_however_it_is_written() -> None:
    first, second = disguised(
        trip({"nextPageCursor": "77001234%3A1789000000123%2C77001230%3A1"}),
        trip({}, cursor="77001234:1789000000123,77001230:1"),
    )
    written = first.answer["nextPageCursor"].replace("%3A", ":").replace("%2C", ",")
    assert second.trip.params["cursor"] == written
    assert re.fullmatch(r"\d{8}:1789000000123,\d{8}:1", written)
    assert "77001234" not in written


def test_an_id_in_the_path_is_the_one_of_the_answers() -> None:
    first, second = disguised(
        trip({"accounts": [{"uuid": UUID}]}),
        trip(
            {},
            endpoint="GET private accounts/{account_id}/fills",
            path=f"/v2/accounts/{UUID}/fills",
            account_id=UUID,
        ),
    )
    alias = first.answer["accounts"][0]["uuid"]
    assert (second.trip.path, second.trip.params["account_id"]) == (
        f"/v2/accounts/{alias}/fills",
        alias,
    )


def test_names_notes_and_addresses_do_not_survive() -> None:
    row = {
        "nickName": "Zoe Quill",
        "email": "zoe@quill.example",
        "ip": "203.0.113.77",
        "remark": "rent for March",
        "address": "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh",
        "to": "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B",
        "zzz": "Quill Trading Ltd",
        "context": '{"label": "Quill", "txId": "77001234"}',
    }
    text = json.dumps(answer_of(row))
    for known in ("Zoe", "zoe", "Quill", "quill", "203.0", "rent", "March", "xy2kg", "Ab5801"):
        assert known not in text


def test_words_of_the_exchange_stay() -> None:
    public = trip({"symbols": [{"symbol": "SRMUSDT"}]}, endpoint="GET public markets")
    row = {
        "status": "PARTIALLY_DONE",
        "type": "LIMIT",
        "zzz": "FILLED",
        "feeCurrency": "SRM",
        "instId": "SRM-USDT-240628",
        "market": "SRMUSDT",
        "yyy": "SRMUSDT",
        "code": "200000",
        "permissions": {"spot": ["SpotTrade"]},
        "leverage": "none",
    }
    assert disguised(public, trip(row))[1].answer == row


def test_the_words_of_a_refusal_stay_and_its_address_does_not() -> None:
    made = answer_of({"code": -2015, "msg": "Invalid API-key, IP; request ip: 203.0.113.77"})
    assert made["code"] == -2015
    assert made["msg"].startswith("Invalid API-key, IP; request ip: ")
    assert "203.0.113.77" not in made["msg"]


def test_a_message_in_a_row_is_of_a_person() -> None:
    made = answer_of({"message": "success", "rows": [{"message": "Happy birthday Zoe"}]})
    assert made["message"] == "success"
    assert not {"Happy", "birthday", "Zoe"} & set(made["rows"][0]["message"].split())


def test_rows_without_names_keep_times_and_flags_alone() -> None:
    rows = [[77001234, "tBTCUSD", 1789000000123, 7, Dec("2.5"), None, True]]
    (made,) = answer_of(rows)
    assert (made[2], made[3], made[5], made[6]) == (1789000000123, 7, None, True)
    assert not {77001234, "tBTCUSD", Dec("2.5")} & {made[0], made[1], made[4]}


def test_the_price_in_the_text_of_an_order_stays() -> None:
    made = answer_of({"price": "108.51", "vol": "2.5", "order": "sell 2.5 SOLEUR @ limit 108.51"})
    assert made["order"].endswith(" 108.51")
    assert made["vol"] in made["order"]


def test_a_number_of_rows_is_no_amount() -> None:
    answer = {"total": 348, "totalNum": 348, "size": 100, "rows": []}
    made = disguised(trip(answer, size=100, current=2))[0]
    assert (made.answer, made.trip.params) == (answer, {"size": 100, "current": 2})


def test_public_answers_stay_as_they_are() -> None:
    answer = {"name": "Bitcoin", "volume": Dec("12.5"), "id": 77001234}
    made = disguised(trip(answer, endpoint="GET public ticker", symbol="BTCUSDT"))[0]
    assert (made.answer, made.private) == (answer, False)


def test_a_public_request_that_names_the_user_is_private() -> None:
    wallet = "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B"
    asked = trip({"user": wallet, "szi": "1.5"}, endpoint="POST public info", user=wallet)
    made = disguised(asked, secrets=(wallet,))[0]
    assert made.private
    assert made.trip.params["user"] == made.answer["user"] != wallet
    assert made.answer["szi"] != "1.5"


def test_a_secret_in_an_answer_is_replaced_under_any_name() -> None:
    made = answer_of(
        {"type": "verysecretkey", "status": "verysecretkey"}, secrets=("verysecretkey",)
    )
    assert "verysecretkey" not in json.dumps(made)


def test_an_answer_that_is_no_json_is_left_out() -> None:
    assert answer_of("<html>203.0.113.77</html>") is None
