"""How the tables come to be. Each file of versions/ begins with its number; alembic is imported only to use them."""
