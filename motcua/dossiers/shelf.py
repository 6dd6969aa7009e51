"""Kết quả chưa nhận: what waits at the desk and since when, on which shelf, and who is reminded."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotFound
from motcua.core.models import Outbox
from motcua.core.text import clean, fold
from motcua.core.verbs import verb
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Dossier
from motcua.dossiers.queries import with_names
from motcua.dossiers.shelf_models import CollectionReminder, ShelfPlace
from motcua.dossiers.states import DUTIES, Act, State
from motcua.org import queries as org
from motcua.org.models import User
from motcua.org.queries import Scope

REMIND_AFTER = (7, 30)
# Whoever has waited longer is not written to by a machine: an office that begins with old results would flood people.
TOO_LATE = 60
WAITING = (State.RESULT_READY, State.REFUSED)
TOPIC = "result_waiting"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Wait:
    """A result that waits: since which day, how many days, what the next reminder is and when the last went."""

    dossier: Dossier
    since: dt.date
    days: int
    place: str
    reminded: list[CollectionReminder]

    @property
    def words(self) -> str:
        return f"{self.days} ngày"

    @property
    def grade(self) -> str:
        """ "old" from 30 days, "long" from 7, else nothing."""
        return "old" if self.days >= REMIND_AFTER[1] else "long" if self.days >= REMIND_AFTER[0] else ""


def uncollected(
    scope: Scope, *, words: str = "", at_least: int = 0, unplaced: bool = False, today: dt.date
) -> QuerySet[Dossier]:
    """Results not yet handed over at the desks of the scope, the longest waiting first; not yet read."""
    rows = Dossier.objects.filter(org.among("desk_unit", scope.unit_ids)) if not scope.everything else (
        Dossier.objects.all()
    )  # fmt: skip
    rows = rows.filter(state__in=WAITING, ended_at__isnull=False, handed_over_at__isnull=True)
    if at_least:
        rows = rows.filter(ended_at__lt=clock.local_moment(today - dt.timedelta(days=at_least - 1)))
    if unplaced:
        rows = rows.filter(shelf__isnull=True)
    if text := clean(words)[:100]:
        rows = rows.filter(
            Q(code__iexact=text)
            | Q(code__iendswith=f"-{text}")
            | Q(shelf__place__iexact=text)
            | Q(applicant__name_folded__contains=fold(text))
            | Q(applicant__phone=text)
            | Q(applicant__id_number=text)
        )
    sent = Prefetch("reminders", CollectionReminder.objects.order_by("queued_at"))
    return with_names(rows).select_related("shelf").prefetch_related(sent).order_by("ended_at", "pk")


def waits(rows: Iterable[Dossier], today: dt.date) -> list[Wait]:
    """The rows of a page as waits. No query beside the page's own."""
    found = []
    for row in rows:
        assert row.ended_at is not None
        since = clock.local_date(row.ended_at)
        place = row.shelf.place if hasattr(row, "shelf") else ""
        sent = [r for r in row.reminders.all() if r.since == since]
        found.append(Wait(row, since, (today - since).days, place, sent))
    return found


@verb
def place_result(*, actor: User, dossier: int, place: str) -> Dossier:
    """Write down on which shelf a result lies; an empty place takes it off. By whoever hands results over."""
    text = clean(place)
    if len(text) > 40:
        raise Invalid("Vị trí kệ dài quá 40 ký tự.", field="place")
    row = Dossier.objects.select_for_update().filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    held_duty(actor, DUTIES[Act.HAND_OVER], covering(row), "Anh/chị không có nhiệm vụ giữ kết quả ở nơi này.")
    if row.state not in WAITING or row.handed_over_at is not None:
        raise IllegalAct(f"Hồ sơ {row} không có kết quả đang chờ trả.", code="no_result_waiting")
    if not text:
        ShelfPlace.objects.filter(dossier=row).delete()
    else:
        ShelfPlace.objects.update_or_create(
            dossier=row, defaults={"place": text, "placed_at": clock.now(), "placed_by": actor}
        )
    return row


def remind(now: dt.datetime) -> str:
    """Queue a reminder for results that have waited 7 and 30 days, each once; run by ``tick``, safe to repeat.

    The message holds the dossier's id and the days only; a gateway finds whom to tell, and how.
    """
    today, queued = clock.local_date(now), 0
    for days in sorted(REMIND_AFTER, reverse=True):
        while made := _remind(today, days, now):
            queued += made
            if made < _BATCH:
                break
    return f"xếp hàng {queued} lời nhắc nhận kết quả" if queued else ""


def _remind(today: dt.date, days: int, now: dt.datetime) -> int:
    """One batch of those waiting ``days`` days or more who have had no reminder of this or a later grade."""
    later = max([d for d in REMIND_AFTER if d > days], default=TOO_LATE + 1)
    rows = Dossier.objects.filter(
        state__in=WAITING,
        handed_over_at__isnull=True,
        imported=False,
        ended_at__lt=clock.local_moment(today - dt.timedelta(days=days - 1)),
        ended_at__gte=clock.local_moment(today - dt.timedelta(days=later - 1)),
    )
    told = CollectionReminder.objects.filter(days=days).values("dossier", "since")
    with transaction.atomic():
        done = {(row["dossier"], row["since"]) for row in told.filter(dossier__in=rows.values("pk"))}
        wanted = []
        for pk, ended_at in rows.order_by("pk").values_list("pk", "ended_at").iterator(chunk_size=2000):
            assert ended_at is not None
            if (pk, since := clock.local_date(ended_at)) not in done:
                wanted.append((pk, since))
                if len(wanted) == _BATCH:
                    break
        made = CollectionReminder.objects.bulk_create(
            [CollectionReminder(dossier_id=pk, days=days, since=since, queued_at=now) for pk, since in wanted]
        )
        Outbox.objects.bulk_create(
            [Outbox(topic=TOPIC, payload={"dossier": pk, "days": days}, created_at=now) for pk, _ in wanted]
        )
    return len(made)
