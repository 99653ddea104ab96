"""States by its exit code whether the ccxt in a folder is newer than the installed one."""

from __future__ import annotations

import sys
from importlib.metadata import distributions, version

found = {one.metadata["Name"].lower(): one.version for one in distributions(path=[sys.argv[1]])}
print(f"ccxt {found['ccxt']}, installed {version('ccxt')}")
sys.exit(0 if found["ccxt"] != version("ccxt") else 1)
