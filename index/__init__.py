"""Search over items: full text, facets, time lines and vectors. It can be rebuilt from the store."""
