"""The pages: one module each. Every handler answers a whole page, or its fragment to HTMX."""
