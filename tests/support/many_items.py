"""Many items, made by PostgreSQL itself: enough of them for its planner to choose as it would in production."""

from __future__ import annotations

from sqlalchemy import Connection, text

#: One item in ten is health, and fifty items have one narrative; one every 15 seconds.
_STATEMENTS = (
    """
    INSERT INTO narratives (id, label, words, topic, places, items, first_seen, last_seen, first_source_id, kinds,
        stances, level_rank, level, revision, judged_revision)
    SELECT 'n' || g, 'Luồng tin ' || g, '[]', 'topic' || g % 20, '[]', 5, seen, seen, 's1', '{}', '{}', g % 4,
        (ARRAY['low', 'medium', 'high', 'critical'])[g % 4 + 1], 1, 1
    FROM generate_series(1, :items / 50) g, LATERAL (SELECT :now - g * interval '1 minute' AS seen) t
    """,
    """
    INSERT INTO items (id, canonical, source_id, address, title, summary, text, first_seen, last_seen, version,
        version_seen, stage, text_hash, entry_hash, whole_in_feed, revision, moment, published, narrative_id)
    SELECT md5(g::text), 'https://bao.example/' || g, 's' || g % 100, 'https://bao.example/' || g, 'Tin ' || g, '',
        repeat('chữ của tin ', 20), seen, seen, 1, seen,
        CASE WHEN g % 10 = 0 THEN 'assessed' WHEN g % 1000 = 7 THEN 'complete' ELSE 'not_health' END,
        'h', 'h', true, 1, seen, seen, CASE WHEN g % 10 = 0 AND g % 1000 <> 0 THEN 'n' || 1 + g / 10 % (:items / 50) END
    FROM generate_series(1, :items) g, LATERAL (SELECT :now - g * interval '15 seconds' AS seen) t
    """,
    """
    INSERT INTO assessments (item_id, version, health, attention, topic, kind, stance, harm, probabilities, places,
        reasons, model_version, "full", assessed_at)
    SELECT id, 1, true, false, 'topic1', 'rumor', 'asserts', 'low', '{}', '[]', '[]', 'm', true, first_seen
    FROM items WHERE stage = 'assessed'
    """,
    "INSERT INTO vectors (item_id, version, encoder, vector) SELECT item_id, 1, 'e', decode(repeat('003c', 384), 'hex')"
    " FROM assessments",
    "INSERT INTO index_queue (item_id, revision, deleted) SELECT id, 1, false FROM items WHERE stage = 'complete'",
    "ANALYZE",
)


def fill(connection: Connection, items: int, now: object) -> None:
    """Sources `s0` to `s99` must be there."""
    for statement in _STATEMENTS:
        values = {name: value for name, value in {"items": items, "now": now}.items() if f":{name}" in statement}
        connection.execute(text(statement), values)
