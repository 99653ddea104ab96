"""Files that users download from exchanges: recognised, read and proven; names no exchange.

The tables of an exchange's files are in its place under ``exchanges/``; rows become the records
that the API's rows become, so both are one ledger.
"""
