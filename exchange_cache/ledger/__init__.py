"""What happened: events, pairing, converts, coverage, replay. Everything here is pure."""
