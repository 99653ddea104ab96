"""The former place of ``adapter``; ``exchange.ccxt_adapter`` stays importable."""
