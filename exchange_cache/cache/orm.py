"""What the cache uses of peewee, imported without the drivers of servers.

peewee imports every driver that is installed, which triples the start of a program that reads a
file. No other module imports peewee.
"""

from __future__ import annotations

import sys

#: The drivers that peewee looks for besides sqlite3. One that is loaded already costs nothing.
_DRIVERS = ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb")
_hidden = [name for name in _DRIVERS if name not in sys.modules]
sys.modules.update(dict.fromkeys(_hidden))  # type: ignore[arg-type]  # None: not to be imported
try:
    from peewee import (
        EXCLUDED,
        JOIN,
        SQL,
        BigIntegerField,
        BlobField,
        BooleanField,
        Case,
        CommaNodeList,
        CompositeKey,
        Database,
        EnclosedNodeList,
        Entity,
        Expression,
        Field,
        IntegerField,
        Model,
        NodeList,
        OperationalError,
        PeeweeException,
        SqliteDatabase,
        TextField,
        fn,
    )
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = [
    "EXCLUDED",
    "JOIN",
    "SQL",
    "BigIntegerField",
    "BlobField",
    "BooleanField",
    "Case",
    "CommaNodeList",
    "CompositeKey",
    "Database",
    "EnclosedNodeList",
    "Entity",
    "Expression",
    "Field",
    "IntegerField",
    "Model",
    "NodeList",
    "OperationalError",
    "PeeweeException",
    "SqliteDatabase",
    "TextField",
    "fn",
]
