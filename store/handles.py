"""Handles of people are kept only as keyed hashes: two items of one author can be told, who it is cannot."""

from __future__ import annotations

import hashlib
import hmac


def author_hash(key: bytes, handle: str) -> str:
    """HMAC-SHA256 of `handle` as 64 hex digits. Raises ValueError without a key: a plain hash can be guessed."""
    if not key:
        raise ValueError("the author key is empty")
    return hmac.new(key, handle.encode(), hashlib.sha256).hexdigest()
