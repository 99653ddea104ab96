"""The error tree: what happened, to which account, what to do next, and the exit code.

Every class answers three questions: ``exit_code`` (what the process returns), ``retryable``
(whether the same request may succeed a little later without any change), ``code`` (a stable word
for JSON and the cache). Imports nothing of the project except what makes an exchange's texts
harmless.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable

from exchange_cache.visible import brief


class ExcacheError(Exception):
    """Anything excache reports on purpose; ``message`` is a sentence, ``hint`` the cure."""

    exit_code = 1
    retryable = False
    code = "error"

    def __init__(
        self, message: str, *, account: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.account = account
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.account}: {self.message}" if self.account else self.message


class UsageError(ExcacheError):
    """The command line requests something that does not exist, or combines what does not fit."""

    exit_code = 2
    code = "usage"


class NothingCached(ExcacheError):
    """The cache holds nothing that could answer."""

    exit_code = 66
    code = "nothing_cached"


class StatementRefused(ExcacheError):
    """A file of an exchange cannot be read as it is, and nothing of it is stored."""

    exit_code = 65
    code = "statement"

    def __init__(
        self, message: str, *, file: str = "", line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else self.file
        return f"{where}: {self.message}" if where else self.message


class Interrupted(ExcacheError):
    """The user pressed Ctrl-C, or the process was terminated; what was fetched is saved."""

    exit_code = 130
    code = "interrupted"


# --- try later ------------------------------------------------------------------------------------


class TryLater(ExcacheError):
    """The request is valid, but cannot be answered now."""

    exit_code = 75
    code = "try_later"


class LockBusy(TryLater):
    """Another excache process is still writing to the cache."""

    code = "lock_busy"


class NotFreshEnough(TryLater):
    """The caller demanded an age (``--max-age``) that the cache cannot meet."""

    code = "not_fresh"


# --- configuration and cache ----------------------------------------------------------------------


class ConfigError(ExcacheError):
    """The configuration is not usable; each of the ``faults`` names its place and cure."""

    exit_code = 78
    code = "config"

    def __init__(
        self,
        message: str,
        *,
        account: str | None = None,
        hint: str | None = None,
        faults: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, account=account, hint=hint)
        self.faults = faults or (message,)


class SecretUnavailable(ConfigError):
    """A secret cannot be read (missing variable, loose file mode, locked keyring)."""

    code = "secret"


class CacheError(ExcacheError):
    """The cache cannot be opened or written."""

    exit_code = 78
    code = "cache"


class CacheCorrupt(CacheError):
    """The cache file is not a readable database, or not a whole cache."""

    code = "cache_corrupt"


class CacheTooNew(CacheError):
    """The cache was written by a newer excache; opening it could lose data."""

    code = "cache_too_new"


class CacheUnwritable(CacheError):
    """The folder or file of the cache cannot be created or written."""

    code = "cache_unwritable"


class CacheUnreadable(CacheError):
    """The cache could not be read or written now; there is no sign of damage."""

    exit_code = 75
    code = "cache_unreadable"


class DiskFull(CacheError):
    """The disk is full for a file: the cache, a backup, config.toml, a secret, an export."""

    exit_code = 75
    code = "disk_full"

    def __init__(self, place: object, *, account: str | None = None) -> None:
        super().__init__(
            f"no space left on device: {place} cannot be written; "
            "what was stored before is unharmed",
            account=account,
            hint="free some space on that disk, then try again",
        )

    @classmethod
    def named(cls, error: OSError, place: object, *, account: str | None = None) -> DiskFull | None:
        """This error if the disk or a quota is full; None for any other fault."""
        return cls(place, account=account) if error.errno in {errno.ENOSPC, errno.EDQUOT} else None


class CacheBusy(CacheError):
    """Another program kept the database locked for longer than we wait."""

    exit_code = 75
    retryable = True
    code = "cache_busy"


# --- exchanges ------------------------------------------------------------------------------------


class ExchangeFault(ExcacheError):
    """A failure while communicating with an exchange; the account's cached rows are unchanged.

    The message may quote the exchange, so it is short, on one line and without control characters.
    """

    exit_code = 69
    code = "exchange"

    def __init__(
        self, message: str, *, account: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(brief(message), account=account, hint=hint)


class ExchangeUnavailable(ExchangeFault):
    """The exchange did not answer, or reported that it is down."""

    retryable = True
    code = "unavailable"


class CertificateRefused(ExchangeUnavailable):
    """The certificate of the exchange, or of a proxy, is not trusted here; nothing was sent."""

    retryable = False
    code = "certificate"


class ProxyFailed(ExchangeUnavailable):
    """The proxy before the exchange was not reached, so no request of this account gets out."""

    retryable = False
    code = "proxy"


class BadResponse(ExchangeUnavailable):
    """The exchange (or an intermediary) sent a body that is not the documented answer."""

    code = "bad_response"


class MarketUnidentified(BadResponse):
    """A row names a market that neither the exchange's list nor its ids identify, or one of whose
    contracts nothing states the size."""

    retryable = False
    code = "market_unidentified"

    def __init__(
        self, message: str, *, market_id: str, account: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, account=account, hint=hint)
        self.market_id = market_id


class RateLimited(ExchangeFault):
    """The exchange limits our requests; ``retry_after``: in seconds, if stated."""

    exit_code = 75
    retryable = True
    code = "rate_limited"

    def __init__(
        self,
        message: str,
        *,
        account: str | None = None,
        hint: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, account=account, hint=hint)
        self.retry_after = retry_after


class Banned(RateLimited):
    """The exchange banned this address temporarily; another request would prolong the ban."""

    retryable = False
    code = "banned"


class ClockSkew(ExchangeFault):
    """The exchange rejected the timestamp or nonce; retryable once the offset is measured."""

    exit_code = 75
    retryable = True
    code = "clock_skew"


class KeyRefused(ExchangeFault):
    """The exchange does not accept the key, its secret or its signature."""

    exit_code = 77
    code = "key_refused"


class PermissionMissing(ExchangeFault):
    """The key is valid but lacks a permission."""

    exit_code = 77
    code = "no_permission"


class RequestRefused(ExchangeFault):
    """The exchange refused the request for a reason that a retry does not change."""

    code = "refused"


class SymbolUnknown(RequestRefused):
    """The exchange no longer lists the symbol, or never did."""

    code = "symbol_unknown"


class OutOfRetention(RequestRefused):
    """The exchange no longer serves a time range."""

    code = "out_of_retention"


class NotOffered(RequestRefused):
    """The exchange (or ccxt for it) does not offer this data."""

    code = "not_offered"


class AddressRefused(ExchangeFault):
    """The read-only guard stopped a read sent to another endpoint than its own; nothing was
    sent."""

    code = "address_refused"


class WriteRefused(ExcacheError):
    """The read-only guard stopped a request that is not on the allow-list; nothing was sent."""

    code = "write_refused"


# --- the cause of an error ------------------------------------------------------------------------

_REQUEST = r"(?:[\w ,…/:.-]+: )?(?P<who>[^:()]+) \([^()]*\): (?P<why>.+)$"


def cause(error: str) -> str:
    """The sentence without the request: ``main did not answer: timed out``.

    Errors that differ only in the request (``main did not answer (prices spot): timed out``) have
    one cause.
    """
    parts = re.match(_REQUEST, error)
    return f"{parts['who']}: {parts['why']}" if parts else error


def distinct_causes(errors: Iterable[str]) -> list[str]:
    """Each cause once: the whole sentence if only one request failed with it, otherwise without the
    request."""
    found: dict[str, list[str]] = {}
    for error in errors:
        found.setdefault(cause(error), []).append(error)
    return [own[0] if len(set(own)) == 1 else short for short, own in found.items()]
