"""An average entry price as a list."""

from decimal import Decimal

from exchange_cache.render.explain import explain_listing
from tests.render.builders import (
    NOW,
    READ,
    listed,
)


def test_an_explanation_ends_in_its_reconciliation():
    rows = [
        {
            "time": READ,
            "event": "buy main BTC/USDT",
            "quantity": Decimal("0.5"),
            "price": Decimal(16800),
            "held": Decimal("0.4995"),
            "cost_held": Decimal(8400),
            "average": Decimal("16816.8168168"),
            "note": "fee 0.0005 BTC",
        },
        {
            "time": READ,
            "event": "moved main → kraken",
            "quantity": Decimal("0.2"),
            "held": Decimal("0.4993"),
            "cost_held": Decimal(8400),
        },
    ]
    listing = explain_listing(
        "BTC", rows, NOW, closing=["Held by events 0.4993   on exchanges 0.4993   difference 0"]
    )
    assert (
        listed(listing) == "BTC   times in UTC\n\n"
        "When                 Event                Quantity      Price    Held  Cost held"
        "    Average  Note\n2026-01-31 14:03:00  buy main BTC/USDT         0.5  16,800.00 "
        " 0.4995   8,400.00  16,816.82  fee 0.0005 BTC\n2026-01-31 14:03:00  moved main → kraken"
        "       0.2          -  0.4993   8,400.00          -  -\n\nHeld by events 0.4993   on"
        " exchanges 0.4993   difference 0\n"
    )
