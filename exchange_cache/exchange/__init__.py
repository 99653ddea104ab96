"""Talking to exchanges: the port, the ccxt adapter behind the read-only guard, and the history
policies (data)."""
