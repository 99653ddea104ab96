"""Simulated exchanges: a seeded venue under HTTP dialects of real exchanges, on 127.0.0.1 only.

`venue` holds the truth, `dialects` word it as each exchange documents, `server` serves them, `home`
writes a configuration that points excache at them. Nothing here is imported by the reading or
syncing path.
"""
