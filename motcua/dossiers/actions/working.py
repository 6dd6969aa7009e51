"""The work between acceptance and result: steps, liên thông parts, proposal, signature, result."""

import datetime as dt

from django.db.models import Q

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotFound
from motcua.core.verbs import verb
from motcua.dossiers import drafting
from motcua.dossiers.acting import Beside, contract_of, load, open_item, path_in, perform
from motcua.dossiers.actions.common import alive, line, need, step_due_at
from motcua.dossiers.models import Dossier, DossierPart
from motcua.dossiers.states import Act, Outcome
from motcua.dossiers.walk import standing, with_successions
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book
from motcua.org import queries as org
from motcua.org.models import Unit, User
from motcua.procedures.models import Adoption, ProcessStep
from motcua.procedures.signing import require_signer
from motcua.worktime import rules as worktime
from motcua.worktime.rules import Term


@verb
def forward(
    *,
    actor: User,
    dossier: int,
    holder: User | None = None,
    holder_unit: Unit | None = None,
    step: ProcessStep | None = None,
    note: str = "",
    expected: int | None = None,
) -> Dossier:
    """Chuyển bước: the dossier goes to the next holder and step; no account moves."""
    if holder is None and holder_unit is None:
        raise Invalid("Chưa chọn người hoặc phòng nhận hồ sơ.", field="holder")
    if holder_unit is not None:
        alive(holder_unit, clock.today(), field="holder_unit")
    loaded = load(dossier, expected)
    row = loaded.dossier
    step_due = step_due_at(step, None, clock.now(), row) if step else None
    perform(
        loaded,
        Act.FORWARD,
        actor=actor,
        facts=drafting.forwarded(
            row,
            holder=holder.pk if holder else None,
            holder_unit=holder_unit.pk if holder_unit else None,
            step=step.pk if step else None,
            step_due=step_due,
        ),
        note=note,
    )
    return row


@verb
def transfer(*, actor: User, dossier: int, unit: Unit, reason: str, expected: int | None = None) -> Dossier:
    """Chuyển thẩm quyền to another accountable unit: −A / +B, never a new receipt; code and deadline stay."""
    need(reason, "Phải nêu lý do chuyển đơn vị giải quyết.")
    loaded = load(dossier, expected, joined=["procedure_version__procedure"])
    row = loaded.dossier
    if unit.pk == row.unit_id:
        raise Invalid("Hồ sơ đang ở đúng đơn vị này.", field="unit")
    today = clock.today()
    alive(unit, today)
    # The accountable unit is one that has the procedure in use: a dossier is not sent where nobody may resolve it.
    procedure = row.procedure_version.procedure
    uses = Adoption.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), valid_from__lte=today)
    if not uses.filter(unit=unit, procedure=procedure).exists():
        raise Invalid(
            f"{unit.name} chưa áp dụng thủ tục {procedure.code} nên không giải quyết được hồ sơ.", field="unit"
        )
    perform(loaded, Act.TRANSFER, actor=actor, facts=drafting.transferred(row, unit=unit.pk), note=reason)
    return row


@verb
def send_part(
    *, actor: User, dossier: int, unit: Unit, work: str, term: Term, note: str = "", expected: int | None = None
) -> DossierPart:
    """Send a part of the work to another agency (liên thông). It has its own item, book and term; the parent's clock
    goes on. Official dossier figures count the parent only."""
    work = line(work, 300, "Việc cần làm", field="work")
    need(work, "Chưa ghi việc cần cơ quan phối hợp làm.", field="work")
    alive(unit, clock.today())
    loaded = load(dossier, expected, joined=["procedure_version__procedure", "category"])
    row, now = loaded.dossier, clock.now()
    contract = contract_of(standing(loaded.pairs()))
    deadline = worktime.due(contract.calendar, term, now, appointment=contract.appointment)
    if row.item is None:
        raise IllegalAct("Hồ sơ chưa được tiếp nhận.", code="illegal_send_part")
    # Parts are never taken away, so counting them numbers them.
    number = 1 + DossierPart.objects.filter(dossier=row).count()
    item = open_item(Book.DOSSIER_PART, drafting.part_code(str(row.code), number), unit, row.item.territory_id)
    part = DossierPart.objects.create(
        dossier=row, item=item, unit=unit, work=work, sent_at=now, due_at=deadline.due_at, due_grain=deadline.grain
    )
    category = ledger.category(
        book=Book.DOSSIER_PART,
        procedure=row.procedure_version.procedure.code,
        field=row.category.field,
        name=row.category.name,
    )
    facts, received = drafting.part_opened(
        at=now, deadline=deadline, unit=unit.pk, category=category.pk, channel=row.channel
    )
    territory = row.item.territory_id
    path = path_in(org.succession_map([unit.pk, territory] if territory else [unit.pk]), territory)
    perform(
        loaded,
        Act.SEND_PART,
        actor=actor,
        occurred_at=now,
        facts=drafting.part_sent(row, number=number, unit=unit.pk, term=term),
        note=note,
        beside=[Beside(item, "part_sent", facts, with_successions([received], path), category)],
    )
    return part


@verb
def part_returned(*, actor: User, part: int, note: str = "", expected: int | None = None) -> DossierPart:
    """The other agency's answer is back: the part ends with its own time class."""
    try:
        row = DossierPart.objects.select_related("item").get(pk=part)
    except DossierPart.DoesNotExist:
        raise NotFound("Không có phần việc liên thông này.") from None
    from motcua.dossiers.provider import part_facts

    loaded, now = load(row.dossier_id, expected), clock.now()
    if row.returned_at is not None:
        raise IllegalAct("Phần việc này đã nhận kết quả rồi.", code="illegal_part_returned")
    timeline = part_facts([row.item_id], ending={row.item_id: now})[row.item_id]
    perform(
        loaded,
        Act.PART_RETURNED,
        actor=actor,
        occurred_at=now,
        facts={"part": drafting.part_number(row.item.code)},
        note=note,
        beside=[Beside(row.item, "part_returned", {}, timeline)],
    )
    row.returned_at = now
    row.save(update_fields=["returned_at"])
    return row


@verb
def propose(
    *,
    actor: User,
    dossier: int,
    to: User,
    proposal: str = Outcome.GRANTED,
    note: str = "",
    expected: int | None = None,
) -> Dossier:
    """Trình duyệt: the handler's draft goes to who signs. ``proposal``: granted or refused."""
    if proposal not in (Outcome.GRANTED, Outcome.REFUSED):
        raise Invalid("Đề xuất chỉ là giải quyết hoặc từ chối giải quyết.", field="proposal")
    if proposal == Outcome.REFUSED:
        need(note, "Đề xuất từ chối phải nêu lý do.", field="note")
    loaded = load(dossier, expected)
    row = loaded.dossier
    facts = drafting.proposed(row, to=to.pk, proposal=proposal)
    perform(loaded, Act.PROPOSE, actor=actor, facts=facts, note=note)
    return row


@verb
def return_for_correction(*, actor: User, dossier: int, to: User, reason: str, expected: int | None = None) -> Dossier:
    """Chuyển lại để sửa: back to a colleague; not to be mistaken for returning the dossier to the citizen."""
    need(reason, "Phải ghi điều cần sửa.")
    loaded = load(dossier, expected)
    row = loaded.dossier
    facts = drafting.sent_back(row, to=to.pk)
    perform(loaded, Act.RETURN_FOR_CORRECTION, actor=actor, facts=facts, note=reason)
    return row


@verb
def approve(
    *, actor: User, dossier: int, to: User | None = None, note: str = "", expected: int | None = None
) -> Dossier:
    """Duyệt, ký. The clock runs on until the result is at the one-stop desk (:func:`resolve`).

    Where the agency has written down who signs for the procedure, only they do.
    """
    loaded = load(dossier, expected, joined=["procedure_version"])
    row = loaded.dossier
    require_signer(actor.pk, row.unit_id, row.procedure_version.procedure_id, clock.today())
    facts = drafting.signed(row, to=to.pk if to else None)
    perform(loaded, Act.APPROVE, actor=actor, facts=facts, note=note)
    return row


@verb
def resolve(
    *,
    actor: User,
    dossier: int,
    outcome: str = Outcome.GRANTED,
    reason: str = "",
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """The result reaches the one-stop desk: the clock ends here, not when the citizen collects."""
    if outcome not in (Outcome.GRANTED, Outcome.REFUSED):
        raise Invalid("Kết quả chỉ là giải quyết xong hoặc từ chối giải quyết.", field="outcome")
    if outcome == Outcome.REFUSED:
        need(reason, "Từ chối giải quyết phải nêu lý do.")
    loaded = load(dossier, expected)
    perform(
        loaded,
        Act.RESOLVE,
        actor=actor,
        facts=drafting.resolution(outcome),
        note=reason,
        occurred_at=occurred_at,
        approver=approver,
        evidence=evidence,
    )
    return loaded.dossier
