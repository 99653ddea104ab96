"""Reading: the portfolio, its history and its explanation from the cache alone. Never imports sync
or exchange."""
