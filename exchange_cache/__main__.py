"""``python -m exchange_cache`` is ``excache``."""

from exchange_cache.cli.main import main

if __name__ == "__main__":
    main()
