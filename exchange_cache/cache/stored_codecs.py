"""How the results of syncs become rows of their tables; light, because ``status`` needs it."""

from __future__ import annotations

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.stored_status import Run, StoredFinding
from exchange_cache.findings import AcceptedFinding

FINDINGS = Codec(StoredFinding)
ACCEPTED = Codec(AcceptedFinding, renamed={"at_ms": "accepted_ms"})
RUNS = Codec(Run, numbered=True)
