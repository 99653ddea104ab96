"""What the user decides: where things lie, the settings, the accounts and where their secrets come
from.

``paths`` and ``settings`` are on the way of every command and read one small file; ``secrets``
(which opens key files and runs commands) and ``editing`` (which rewrites config.toml) are imported
only by the commands that need them.
"""
