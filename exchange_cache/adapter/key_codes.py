"""Which answers speak of the key, and what they say: refused, or good but without the right to this
endpoint.

A right is missing only where the exchange documents the code or the words so. A bare 401 or 403,
and every code for an invalid key, a bad signature, an expired key or a foreign IP address, is a
refusal of the key or of the request: reading such an answer as a missing right would hide a failed
run. ccxt's classes do not decide: it calls a foreign IP address ``PermissionDenied`` at bybit, okx,
bitget and bitstamp, a missing right ``AuthenticationError`` at kucoin, mexc and gemini, and
kucoin's 403 ``NotSupported``. Where no other source is named, the meaning of a code is the one that
the ``exceptions`` table of the installed ccxt quotes from the exchange's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from exchange_cache.errors import ExchangeFault, KeyRefused, NotOffered, PermissionMissing

#: (family of the exchange, code in the body) -> what it says of the key.
KEY_CODES: Mapping[tuple[str, str], type[ExchangeFault]] = {
    # binance: developers.binance.com, "Error codes": -2015 REJECTED_MBX_KEY "Invalid API-key, IP,
    # or permissions for action"
    ("binance", "-2014"): KeyRefused,
    ("binance", "-2015"): KeyRefused,  # or a missing right: see AMBIGUOUS
    (
        "binance",
        "-1002",
    ): KeyRefused,  # UNAUTHORIZED "You are not authorized to execute this request": see AMBIGUOUS
    ("binance", "-1022"): KeyRefused,
    # bybit: bybit-exchange.github.io/docs/v5/error
    ("bybit", "10003"): KeyRefused,  # API key is invalid
    ("bybit", "10004"): KeyRefused,  # error sign
    (
        "bybit",
        "10005",
    ): PermissionMissing,  # permission denied, please check your API key permissions
    ("bybit", "10007"): KeyRefused,  # user authentication failed
    ("bybit", "10010"): KeyRefused,  # unmatched IP
    ("bybit", "33004"): KeyRefused,  # expired
    # okx: okx.com/docs-v5, "Error code", class 50
    ("okx", "50110"): KeyRefused,  # the IP address is not on the key's list
    ("okx", "50111"): KeyRefused,
    ("okx", "50119"): KeyRefused,  # API key doesn't exist
    (
        "okx",
        "50120",
    ): PermissionMissing,  # this API key doesn't have permission to use this function
    # kucoin: kucoin.com/docs, "Error code": 400003 key not exists, 400004 passphrase, 400005
    # signature, 400006 IP
    ("kucoin", "400003"): KeyRefused,
    ("kucoin", "400004"): KeyRefused,
    ("kucoin", "400005"): KeyRefused,
    ("kucoin", "400006"): KeyRefused,
    ("kucoin", "400007"): PermissionMissing,  # access denied, require more permission
    # coinbase: docs.cdp.coinbase.com, v2 "Error messages" (invalid_scope) and Advanced Trade
    # (gRPC's PERMISSION_DENIED)
    ("coinbase", "PERMISSION_DENIED"): PermissionMissing,
    # bitget: bitget.com/api-doc/common/error-code
    ("bitget", "40012"): KeyRefused,  # apikey or password is incorrect
    ("bitget", "40014"): PermissionMissing,  # incorrect permissions
    ("bitget", "40018"): KeyRefused,  # invalid IP
    # gate: gate.com/docs/developers/apiv4, "Label list"
    ("gate", "FORBIDDEN"): PermissionMissing,
    ("gate", "IP_FORBIDDEN"): KeyRefused,
    # mexc: spot "Error codes", and those of the contract API
    ("mexc", "700006"): KeyRefused,  # IP non white list
    ("mexc", "700007"): PermissionMissing,  # no permission to access the endpoint
    ("mexc", "406"): KeyRefused,  # the IP address is not in the whitelist
    ("mexc", "511"): PermissionMissing,  # you do not have access to the interface
    ("mexc", "701"): PermissionMissing,  # please enable API key read access
    ("mexc", "703"): PermissionMissing,  # trading information read access is required
    # cryptocom: 10002 UNAUTHORIZED (key or signature), 10003 IP_ILLEGAL; no code for a missing
    # right
    ("cryptocom", "10002"): KeyRefused,
    ("cryptocom", "10003"): KeyRefused,
    # deribit: docs.deribit.com, "RPC error codes": 13009 also says "check scope of the token", so
    # it decides nothing
    (
        "deribit",
        "13021",
    ): PermissionMissing,  # forbidden: not enough permissions to execute the request
    # bitvavo: docs.bitvavo.com, "Errors"
    ("bitvavo", "307"): KeyRefused,  # this key does not allow access from this IP
    ("bitvavo", "311"): PermissionMissing,  # this key does not allow showing account information
    # bingx
    ("bingx", "100004"): PermissionMissing,  # the API key was created without the permission
    ("bingx", "100413"): KeyRefused,
    ("bingx", "100419"): KeyRefused,  # IP does not match IP whitelist
    # no word of the key, but ccxt's class for it is that of a missing right
    ("bybit", "10024"): NotOffered,  # not available to the user for regulatory reasons
}

#: One code for a wrong key, a foreign IP address and a missing right: only asking again tells them
#: apart.
AMBIGUOUS = frozenset({("binance", "-2015"), ("binance", "-1002")})

#: What every good key may ask where a code is ambiguous: binance's apiRestrictions needs no right
#: but to read.
ANY_KEY_MAY: Mapping[str, str] = {"binance": "sapiGetAccountApiRestrictions"}

#: What exchanges say of the key in words, where it has no code or one code for several things:
#: (family, words, meaning).
KEY_WORDS: tuple[tuple[str, str, type[ExchangeFault]], ...] = (
    # docs.kraken.com, "Error messages" and "API keys": too few permissions cause
    # EGeneral:Permission denied
    ("kraken", "EAPI:Invalid signature", KeyRefused),
    ("kraken", "EAPI:Invalid key", KeyRefused),
    ("kraken", "EGeneral:Permission denied", PermissionMissing),
    ("coinbase", "issing required scopes", PermissionMissing),
    ("coinbase", "invalid_scope", PermissionMissing),
    # htx: {"err-code":"api-signature-not-valid","err-msg":"Signature not valid: API key has no
    # permission [...]"}
    ("htx", "API key has no permission", PermissionMissing),
    # bitfinex: ["error", 10001, "api_key: permission invalid (#10001)"], ["error", 10100, "apikey:
    # invalid"]
    ("bitfinex", "(#10001)", PermissionMissing),
    ("bitfinex", "apikey: invalid", KeyRefused),
    # docs.gemini.com, "Error codes", MissingRole: "... to assign one of these roles [...] to API
    # key ..."; ccxt drops the reason
    ("gemini", "assign one of these roles", PermissionMissing),
    ("bitstamp", "No permission found", PermissionMissing),
    ("bitstamp", "IP address not allowed", KeyRefused),
    ("phemex", "401 Insufficient privilege", PermissionMissing),
    ("phemex", "401 Request IP mismatch", KeyRefused),
    # docs.whitebit.com, "Authentication": a disabled key or a foreign IP address says "Enable your
    # key"; the third wording is that of ccxt's exceptions table (code 4)
    ("whitebit", "Enable your key in API settings", KeyRefused),
    ("whitebit", "permission to use this endpoint", PermissionMissing),
    ("whitebit", "not authorized to perform this action", PermissionMissing),
)

#: Exchanges whose answers were reviewed: there a class of ccxt alone never means that a right is
#: missing.
REVIEWED = frozenset(
    {family for family, _ in KEY_CODES} | {family for family, _, _ in KEY_WORDS} | {"hyperliquid"}
)

_RIGHT = re.compile(
    r"(?i)permission|privilege|scope|not (?:have|enabled?).{0,40}\b(?:right|access)|read access"
)
_KEY = re.compile(r"(?i)\bip\b|whitelist|allow-?list|expired|signature|invalid (?:api[ -]?)?key")


def of_the_key(family: str, code: str | None, text: str) -> type[ExchangeFault] | None:
    """What an answer says of the key, as the exchange documents it; None where it does not speak of
    the key."""
    if code is not None and (family, code) in AMBIGUOUS:
        return KeyRefused
    for of, words, kind in KEY_WORDS:
        if of == family and words in text:
            return kind
    return KEY_CODES.get((family, code)) if code is not None else None


def says_right_is_missing(text: str) -> bool:
    """Whether the words of an exchange that nobody reviewed speak of a missing permission, and of
    nothing else."""
    return _RIGHT.search(text) is not None and _KEY.search(text) is None
