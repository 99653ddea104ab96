"""The figures that prove the product: ``python -m benchmarks`` measures them on this machine and
prints them, and nothing else."""
