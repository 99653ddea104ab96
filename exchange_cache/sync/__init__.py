"""Keeping the cache true: a pure plan, the walk that carries it out page by page, the lock, the
report, the schedule."""
