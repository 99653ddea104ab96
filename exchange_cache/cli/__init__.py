"""The command line: one module per command; ``app`` builds what the commands use."""
