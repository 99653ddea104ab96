"""Measures every figure of docs/performance.md on this machine; ``python -m benchmarks`` prints
them, ``--write`` puts them into the documents."""
