"""The command line: one module per command; ``app`` builds what the commands use."""

import gc

#: Loading modules makes many objects and no garbage; by default Python looks for some after every
#: 700 objects, which is a twentieth of a start.
gc.set_threshold(10_000)
