"""``python -m benchmarks`` (``make bench``): speed of cached reads. ``python -m benchmarks
stress``: the whole crowd on one cache; ``growth``: a year of hourly runs."""

from __future__ import annotations

import sys


def main(words: list[str]) -> int:
    if words == ["stress"]:
        from benchmarks.stress import run
    elif words == ["growth"]:
        from benchmarks.growth import run
    elif not words:
        from benchmarks.speed import run
    else:
        print("usage: python -m benchmarks [stress|growth]", file=sys.stderr)
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
