"""The engine that reads any exchange: it takes a policy, returns records, and names no exchange."""
