"""Providing information (chủ động cung cấp thông tin), first version: a short statement and the spokesperson's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from casework import refusals
from casework.notices import put_out
from casework.rules_of_work import LONGEST_STATEMENT, changed, named, noted, reasoned, require, same_person
from records.case import Act, Case, CaseStage, Statement, StatementStage
from records.errors import ActRefused, InputError
from records.message import NoticeKind
from records.ports import Casebook, Work
from records.text import normalize, text_hash


def ask_spokesperson(casebook: Casebook, case_id: str, text: str, actor: str, now: datetime) -> Statement:
    """Hand a draft to the spokesperson. Raises InputError when it is empty or longer than LONGEST_STATEMENT."""
    actor, text = named(actor), normalize(text)
    if not text:
        raise InputError(refusals.TEXT_MISSING)
    if len(text) > LONGEST_STATEMENT:
        raise InputError(refusals.TEXT_TOO_LONG)
    with casebook.work() as work:
        case = work.case(case_id)
        earlier = work.statements(case.id)
        if case.stage is CaseStage.ASKED and earlier and _is_draft(earlier[-1], text, actor):
            return earlier[-1]
        require(case, Act.ASK)
        statement = Statement(
            id=f"statement-{case.narrative_id}-{len(earlier) + 1}",
            case_id=case.id,
            text=text,
            stage=StatementStage.ASKED,
            drafted_by=actor,
            asked_at=now,
        )
        work.save_statement(statement)
        case = changed(work, case, stage=CaseStage.ASKED)
        work.trail(now, actor, Act.ASK, case.id, _named_in_trail(statement))
        _say(work, NoticeKind.STATEMENT_ASKED, case, statement, text, now)
        return statement


def approve(casebook: Casebook, statement_id: str, actor: str, now: datetime) -> Statement:
    """The spokesperson approves. Raises ActRefused for the drafter's own statement."""
    actor = named(actor)
    with casebook.work() as work:
        statement = work.statement(statement_id)
        if statement.stage is StatementStage.APPROVED and statement.decided_by == actor:
            return statement
        if same_person(actor, statement.drafted_by):
            raise ActRefused(statement.id, refusals.OWN_STATEMENT)
        case = _decidable(work, statement, Act.APPROVE)
        statement = replace(statement, stage=StatementStage.APPROVED, decided_by=actor, decided_at=now)
        work.save_statement(statement)
        case = changed(work, case, stage=CaseStage.APPROVED)
        work.trail(now, actor, Act.APPROVE, case.id, _named_in_trail(statement))
        _say(work, NoticeKind.STATEMENT_APPROVED, case, statement, statement.text, now)
        return statement


def return_statement(casebook: Casebook, statement_id: str, note: str, actor: str, now: datetime) -> Statement:
    """Back to the desk with a note on what to change. The drafter may take a draft back the same way."""
    actor, note = named(actor), reasoned(note)
    with casebook.work() as work:
        statement = work.statement(statement_id)
        if statement.stage is StatementStage.RETURNED and (statement.decided_by, statement.note) == (actor, note):
            return statement
        case = _decidable(work, statement, Act.RETURN)
        statement = replace(statement, stage=StatementStage.RETURNED, decided_by=actor, decided_at=now, note=note)
        work.save_statement(statement)
        case = changed(work, case, stage=CaseStage.ACKNOWLEDGED)
        work.trail(now, actor, Act.RETURN, case.id, {**_named_in_trail(statement), **noted(work, note, now)})
        _say(work, NoticeKind.STATEMENT_RETURNED, case, statement, note, now)
        return statement


def _is_draft(statement: Statement, text: str, actor: str) -> bool:
    return statement.stage is StatementStage.ASKED and (statement.text, statement.drafted_by) == (text, actor)


def _decidable(work: Work, statement: Statement, act: Act) -> Case:
    if statement.stage is not StatementStage.ASKED:
        raise ActRefused(statement.id, refusals.STATEMENT_DECIDED)
    case = work.case(statement.case_id)
    require(case, act)
    return case


def _named_in_trail(statement: Statement) -> dict[str, str]:
    return {"statement": statement.id, "text_sha256": text_hash(statement.text)}


def _say(work: Work, kind: NoticeKind, case: Case, statement: Statement, note: str, now: datetime) -> None:
    cause = f"statement:{statement.id}:{statement.stage}"
    put_out(work, kind, case, cause, work.addresses(case.thread_id), now, note=note)
