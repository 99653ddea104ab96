"""Keeps the cache up to date: a pure plan, the walk that performs it page by page, the lock, the
report, the schedule."""
