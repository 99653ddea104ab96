"""What it is worth: prices, valuation, freshness, findings, profit and loss. Everything here is
pure."""
