"""Ending without a result, moving dates, changing the channel, and handing over the result."""

import datetime as dt

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.verbs import verb
from motcua.dossiers import drafting
from motcua.dossiers.acting import contract_of, load, perform
from motcua.dossiers.actions.common import line, need
from motcua.dossiers.models import Dossier, ResultMethod
from motcua.dossiers.states import Act
from motcua.dossiers.walk import standing
from motcua.ledger.models import Channel
from motcua.org.models import User
from motcua.parties.actions import Particulars, digest, recorded
from motcua.parties.models import Party


def _end_otherwise(
    act: Act,
    dossier: int,
    actor: User | None,
    reason: str,
    expected: int | None,
    occurred_at: dt.datetime | None,
    approver: User | None,
    evidence: str,
) -> Dossier:
    need(reason, f"«{act.label}» phải nêu lý do.")
    loaded = load(dossier, expected)
    perform(loaded, act, actor=actor, note=reason, occurred_at=occurred_at, approver=approver, evidence=evidence)
    return loaded.dossier


@verb
def return_dossier(
    *,
    actor: User,
    dossier: int,
    reason: str,
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Trả lại hồ sơ to the citizen, unresolved. The clock ends and the time class is kept."""
    return _end_otherwise(Act.RETURN_DOSSIER, dossier, actor, reason, expected, occurred_at, approver, evidence)


@verb
def withdraw(
    *,
    actor: User | None,
    dossier: int,
    reason: str,
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Rút hồ sơ at the applicant's wish, before a decision is signed."""
    return _end_otherwise(Act.WITHDRAW, dossier, actor, reason, expected, occurred_at, approver, evidence)


@verb
def stop(
    *,
    actor: User,
    dossier: int,
    reason: str,
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Dừng giải quyết (form 05 of 2025): no decision yet; the time class is kept."""
    return _end_otherwise(Act.STOP, dossier, actor, reason, expected, occurred_at, approver, evidence)


@verb
def apologise(
    *, actor: User, dossier: int, reason: str, new_appointment: dt.date, expected: int | None = None
) -> Dossier:
    """Xin lỗi, hẹn lại ngày trả: the first one before the expiry moves the appointment, never the deadline itself; a
    later one is recorded as what it is and moves nothing."""
    need(reason, "Thư xin lỗi phải nêu lý do chậm.")
    loaded = load(dossier, expected)
    row = loaded.dossier
    contract = contract_of(standing(loaded.pairs()))
    if new_appointment <= clock.today():
        raise Invalid("Ngày hẹn mới phải sau hôm nay.", field="new_appointment")
    if not contract.calendar.is_working(new_appointment):
        raise Invalid(f"{new_appointment:%d/%m/%Y} là ngày nghỉ, hãy hẹn vào ngày làm việc.", field="new_appointment")
    if row.appointed_at is not None and new_appointment <= clock.local_date(row.appointed_at):
        raise Invalid("Ngày hẹn mới phải sau ngày hẹn cũ.", field="new_appointment")
    facts = drafting.apologised(contract, new_appointment=new_appointment, grain=row.due_grain)
    perform(loaded, Act.APOLOGISE, actor=actor, facts=facts, note=reason)
    return row


@verb
def move_due(
    *, actor: User, dossier: int, days: int, decision: str, reason: str, expected: int | None = None
) -> Dossier:
    """Move the due dates by a decision, ``days`` working days (storm, system down). Statements say how many."""
    decision = line(decision, 200, "Số quyết định", field="decision")
    need(decision, "Phải ghi số quyết định gia hạn.", field="decision")
    need(reason, "Phải nêu lý do gia hạn.")
    loaded = load(dossier, expected)
    perform(
        loaded,
        Act.MOVE_DUE,
        actor=actor,
        facts={"days": days},
        note=f"{decision}: {reason}",
        note_kind="decision",
    )
    return loaded.dossier


@verb
def reclassify(*, actor: User, dossier: int, channel: str, reason: str, expected: int | None = None) -> Dossier:
    """Đổi hình thức nộp from today on (a leg of kind "correct"); an error of the acceptance is corrected instead."""
    need(reason, "Phải nêu lý do.")
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    loaded = load(dossier, expected)
    if channel == loaded.dossier.channel:
        raise Invalid("Hồ sơ đang ở đúng hình thức này.", field="channel")
    perform(loaded, Act.RECLASSIFY, actor=actor, facts={"channel": channel}, note=reason)
    return loaded.dossier


@verb
def hand_over_result(
    *,
    actor: User,
    dossier: int,
    method: str = ResultMethod.COUNTER,
    collector: Party | Particulars | None = None,
    authority: str = "",
    note: str = "",
    expected: int | None = None,
) -> Dossier:
    """Trả kết quả to the citizen: at the counter, by post, at home or online. Moves no account.

    To somebody who comes with a giấy ủy quyền (``authority``: its number, date, who certified it), with name and
    identity number of that person. The paper is kept with the note.
    """
    authority = line(authority, 200, "Giấy ủy quyền", field="authority")
    if authority:
        if collector is None:
            raise Invalid("Chưa nhập họ tên người được ủy quyền nhận.", field="collector")
        need(collector.id_number, "Người nhận theo ủy quyền phải có số giấy tờ tùy thân.", field="collector_id")
        note = f"Giấy ủy quyền: {authority}." + (f" {note}" if note.strip() else "")
    if method not in ResultMethod.values:
        raise Invalid("Cách trả kết quả không có trong danh sách.", field="method")
    loaded = load(dossier, expected)
    row = loaded.dossier
    person = recorded(collector, actor) if collector is not None else None
    facts = drafting.handed_over(method=method, collector=[person.pk, digest(person)] if person else None)
    fields = []
    if person is not None:
        row.collector, fields = person, ["collector"]
    perform(loaded, Act.HAND_OVER, actor=actor, facts=facts, note=note, more_fields=fields)
    return row
