"""What alembic runs: the migrations, on the connection and in the transaction that store/migrate.py hands over."""

from alembic import context

from store.tables import metadata

connection = context.config.attributes["connection"]
# Batches, because SQLite cannot alter a table in place.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
