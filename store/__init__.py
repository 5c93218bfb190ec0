"""The system of record: items, assessments, vectors, narratives, cases, outbox, trail. SQLAlchemy 2, SQLite first.

`open_store` gives a Store whose attributes are the ports of records/ports. Importing this does not import alembic.
"""

from store.core import Store, open_store
from store.handles import author_hash
from store.leases import this_process

__all__ = ["Store", "author_hash", "open_store", "this_process"]
