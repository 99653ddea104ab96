"""What commands import, loaded once before processes are forked."""

from __future__ import annotations

import gc
from importlib import import_module
from pkgutil import walk_packages

import exchange_cache

for _found in walk_packages(exchange_cache.__path__, "exchange_cache."):
    if not _found.name.endswith("__main__") and ".simulator" not in _found.name:
        import_module(_found.name)
for _name in ("ccxt", "requests", "peewee", "rich", "tabulate", "tests.reliability.shim"):
    import_module(_name)
gc.collect()
gc.freeze()  # what was loaded stays; each process would look through it again
