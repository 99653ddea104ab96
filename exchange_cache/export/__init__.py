"""The ledger for other programs: one stream of entries, and one module per format."""
