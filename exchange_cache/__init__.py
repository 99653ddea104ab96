"""excache: a local cache of a person's accounts on several crypto exchanges that always answers."""

__version__ = "0.11.0"
