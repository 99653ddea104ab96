"""The user's decisions: file places, settings, accounts, and the sources of their secrets.

Every command uses ``paths`` and ``settings``, which read one small file. Only the commands that
need them import ``secrets`` (which opens key files and runs commands) and ``editing`` (which
rewrites config.toml).
"""
