"""The public names of the adapter: ``exchange.ccxt_adapter``."""
