"""Personal data that has been kept long enough: who it is, and taking it out.

How long is a dated row (``parties.RetentionRule``), counted in years from the end of the person's last dossier. What an
archive must keep is the archive's; here the office takes the data out of its own working records, by an act.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.text import clean
from motcua.core.verbs import verb
from motcua.dossiers import persons
from motcua.dossiers.models import Attachment, Dossier, Note
from motcua.dossiers.states import LEADER_DUTIES
from motcua.org import queries as org
from motcua.org.models import User
from motcua.org.queries import Scope
from motcua.parties import queries as parties
from motcua.parties import rights
from motcua.parties.models import Party, RetentionRule

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose data has been kept long enough; ``last_end`` is when the last dossier ended (None: none)."""

    party: Party
    last_end: dt.datetime | None


def limit(rule: RetentionRule, day: dt.date) -> dt.date:
    """Whatever ended before this day has been kept long enough on ``day``. Pure."""
    try:
        return day.replace(year=day.year - rule.years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - rule.years, day=28)


def due(scope: Scope, day: dt.date) -> tuple[RetentionRule | None, list[Due]]:
    """The rule, and up to 200 people due for erasure among those of the scope's dossiers, the longest kept first. Two
    statements. Whoever has a dossier that is still open anywhere, or is under restriction, is not among them."""
    rule = parties.retention(RetentionRule.What.PARTY, day)
    if rule is None:
        return None, []
    before = clock.local_moment(limit(rule, day))
    old = persons.visible(scope).filter(ended_at__lt=before)
    ids = old.order_by("ended_at").values_list("applicant_id", flat=True)[: MOST_SHOWN * 5]
    last = Dossier.objects.filter(applicant=OuterRef("pk")).order_by("-ended_at").values("ended_at")[:1]
    rows = (
        _long_kept(before)
        .filter(pk__in=list(dict.fromkeys(ids)))
        .annotate(last_end=Subquery(last, output_field=DateTimeField()))
        .order_by("last_end", "pk")[:MOST_SHOWN]
    )
    return rule, [Due(p, p.last_end) for p in rows]


def _long_kept(before: dt.datetime) -> QuerySet[Party]:
    """Records with nothing open and nothing ended since ``before``, in any role, themselves or a double."""
    recent = Q(ended_at__isnull=True) | Q(ended_at__gte=before)
    rows = Party.objects.filter(erased_at__isnull=True, restricted=False, merged_into__isnull=True)
    for role in ("applicant", "submitter", "collector"):
        for field in (role, f"{role}__merged_into"):
            rows = rows.exclude(Exists(Dossier.objects.filter(recent, **{field: OuterRef("pk")})))
    return rows.filter(created_at__lt=before)


@verb
def erase_person(*, actor: User, party: int, basis: str, scope: Scope) -> Party:
    """Xóa dữ liệu cá nhân of somebody whose data has been kept long enough: the record and its doubles, what they said
    before, the free texts and the subject of the person's own dossiers. Figures, dates, codes and the chain of events
    stay and verify. Files of the dossiers must have gone to the archive (or been taken off) first.

    Raises IllegalAct where the data is not due yet, NotAllowed without a leader's duty, Invalid without a basis.
    """
    basis = clean(basis)
    if not basis or len(basis) > 300:
        raise Invalid("Phải ghi căn cứ xóa (quyết định, biên bản tiêu hủy), tối đa 300 ký tự.", field="basis")
    today = clock.today()
    if not any(duty in LEADER_DUTIES for duty, _ in org.duties(actor, today)):
        raise NotAllowed("Chỉ lãnh đạo đơn vị được xóa dữ liệu cá nhân.")
    records = [p.pk for p in persons.require(scope, party)]
    locked = list(Party.objects.select_for_update().filter(pk__in=records).order_by("pk"))
    rule = parties.retention(RetentionRule.What.PARTY, today)
    kept = next(p for p in locked if p.merged_into_id is None)
    if rule is None or not _long_kept(clock.local_moment(limit(rule, today))).filter(pk=kept.pk).exists():
        raise IllegalAct(
            "Chưa đến hạn xóa: còn hồ sơ chưa kết thúc hoặc chưa giữ đủ thời hạn, hoặc đang hạn chế xử lý.",
            code="not_due",
        )
    own = Dossier.objects.filter(applicant__in=records)
    if Attachment.objects.filter(dossier__in=own, removed_at__isnull=True).exists():
        raise IllegalAct("Hồ sơ của người này còn tệp. Hãy nộp lưu trữ rồi gỡ tệp trước.", code="files_left")
    Note.objects.filter(dossier__in=own).update(text="", salt="", erased_at=clock.now())
    own.update(subject="")
    for record in locked:
        rights.erase(record, actor=actor, basis=basis)
    return next(p for p in locked if p.pk == kept.pk)


def chore(now: dt.datetime) -> str:
    """For ``tick``: say how many are due; erasing is a person's act."""
    _, found = due(org.SYSTEM, clock.local_date(now))
    if not found:
        return ""
    many = f"{len(found)} người" if len(found) < MOST_SHOWN else f"ít nhất {MOST_SHOWN} người"
    return f"{many} đến hạn xóa dữ liệu cá nhân (trang «Đến hạn xóa»)"
