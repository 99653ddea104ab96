"""Pure values and pure decisions: nothing here reads a clock, a file, a network or a database."""
