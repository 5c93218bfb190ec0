"""The outbox in memory, for tests of delivery alone; the store's own is tested with the same deliverers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from records.message import Address, Delivery, Message, MessageState, Progress, ThreadRoot, Undelivered


@dataclass
class MemoryOutbox:
    """Implements `records.ports.Outbox`. `crash_for`: the next commits of these keys are lost."""

    messages: dict[str, Message] = field(default_factory=dict)
    done: dict[str, Delivery] = field(default_factory=dict)
    put_aside: dict[str, str] = field(default_factory=dict)
    retry_at: dict[str, datetime] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    crash_for: set[str] = field(default_factory=set)

    @classmethod
    def holding(cls, messages: Iterable[Message]) -> MemoryOutbox:
        return cls({message.key: message for message in messages})

    def due(self, now: datetime, limit: int = 20) -> tuple[Message, ...]:
        found: list[Message] = []
        threads: set[tuple[str, Address]] = set()
        for message in self.messages.values():
            if message.key in self.done or message.key in self.put_aside:
                continue
            thread = (message.thread, message.to)
            if thread not in threads and (message.key not in self.retry_at or self.retry_at[message.key] <= now):
                found.append(message)
            threads.add(thread)
        return tuple(found[:limit])

    def thread_root(self, thread: str, to: Address) -> ThreadRoot | None:
        for key, delivery in self.done.items():
            message = self.messages[key]
            if (message.thread, message.to) == (thread, to):
                return ThreadRoot(delivery.external_id, message.notice, delivery.external_channel)
        return None

    def sending(self, key: str, now: datetime) -> bool:
        begun = key in self.under_way
        self.under_way.add(key)
        return begun

    def delivered(self, key: str, delivery: Delivery, now: datetime) -> None:
        if key in self.crash_for:
            self.crash_for.discard(key)
            raise KeyboardInterrupt("killed between the server's acceptance and our commit")
        self.under_way.discard(key)
        self.done[key] = delivery

    def delayed(self, key: str, problem: str, retry_at: datetime) -> None:
        self.under_way.discard(key)
        self.problems.append(problem)
        self.retry_at[key] = retry_at
        message = self.messages[key]
        self.messages[key] = replace(message, attempts=message.attempts + 1)

    def refused(self, key: str, problem: str, now: datetime) -> None:
        self.under_way.discard(key)
        self.put_aside[key] = problem

    def state(self, key: str) -> MessageState:
        if key in self.done:
            return MessageState(Progress.DELIVERED, self.messages[key].created_at)
        if key in self.put_aside:
            return MessageState(Progress.REFUSED, None, self.put_aside[key])
        return MessageState(Progress.WAITING, self.retry_at.get(key, self.messages[key].created_at))

    def retry_refused(self, now: datetime) -> int:
        count = len(self.put_aside)
        self.put_aside.clear()
        return count

    def undelivered(self, limit: int = 50) -> tuple[Undelivered, ...]:
        found = [Undelivered(self.messages[key], problem, None) for key, problem in self.put_aside.items()]
        return tuple(found[:limit])

    def counts(self) -> dict[str, int]:
        refused, delivered = len(self.put_aside), len(self.done)
        return {"waiting": len(self.messages) - refused - delivered, "delivered": delivered, "refused": refused}
