"""The Outbox port: every message from its cause to the server's word that it has it, each key once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from records.case import Act
from records.errors import NotFound
from records.message import Address, Delivery, Message, MessageState, Progress, ThreadRoot, Undelivered
from store import rows
from store.database import Database, insert_new, retried
from store.handles import author_hash
from store.serialize import to_json
from store.tables import outbox, trail
from store.trail import STORE

WAITING, DELIVERED, REFUSED, DISCARDED = "waiting", "delivered", "refused", "discarded"


#: What a restored store says so soon after may have been said by the one that was lost.
ASK_AFTER_RESTORE = timedelta(days=7)


def _restored_lately(connection: Connection, now: datetime) -> bool:
    of_the_store = trail.c.subject == STORE, trail.c.act == Act.RESTORE.value, trail.c.at > now - ASK_AFTER_RESTORE
    return connection.execute(select(trail.c.number).where(*of_the_store).limit(1)).first() is not None


def message_values(message: Message) -> dict[str, Any]:
    return {
        "key": message.key,
        "channel": message.to.channel.value,
        "recipient": message.to.recipient,
        "thread": message.thread,
        "notice": to_json(message.notice),
        "created_at": message.created_at,
        "attempts": message.attempts,
        "status": WAITING,
        "retry_at": message.created_at,
    }


def retry_refused(connection: Connection, now: datetime, key: str | None = None) -> int:
    """Refused messages are due again, or the one of that key, as if they had not been tried; how many."""
    again = {"status": WAITING, "retry_at": now, "attempts": 0, "problem": None}
    chosen = update(outbox).where(outbox.c.status == REFUSED, *([] if key is None else [outbox.c.key == key]))
    return connection.execute(chosen.values(**again)).rowcount


def enqueue(connection: Connection, secret: bytes, message: Message) -> bool:
    """Put it in the outbox; False when one of its key is there, or was, and was discarded."""
    discarded = select(outbox.c.number).where(outbox.c.key == _forgotten(secret, message.key))
    if connection.execute(discarded).first() is not None:
        return False
    return insert_new(connection, outbox, message_values(message))


def discard_refused(connection: Connection, secret: bytes, key: str) -> int | None:
    """A refused message is not sent any more; its number. Of whom it was for, which its key says too, a keyed hash of
    the key is left: the same cause does not bring it back."""
    refused = outbox.c.key == key, outbox.c.status == REFUSED
    number = connection.execute(select(outbox.c.number).where(*refused).with_for_update()).scalar()
    if number is not None:
        gone = {"status": DISCARDED, "key": _forgotten(secret, key), "recipient": "", "problem": None}
        connection.execute(update(outbox).where(outbox.c.number == number).values(**gone))
    return number


def _forgotten(secret: bytes, key: str) -> str:
    return f"discarded:{author_hash(secret, key)}"


class SqlOutbox:
    def __init__(self, database: Database, secret: bytes) -> None:
        """`secret`: the key of the hashes that are left of discarded messages."""
        self._database = database
        self._secret = secret

    def due(self, now: datetime, limit: int = 20) -> tuple[Message, ...]:
        earlier = outbox.alias()
        in_front = select(earlier.c.number).where(
            earlier.c.thread == outbox.c.thread,
            earlier.c.channel == outbox.c.channel,
            earlier.c.recipient == outbox.c.recipient,
            earlier.c.number < outbox.c.number,
            earlier.c.status == WAITING,
        )
        # A first try waits for nothing: its cause may have been given a "now" that is still to come.
        is_time = or_(outbox.c.attempts == 0, outbox.c.retry_at <= now)
        statement = (
            select(outbox)
            .where(and_(outbox.c.status == WAITING, is_time, ~in_front.exists()))
            .order_by(outbox.c.number)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(rows.message(row._mapping) for row in connection.execute(statement))

    def thread_root(self, thread: str, to: Address) -> ThreadRoot | None:
        statement = (
            select(outbox)
            .where(
                outbox.c.thread == thread,
                outbox.c.channel == to.channel.value,
                outbox.c.recipient == to.recipient,
                outbox.c.status == DELIVERED,
            )
            .order_by(outbox.c.delivered_at, outbox.c.number)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        if row is None:
            return None
        return ThreadRoot(row.external_id, rows.notice(row.notice), row.external_channel or "")

    def state(self, key: str) -> MessageState:
        with self._database.reading() as connection:
            same = outbox.c.key.in_([key, _forgotten(self._secret, key)])
            row = connection.execute(select(outbox).where(same)).first()
        if row is None:
            raise NotFound("message", key)
        progress = Progress(row.status)
        at = {Progress.DELIVERED: row.delivered_at, Progress.WAITING: row.retry_at}.get(progress)
        return MessageState(progress, at, row.problem or "")

    @retried
    def sending(self, key: str, now: datetime) -> bool:
        with self._database.writing() as connection:
            row = connection.execute(select(outbox.c.sending_at).where(outbox.c.key == key).with_for_update()).first()
            if row is None:
                raise NotFound("message", key)
            connection.execute(update(outbox).where(outbox.c.key == key).values(sending_at=now))
            return row.sending_at is not None or _restored_lately(connection, now)

    def delivered(self, key: str, delivery: Delivery, now: datetime) -> None:
        self._end(
            key,
            status=DELIVERED,
            problem=None,
            delivered_at=now,
            external_id=delivery.external_id,
            external_channel=delivery.external_channel,
        )

    def delayed(self, key: str, problem: str, retry_at: datetime) -> None:
        self._end(key, problem=problem, retry_at=retry_at)

    def refused(self, key: str, problem: str, now: datetime) -> None:
        self._end(key, status=REFUSED, problem=problem)

    @retried
    def _end(self, key: str, **values: Any) -> None:
        ended: dict[str, Any] = {"sending_at": None, "attempts": outbox.c.attempts + 1}
        with self._database.writing() as connection:
            found = connection.execute(update(outbox).where(outbox.c.key == key).values(**ended | values))
            if not found.rowcount:
                raise NotFound("message", key)

    @retried
    def retry_refused(self, now: datetime) -> int:
        with self._database.writing() as connection:
            return retry_refused(connection, now)

    def undelivered(self, limit: int = 50) -> tuple[Undelivered, ...]:
        troubled = or_(outbox.c.status == REFUSED, and_(outbox.c.status == WAITING, outbox.c.problem.is_not(None)))
        statement = select(outbox).where(troubled).order_by(outbox.c.status, outbox.c.number).limit(limit)
        with self._database.reading() as connection:
            return tuple(
                Undelivered(
                    rows.message(row._mapping), row.problem or "", None if row.status == REFUSED else row.retry_at
                )
                for row in connection.execute(statement)
            )

    def counts(self) -> dict[str, int]:
        grouped = select(outbox.c.status, func.count().label("number")).group_by(outbox.c.status)
        with self._database.reading() as connection:
            found = {row.status: row.number for row in connection.execute(grouped)}
        return {status: found.get(status, 0) for status in (WAITING, DELIVERED, REFUSED)}
