"""What every kind of fault does to the rows of every exchange: `make torture` tries all, and writes
docs/reliability.md; `test_reliability.py` is the slice that `make test` runs."""
