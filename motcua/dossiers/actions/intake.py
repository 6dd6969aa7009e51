"""Coming in: a filing, an acceptance, a refusal at the door."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid
from motcua.core.series import next_numbers
from motcua.core.verbs import verb
from motcua.dossiers.accepting import terms_for
from motcua.dossiers.acting import Loaded, load, open_item, perform
from motcua.dossiers.actions.common import (
    Paper,
    alive,
    line,
    need,
    particulars,
    step_due_at,
    write_papers,
)
from motcua.dossiers.allowing import authorise, given_moment
from motcua.dossiers.codes import new_filing_code, series_of, written
from motcua.dossiers.counter_models import Slip
from motcua.dossiers.drafting import accepted, filed, intake_term
from motcua.dossiers.models import Dossier, ResultMethod
from motcua.dossiers.states import Act, Outcome, State
from motcua.dossiers.succession import follow_one
from motcua.ledger.models import Book, Channel
from motcua.org.models import Unit, User
from motcua.parties.actions import Particulars, digest, recorded
from motcua.parties.models import Party
from motcua.procedures.models import Case, Procedure


@verb
def submit(
    *,
    actor: User | None,
    procedure: Procedure,
    unit: Unit,
    applicant: Party,
    case: Case | None = None,
    channel: str = Channel.ONLINE,
    desk_unit: Unit | None = None,
    submitter: Party | None = None,
    subject: str = "",
    papers: Sequence[Paper] = (),
    result_method: str = ResultMethod.ONLINE,
    invented: bool = False,
) -> Dossier:
    """A filing that waits for the desk's check; it is no accepted dossier and counts in no dossier figure.

    The check has its own clock (RuleSet.intake_check_hours, working hours). Legal source: NĐ 45/2020/NĐ-CP as recalled.
    """
    now = clock.now()
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    desk = desk_unit or unit
    for where in (unit, desk):
        alive(where, clock.local_date(now))
    terms = terms_for(
        procedure=procedure, case=case, channel=channel, unit=unit, at=now, book=Book.INTAKE, must_have_term=False
    )
    hours = terms.rules.intake_check_hours
    if not hours:
        raise Invalid("Bộ quy định chưa có thời hạn kiểm tra hồ sơ nộp trực tuyến.", code="no_intake_term")
    authorise(actor, Act.SUBMIT, [desk.pk])
    code = new_filing_code(unit, clock.local_date(now))
    item = open_item(Book.INTAKE, code, unit, applicant.commune_id)
    dossier = Dossier.objects.create(
        intake_item=item,
        filing_code=code,
        state=State.SUBMITTED,
        **terms.columns(),
        **particulars(channel, applicant, submitter, None, subject, 1, result_method, unit, desk, invented),
        submitted_at=now,
    )
    write_papers(dossier, papers)
    facts = filed(
        unit=unit.pk,
        terms=terms,
        channel=channel,
        applicant=[applicant.pk, digest(applicant)],
        check=intake_term(hours),
    )
    perform(Loaded(dossier), Act.SUBMIT, actor=actor, facts=facts)
    return dossier


@verb
def receive(
    *,
    actor: User,
    procedure: Procedure | None = None,
    unit: Unit | None = None,
    applicant: Party | Particulars | None = None,
    filing: int | None = None,
    expected: int | None = None,
    case: Case | None = None,
    channel: str = Channel.DIRECT,
    desk_unit: Unit | None = None,
    submitter: Party | Particulars | None = None,
    collector: Party | None = None,
    subject: str = "",
    copies: int = 1,
    papers: Sequence[Paper] = (),
    result_method: str = ResultMethod.COUNTER,
    holder: User | None = None,
    holder_unit: Unit | None = None,
    external_code: str = "",
    owning_system: str = "",
    occurred_at: dt.datetime | None = None,
    reason: str = "",
    approver: User | None = None,
    evidence: str = "",
    invented: bool = False,
) -> Dossier:
    """Accept a dossier at the desk, or a filing (``filing``: its id). Gives the code, fixes term, calendar and rules.

    ``unit`` is the competent agency, ``desk_unit`` the place of receipt (default the same). Two items are touched when
    a filing is accepted: its intake ends, the dossier opens.
    """
    return accept(
        Act.RECEIVE,
        actor=actor,
        procedure=procedure,
        unit=unit,
        applicant=applicant,
        filing=filing,
        expected=expected,
        case=case,
        channel=channel,
        desk_unit=desk_unit,
        submitter=submitter,
        collector=collector,
        subject=subject,
        copies=copies,
        papers=papers,
        result_method=result_method,
        holder=holder,
        holder_unit=holder_unit,
        external_code=external_code,
        owning_system=owning_system,
        occurred_at=occurred_at,
        reason=reason,
        approver=approver,
        evidence=evidence,
        invented=invented,
    )


@verb
def receive_and_resolve(
    *,
    actor: User,
    procedure: Procedure | None = None,
    unit: Unit | None = None,
    applicant: Party | Particulars | None = None,
    filing: int | None = None,
    expected: int | None = None,
    case: Case | None = None,
    channel: str = Channel.DIRECT,
    subject: str = "",
    copies: int = 1,
    papers: Sequence[Paper] = (),
    occurred_at: dt.datetime | None = None,
    reason: str = "",
    approver: User | None = None,
    evidence: str = "",
    invented: bool = False,
) -> Dossier:
    """«Giải quyết và trả ngay»: received, resolved and handed over in one act, without appointment slip; journaled."""
    return accept(
        Act.RECEIVE_AND_RESOLVE,
        actor=actor,
        procedure=procedure,
        unit=unit,
        applicant=applicant,
        filing=filing,
        expected=expected,
        case=case,
        channel=channel,
        subject=subject,
        copies=copies,
        papers=papers,
        occurred_at=occurred_at,
        reason=reason,
        approver=approver,
        evidence=evidence,
        invented=invented,
        outcome=Outcome.GRANTED.value,
    )


def accept(
    act: Act,
    *,
    actor: User,
    procedure: Procedure | None,
    unit: Unit | None,
    applicant: Party | Particulars | None,
    filing: int | None,
    expected: int | None,
    case: Case | None,
    channel: str,
    subject: str,
    copies: int,
    papers: Sequence[Paper],
    occurred_at: dt.datetime | None,
    reason: str,
    approver: User | None,
    invented: bool,
    evidence: str = "",
    desk_unit: Unit | None = None,
    submitter: Party | Particulars | None = None,
    collector: Party | Particulars | None = None,
    result_method: str = ResultMethod.COUNTER,
    holder: User | None = None,
    holder_unit: Unit | None = None,
    external_code: str = "",
    owning_system: str = "",
    outcome: str = "",
    slip: Slip | None = None,
    seen: str = "",
    more_series: Sequence[tuple[str, dt.date]] = (),
    numbers: dict[str, int] | None = None,
) -> Dossier:
    """What every acceptance does, inside its verb's transaction.

    ``slip``: the reserved code it was given on paper; ``seen``: how the applicant was identified. ``numbers`` is filled
    with the next number of each of ``more_series`` (of a book, of receipts), taken together with the code's.
    """
    numbers = {} if numbers is None else numbers
    at = given_moment(occurred_at)
    loaded = None
    if filing is not None:
        loaded = load(filing, expected, joined=["procedure_version__procedure", "applicant", "case"])
        known = loaded.dossier
        if known.state not in (State.SUBMITTED,):
            raise IllegalAct("Lần nộp này không còn chờ tiếp nhận.", code=f"illegal_{act.value}")
        follow_one(known, clock.local_date(at))
        unit, procedure, channel = known.unit, known.procedure_version.procedure, known.channel
        applicant, case, invented = known.applicant, case or known.case, known.invented
        desk_unit = known.desk_unit
    if procedure is None:
        raise Invalid("Chưa chọn thủ tục.", field="procedure")
    if unit is None:
        raise Invalid("Chưa chọn đơn vị giải quyết.", field="unit")
    if applicant is None:
        raise Invalid("Chưa có chủ hồ sơ.", field="applicant")
    applicant = recorded(applicant, actor)
    submitter = recorded(submitter, actor) if submitter is not None else None
    collector = recorded(collector, actor) if collector is not None else None
    if channel not in Channel.values:
        raise Invalid("Hình thức nộp không có trong danh sách.", field="channel")
    desk = desk_unit or unit
    for where in (unit, desk, holder_unit or desk):
        alive(where, clock.local_date(at))
    # Phi địa giới: a desk may receive for another agency; the duty is asked of the desk that receives.
    duty = authorise(actor, act, [desk.pk])
    terms = terms_for(procedure=procedure, case=case, channel=channel, unit=unit, at=at)
    first_step = terms.first_step
    step_due = step_due_at(first_step, terms, at)
    if loaded is None:
        dossier = Dossier(
            **particulars(
                channel, applicant, submitter, collector, subject, copies, result_method, unit, desk, invented
            )
        )
        loaded = Loaded(dossier)
    dossier = loaded.dossier
    for name, value in terms.columns().items():
        setattr(dossier, name, value)
    dossier.external_code = line(external_code, 80, "Mã ở hệ thống khác", field="external_code")
    dossier.owning_system = line(owning_system, 80, "Tên hệ thống", field="owning_system")
    if dossier.code is None:
        day = clock.local_date(at)
        series = series_of(unit)
        # A reserved slip's number was given when the slip was printed.
        numbers.update(next_numbers([*([(series, day)] if slip is None else []), *more_series]))
        pattern = terms.rules.dossier_code_pattern
        dossier.code = slip.code if slip is not None else written(unit, day, pattern, numbers[series])
        dossier.item = open_item(Book.DOSSIER, dossier.code, unit, applicant.commune_id)
    was_filed = dossier.pk is not None
    if not was_filed:
        dossier.state = State.RECEIVED
        if reason.strip() or evidence.strip():
            dossier.save()  # what is said is kept beside it
    facts = accepted(
        unit=unit.pk,
        terms=terms,
        channel=channel,
        applicant=[applicant.pk, digest(applicant)],
        holder=holder.pk if holder else actor.pk,
        holder_unit=holder_unit.pk if holder_unit else desk.pk,
        step=first_step.pk if first_step else None,
        step_due=step_due,
        outcome=outcome,
    )
    if seen:
        facts["seen"] = seen
    columns = [*terms.columns(), "external_code", "owning_system", "code", "item", "desk_unit"] if was_filed else []
    perform(
        loaded,
        act,
        actor=actor,
        occurred_at=at,
        facts=facts,
        note=reason,
        approver=approver,
        evidence=evidence,
        duty=duty,
        more_fields=columns,
    )
    write_papers(dossier, papers)
    return dossier


@verb
def refuse_intake(*, actor: User, dossier: int, reason: str, expected: int | None = None) -> Dossier:
    """Refuse a filing, with the legal or business reason the applicant will read (form 03)."""
    need(reason, "Phải nêu lý do từ chối tiếp nhận để người nộp biết.")
    loaded = load(dossier, expected)
    perform(loaded, Act.REFUSE_INTAKE, actor=actor, note=reason)
    return loaded.dossier
