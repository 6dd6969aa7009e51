"""What becomes of somebody's record: set right, merged, restricted, consented to, erased. Each an act with history.

Which people an official may reach is the caller's to ask (the scope of their dossiers); the duty is asked here.
"""

import datetime as dt
from collections.abc import Collection

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.core.text import clean
from motcua.core.verbs import verb
from motcua.org import queries as org
from motcua.org.models import Duty, Unit, User
from motcua.parties import registry
from motcua.parties.actions import checked, derived, write
from motcua.parties.models import Consent, Party, PartyChange, Purpose, Restriction

# Who sets a record right: whoever serves people. Who decides about it: leaders.
SERVE = frozenset({Duty.RECEIVE, Duty.HAND_OVER, Duty.HANDLE, Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR})
DECIDE = frozenset({Duty.HEAD, Duty.CHAIR, Duty.DIRECTOR})
ERASED_NAME = "(đã xóa dữ liệu cá nhân)"


def _require(actor: User, duties: Collection[Duty]) -> None:
    if not actor.is_active or not any(duty in duties for duty, _ in org.duties(actor, clock.today())):
        raise NotAllowed("Anh/chị không có nhiệm vụ để làm việc này với dữ liệu cá nhân.")


def _line(text: str, what: str, *, field: str = "reason", limit: int = 300) -> str:
    text = clean(text)
    if not text:
        raise Invalid(f"Phải ghi {what}.", field=field)
    if len(text) > limit:
        raise Invalid(f"Nội dung dài quá {limit} ký tự.", field=field, code="too_long")
    return text


def _locked(*ids: int) -> list[Party]:
    rows = {p.pk: p for p in Party.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if len(rows) != len(set(ids)):
        raise NotFound("Không có bản ghi này.")
    found = [rows[pk] for pk in ids]
    if any(p.erased_at is not None for p in found):
        raise IllegalAct("Dữ liệu cá nhân của bản ghi này đã xóa.", code="erased")
    return found


@verb
def change_party(
    *,
    actor: User,
    party: int,
    reason: str,
    name: str,
    kind: str,
    id_kind: str = "",
    id_number: str = "",
    birth_date: dt.date | None = None,
    address: str = "",
    commune: Unit | None = None,
    phone: str = "",
    email: str = "",
) -> Party:
    """Set a record right, empty values too; what it said before is kept. Conflict where the number is another's."""
    _require(actor, SERVE)
    (found,) = _locked(party)
    values = checked(
        kind=kind,
        name=name,
        id_kind=id_kind,
        id_number=id_number,
        birth_date=birth_date,
        address=address,
        commune=commune,
        phone=phone,
        email=email,
    )
    if values["id_number"]:
        same = (
            Party.objects.filter(id_kind=values["id_kind"], id_number=values["id_number"]).exclude(pk=found.pk).first()
        )
        if same is not None:
            raise Conflict(
                f"Số giấy tờ này đã có ở bản ghi «{same.name}». Nếu là một người, hãy gộp hai bản ghi.",
                code="number_taken",
                field="id_number",
            )
    if not write(found, values, actor=actor, reason=_line(reason, "lý do sửa")):
        raise Invalid("Chưa sửa gì.", code="nothing_changed")
    return found


@verb
def merge_parties(*, actor: User, keep: int, double: int, reason: str) -> Party:
    """Two records of one person or organisation: the double is merged into the one kept, which stands for both from
    now on. Dossiers keep the record they were accepted with, and are found under both. :func:`split_party` undoes."""
    _require(actor, SERVE)
    reason = _line(reason, "lý do gộp")
    if keep == double:
        raise Invalid("Không gộp một bản ghi vào chính nó.", field="double")
    kept, merged = _locked(keep, double)
    if kept.merged_into_id is not None:
        raise IllegalAct(f"Bản ghi «{kept.name}» đã gộp vào bản ghi khác. Hãy gộp vào bản ghi đó.", code="merged")
    if merged.merged_into_id is not None:
        raise IllegalAct(f"Bản ghi «{merged.name}» đã gộp rồi.", code="merged")
    if kept.kind != merged.kind:
        raise Invalid("Hai bản ghi khác loại đối tượng, không thể là một.", field="double")
    below = list(Party.objects.filter(merged_into=merged).values_list("pk", flat=True))
    Party.objects.filter(pk__in=[merged.pk, *below]).update(merged_into=kept)
    restricted = kept.restricted or merged.restricted
    if restricted != kept.restricted:
        # A restriction covers the person, whichever record is opened.
        Party.objects.filter(pk=kept.pk).update(restricted=True)
        kept.restricted = True
    common = {"kind": PartyChange.Kind.MERGE, "at": clock.now(), "actor": actor, "reason": reason}
    PartyChange.objects.bulk_create(
        [PartyChange(party=kept, other=merged, **common), PartyChange(party=merged, other=kept, **common)]
    )
    registry.changed([merged.pk, *below])
    return kept


@verb
def split_party(*, actor: User, double: int, reason: str) -> Party:
    """Two records merged by mistake: the double stands for itself again."""
    _require(actor, SERVE)
    reason = _line(reason, "lý do tách")
    (merged,) = _locked(double)
    kept = merged.merged_into
    if kept is None:
        raise IllegalAct("Bản ghi này không gộp vào bản ghi nào.", code="not_merged")
    merged.merged_into = None
    merged.save(update_fields=["merged_into"])
    common = {"kind": PartyChange.Kind.SPLIT, "at": clock.now(), "actor": actor, "reason": reason}
    PartyChange.objects.bulk_create(
        [PartyChange(party=kept, other=merged, **common), PartyChange(party=merged, other=kept, **common)]
    )
    registry.changed([merged.pk])
    return merged


@verb
def restrict(*, actor: User, party: int, basis: str) -> Restriction:
    """Hạn chế xử lý, at the person's wish or by decision: every reading must be explained, nothing is offered again."""
    _require(actor, DECIDE)
    basis = _line(basis, "căn cứ", field="basis")
    (found,) = _locked(party)
    if found.restricted and Restriction.objects.filter(party=found, lifted_at__isnull=True).exists():
        raise IllegalAct("Dữ liệu của người này đang hạn chế xử lý rồi.", code="restricted")
    now = clock.now()
    made = Restriction.objects.create(party=found, since=now, basis=basis, actor=actor)
    Party.objects.filter(pk=found.pk).update(restricted=True)
    PartyChange.objects.create(party=found, kind=PartyChange.Kind.RESTRICT, at=now, actor=actor, reason=basis)
    return made


@verb
def lift_restriction(*, actor: User, party: int, reason: str) -> Party:
    """Thôi hạn chế xử lý."""
    _require(actor, DECIDE)
    reason = _line(reason, "lý do")
    (found,) = _locked(party)
    now = clock.now()
    if not found.restricted:
        raise IllegalAct("Dữ liệu của người này không bị hạn chế xử lý.", code="not_restricted")
    Restriction.objects.filter(party=found, lifted_at__isnull=True).update(lifted_at=now, lifted_by=actor)
    Party.objects.filter(pk=found.pk).update(restricted=False)
    PartyChange.objects.create(party=found, kind=PartyChange.Kind.LIFT, at=now, actor=actor, reason=reason)
    found.restricted = False
    return found


@verb
def record_consent(
    *, actor: User | None, party: int, purpose: str, given: bool, method: str, wording: str = ""
) -> Consent:
    """Somebody says yes, says no or takes back a yes, to one purpose; the latest counts, all stay."""
    if actor is not None:
        _require(actor, SERVE)
    if purpose not in Purpose.values:
        raise Invalid("Mục đích không có trong danh sách.", field="purpose")
    if method not in Consent.Method.values:
        raise Invalid("Cách nói không có trong danh sách.", field="method")
    if len(clean(wording)) > 80:
        raise Invalid("Tên bản nội dung dài quá 80 ký tự.", field="wording")
    (found,) = _locked(party)
    return Consent.objects.create(
        party=found,
        purpose=purpose,
        given=given,
        method=method,
        wording=clean(wording),
        at=clock.now(),
        actor=actor,
    )


def erase(party: Party, *, actor: User, basis: str) -> None:
    """Take a locked party's personal data out of its record and of what the record said before. Five statements.

    Events hold salted digests only: without data and salt they say nothing of anybody, and their chain verifies as
    before. Whether the data is due for erasure is the room above's to say; see ``dossiers.retention``.
    """
    now = clock.now()
    for field, value in {
        "name": ERASED_NAME,
        **derived(ERASED_NAME),
        "id_kind": "",
        "id_number": "",
        "birth_date": None,
        "address": "",
        "commune_id": None,
        "phone": "",
        "email": "",
        "salt": "",
        "erased_at": now,
    }.items():
        setattr(party, field, value)
    party.save()
    PartyChange.objects.filter(party=party).update(before={}, reason="")
    PartyChange.objects.create(party=party, kind=PartyChange.Kind.ERASE, at=now, actor=actor, reason=basis)
    registry.changed([party.pk])
