"""What happened: events, pairing, converts, coverage, replay. All pure."""
