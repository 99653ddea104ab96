"""excache: a local, always-answering cache of the accounts a person has on several crypto
exchanges."""

__version__ = "0.3.0"
