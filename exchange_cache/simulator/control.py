"""The control endpoints under /_venue/: what tests do through Python, for another process through
HTTP.

GET truth, GET requests, GET accounts; POST (JSON body) trade {account, symbol, side, amount |
quote_amount, type}, deposit {account, asset, amount, wallet}, withdraw {account, asset, amount,
fee, to}, transfer {account, asset, amount, from, to}, cost {account, asset, price} (the user edits
the exchange's own cost price), fault {exchange, path, times, kind, after, signed}, stop {exchange,
how}, misbehave {fault: a name of `misbehaviour.VOCABULARY`, its fields}, calm {}, start
{exchange}, latency {ms}, permissions {account, can_read, ...}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from exchange_cache.simulator.misbehaviour import VOCABULARY
from exchange_cache.simulator.simulation import Simulation
from exchange_cache.simulator.venue import BooksError, VenueError, truth_of
from exchange_cache.simulator.wire import Response

Body = dict[str, Any]


def control(simulator: Simulation, method: str, name: str, body: bytes) -> Response:
    """Answer one control request; 400 with the reason when it cannot be done."""
    action = _ACTIONS.get(f"{method} {name}")
    if action is None:
        return Response(
            status=404, body={"error": f"no control {method} {name}", "known": sorted(_ACTIONS)}
        )
    try:
        data = json.loads(body) if body else {}
        return Response(body=action(simulator, data))
    except (VenueError, BooksError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        return Response(status=400, body={"error": f"{type(error).__name__}: {error}"})


def _truth(simulator: Simulation, body: Body) -> Any:
    with simulator.venue.lock:
        return truth_of(simulator.venue)


def _requests(simulator: Simulation, body: Body) -> Any:
    return [row._asdict() for row in simulator.requests]


def _accounts(simulator: Simulation, body: Body) -> Any:
    return {
        a.name: {"exchange": a.exchange, "can_read": a.can_read} for a in simulator.venue.accounts()
    }


def _trade(simulator: Simulation, body: Body) -> Any:
    fills = simulator.venue.trade(
        body["account"],
        body["symbol"],
        body["side"],
        _decimal(body, "amount"),
        quote_amount=_decimal(body, "quote_amount"),
        type=body.get("type", "market"),
        parts=int(body.get("parts", 1)),
    )
    return {
        "fills": [
            {
                "id": f.id,
                "order": f.order_id,
                "price": f.price,
                "amount": f.amount,
                "time": f.time_ms,
            }
            for f in fills
        ]
    }


def _deposit(simulator: Simulation, body: Body) -> Any:
    amount = Decimal(str(body["amount"]))
    row = simulator.venue.deposit(body["account"], body["asset"], amount, wallet=body.get("wallet"))
    return {"id": row.id, "txid": row.txid}


def _withdraw(simulator: Simulation, body: Body) -> Any:
    row = simulator.venue.withdraw(
        body["account"],
        body["asset"],
        Decimal(str(body["amount"])),
        fee=_decimal(body, "fee") or Decimal(0),
        to=body.get("to"),
    )
    return {"id": row.id, "txid": row.txid}


def _transfer(simulator: Simulation, body: Body) -> Any:
    amount = Decimal(str(body["amount"]))
    row = simulator.venue.transfer(body["account"], body["asset"], amount, body["from"], body["to"])
    return {"id": row.id}


def _cost(simulator: Simulation, body: Body) -> Any:
    simulator.venue.edit_cost(body["account"], body["asset"], Decimal(str(body["price"])))
    return {"ok": True}


def _fault(simulator: Simulation, body: Body) -> Any:
    after, signed = int(body.get("after", 0)), bool(body.get("signed", False))
    simulator.fault(
        body["exchange"],
        body.get("path", ""),
        int(body.get("times", 1)),
        str(body["kind"]),
        after=after,
        signed=signed,
    )
    return {"ok": True}


def _misbehave(simulator: Simulation, body: Body) -> Any:
    fields = {key: value for key, value in body.items() if key != "fault"}
    simulator.inflict(VOCABULARY[body["fault"]](**fields))
    return {"ok": True}


def _calm(simulator: Simulation, body: Body) -> Any:
    simulator.faults.clear()
    return {"ok": True}


def _stop(simulator: Simulation, body: Body) -> Any:
    simulator.stop_exchange(body["exchange"], body.get("how", "close"))
    return {"ok": True}


def _start(simulator: Simulation, body: Body) -> Any:
    simulator.start_exchange(body["exchange"])
    return {"ok": True}


def _latency(simulator: Simulation, body: Body) -> Any:
    simulator.set_latency(float(body["ms"]))
    return {"ok": True}


def _permissions(simulator: Simulation, body: Body) -> Any:
    flags = {
        key: bool(body[key]) for key in ("can_read", "can_trade", "can_withdraw") if key in body
    }
    simulator.venue.set_permissions(body["account"], **flags)
    return {"ok": True}


def _decimal(body: Body, key: str) -> Decimal | None:
    return None if body.get(key) is None else Decimal(str(body[key]))


_ACTIONS: dict[str, Callable[[Simulation, Body], Any]] = {
    "GET truth": _truth,
    "GET requests": _requests,
    "GET accounts": _accounts,
    "POST trade": _trade,
    "POST deposit": _deposit,
    "POST withdraw": _withdraw,
    "POST transfer": _transfer,
    "POST cost": _cost,
    "POST fault": _fault,
    "POST misbehave": _misbehave,
    "POST calm": _calm,
    "POST stop": _stop,
    "POST start": _start,
    "POST latency": _latency,
    "POST permissions": _permissions,
}
