"""The cache on a PostgreSQL server, for several machines."""
