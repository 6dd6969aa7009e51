"""Waiting: for the applicant, for payment, for another reason; and going on."""

import datetime as dt
from collections.abc import Sequence

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.verbs import verb
from motcua.dossiers.acting import load, perform
from motcua.dossiers.actions.common import MOST_PAPERS, Paper, line, need, write_papers
from motcua.dossiers.models import Dossier, SupplementRequest
from motcua.dossiers.states import Act, PauseReason, State
from motcua.org.models import User

# A slip of the keyboard, not a time to answer in.
LONGEST_REPLY = dt.timedelta(days=366)
# The published name of a paper can fill half a page.
LONGEST_ITEM = 2500


@verb
def request_supplement(
    *,
    actor: User,
    dossier: int,
    items: Sequence[str],
    reason: str,
    basis: str = "",
    reply_by: dt.date | None = None,
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Ask the applicant for more, everything in one go. Rounds are numbered; past the rule set's limit a ``basis`` is
    needed, and a second round already counts as late in QĐ 766 (that is a figure, not an account).

    ``reply_by`` is the last day the applicant is given; without it the rule set's number of days decides, if any.
    """
    need(reason, "Phải nêu lý do yêu cầu bổ sung.")
    wanted = [kept for i in items if (kept := line(i, LONGEST_ITEM, "Mỗi nội dung cần bổ sung", field="items"))]
    if not wanted:
        raise Invalid("Phải ghi rõ từng giấy tờ, nội dung cần bổ sung.", field="items")
    if len(wanted) > MOST_PAPERS:
        raise Invalid(f"Một lần yêu cầu nhiều nhất {MOST_PAPERS} nội dung.", field="items")
    basis = line(basis, 300, "Căn cứ", field="basis")
    if reply_by is not None and not clock.today() < reply_by <= clock.today() + LONGEST_REPLY:
        raise Invalid("Hạn người nộp bổ sung phải sau hôm nay, không quá một năm.", field="reply_by")
    loaded = load(dossier, expected)
    row = loaded.dossier
    limit = row.rule_set.supplement_limit
    if limit is not None and row.rounds >= limit and not basis:
        raise Invalid(
            f"Hồ sơ đã yêu cầu bổ sung {row.rounds} lần, quy định cho phép {limit} lần. Muốn yêu cầu thêm phải ghi "
            "căn cứ pháp lý cho lần này.",
            field="basis",
            code="supplement_limit",
        )
    at_intake = row.state == State.SUBMITTED
    event = perform(
        loaded,
        Act.REQUEST_SUPPLEMENT,
        actor=actor,
        occurred_at=occurred_at,
        note=reason,
        approver=approver,
        evidence=evidence,
        facts={"round": row.rounds + 1, "items": len(wanted)},
    )
    days = row.rule_set.supplement_reply_days
    if reply_by is None and days:
        reply_by = clock.local_date(event.occurred_at) + dt.timedelta(days=days)
    SupplementRequest.objects.create(
        dossier=row,
        number=row.rounds,
        event_seq=event.seq,
        at_intake=at_intake,
        requested_at=event.occurred_at,
        reply_by=reply_by,
        items=wanted,
        note_id=event.facts["note"][0],
        basis=basis,
    )
    return row


@verb
def supplement_received(
    *,
    actor: User | None,
    dossier: int,
    papers: Sequence[Paper] = (),
    reason: str = "",
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """What was asked for has come in; the clock goes on (or starts anew, by the rule set of the acceptance)."""
    loaded = load(dossier, expected)
    event = perform(
        loaded,
        Act.SUPPLEMENT_RECEIVED,
        actor=actor,
        occurred_at=occurred_at,
        note=reason,
        approver=approver,
        evidence=evidence,
    )
    SupplementRequest.objects.filter(dossier=loaded.dossier, answered_at__isnull=True, voided=False).update(
        answered_at=event.occurred_at
    )
    write_papers(loaded.dossier, papers)
    return loaded.dossier


@verb
def pause(
    *,
    actor: User,
    dossier: int,
    why: str,
    reason: str,
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Pause for a reason of the list (:class:`PauseReason`); only some reasons stop the citizen's clock."""
    if why not in PauseReason.values:
        raise Invalid("Lý do tạm dừng không có trong danh sách.", field="why")
    need(reason, "Phải ghi nội dung tạm dừng.")
    loaded = load(dossier, expected)
    perform(
        loaded,
        Act.PAUSE,
        actor=actor,
        facts={"reason": why},
        note=reason,
        occurred_at=occurred_at,
        approver=approver,
        evidence=evidence,
    )
    return loaded.dossier


@verb
def resume(
    *,
    actor: User,
    dossier: int,
    reason: str = "",
    expected: int | None = None,
    occurred_at: dt.datetime | None = None,
    approver: User | None = None,
    evidence: str = "",
) -> Dossier:
    """Go on after a pause."""
    loaded = load(dossier, expected)
    perform(loaded, Act.RESUME, actor=actor, note=reason, occurred_at=occurred_at, approver=approver, evidence=evidence)
    return loaded.dossier
