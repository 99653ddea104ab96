"""The one local store: models, database opening, migrations, and ExchangeCacheRepository, its only
door."""
