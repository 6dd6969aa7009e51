"""A procedure in use at xã Cầu Kè and a dossier received there, for pages that show one."""

import datetime as dt

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Attachment, Dossier
from motcua.ledger.models import Channel
from motcua.org.models import Duty
from motcua.papers import files
from motcua.parties.actions import record_party
from motcua.procedures import posting
from motcua.procedures.models import Adoption, Procedure
from motcua.reports.models import Report
from tests.dossiers.conftest import procedure
from tests.support.cast import Cast

CODE = "1.009991"
PDF = b"%PDF-1.4\n% mot trang\n%%EOF\n"


def usable(cast: Cast) -> Procedure:
    """A procedure of five working days, in use at xã Cầu Kè."""
    from motcua.procedures.actions import adopt

    found = Procedure.objects.filter(code=CODE).first()
    if found is None:
        found = procedure(CODE, "Đăng ký biến động đất đai", 5)
        adopt(unit=cast.xa_cau_ke, procedure=found, valid_from=cast.xa_cau_ke.valid_from)
    return found


def adoption(cast: Cast) -> int:
    """The id of its adoption there."""
    return Adoption.objects.get(unit=cast.xa_cau_ke, procedure=usable(cast)).pk


def posted(cast: Cast) -> int:
    """The id of its posting at the board of the commune, with a scan of the board."""
    wanted = usable(cast)
    rows = posting.post(
        unit=cast.xa_cau_ke, procedures=[wanted.code], place="Bảng tại trụ sở", posted_on=clock.today(), photo=[PDF]
    )
    return rows[0].pk


def received(cast: Cast, **more) -> Dossier:
    """A dossier received a minute ago by the receiver, held by her."""
    wanted = usable(cast)
    with clock.at(clock.now() - dt.timedelta(minutes=1)):
        return actions.receive(
            actor=cast.receiver,
            procedure=wanted,
            unit=cast.xa_cau_ke,
            applicant=record_party(actor=None, name="Sơn Văn Mẫu", phone="0900000001", invented=True),
            channel=Channel.DIRECT,
            **more,
        )


def attached(cast: Cast) -> list[int]:
    """A dossier with one file: their ids."""
    dossier = received(cast)
    made = Attachment.objects.create(
        dossier=dossier,
        blob=files.store_bytes(PDF),
        name="ban-sao.pdf",
        kind=Attachment.Kind.PART,
        added_at=clock.now(),
        added_by=cast.receiver,
    )
    return [dossier.pk, made.pk]


def handed_over(cast: Cast) -> int:
    """A record of everything the receiver held going to the handler: its id."""
    received(cast)
    return actions.hand_over_pending(
        actor=cast.receiver,
        from_user=cast.receiver,
        to_user=cast.by_duty[Duty.HANDLE],
        unit=cast.xa_cau_ke,
        reason="Nghỉ phép",
    ).pk


__all__ = ["CODE", "PDF", "adoption", "attached", "handed_over", "posted", "received", "usable"]


def a_report(cast: Cast, duty: str) -> Report:
    """A report of xã Cầu Kè that somebody of that duty has begun, without figures yet."""
    return Report.objects.create(
        type="cchc-quy",
        unit=cast.xa_cau_ke,
        rule="quy-15",
        first=dt.date(2025, 6, 15),
        last=dt.date(2025, 9, 14),
        label="Quý III (báo cáo)/2025",
        due=dt.date(2025, 9, 20),
        created_at=clock.now(),
        created_by=cast.by_duty[Duty(duty)],
    )
