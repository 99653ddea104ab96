"""The local store: models, migrations and ExchangeCacheRepository, the only way to read or write
it."""
