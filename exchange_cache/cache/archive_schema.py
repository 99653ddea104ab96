"""The tables of archives, as the migration makes them.

``exchange_archives``: one row for each file that was ordered, by what it covers, since a period is
ordered again where its file was lost. ``body`` is a file that is fetched and not read yet.
``archive_requests``: each order as it was sent, since exchanges count those of a day or a month.
``archive_plans``: what the last sync found of each archive, for ``status``.
"""

TABLES = """
CREATE TABLE exchange_archives (
  account TEXT NOT NULL, archive TEXT NOT NULL, period TEXT NOT NULL, start_ms BIGINT NOT NULL,
  end_ms BIGINT NOT NULL, state TEXT NOT NULL, order_id TEXT NOT NULL, ordered_ms BIGINT,
  looked_ms BIGINT, expires_ms BIGINT, read_ms BIGINT, rows BIGINT NOT NULL,
  new_rows BIGINT NOT NULL, error TEXT, body BLOB,
  PRIMARY KEY (account, archive, period));
CREATE TABLE archive_requests (
  account TEXT NOT NULL, archive TEXT NOT NULL, at_ms BIGINT NOT NULL, period TEXT NOT NULL,
  PRIMARY KEY (account, archive, at_ms, period));
CREATE TABLE archive_plans (
  account TEXT NOT NULL, archive TEXT NOT NULL, title TEXT NOT NULL, missing BIGINT NOT NULL,
  most BIGINT, per_ms BIGINT, shared TEXT NOT NULL, by_request INTEGER NOT NULL,
  requested INTEGER NOT NULL, planned_ms BIGINT NOT NULL, PRIMARY KEY (account, archive))
"""
