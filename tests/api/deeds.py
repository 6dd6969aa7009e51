"""Every writing operation: its body, and how a dossier comes where it can be done."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from motcua.core import clock
from motcua.dossiers import actions, files
from motcua.dossiers.models import Attachment, Dossier
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from motcua.procedures.actions import adopt
from motcua.procedures.models import Adoption
from motcua.worktime import queries as worktime
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.api.conftest import NEW
from tests.desk.filing import PDF, received, usable
from tests.support.cast import PASSWORD, Cast, give_password

TWO_DAYS = Term(2, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)


def pk_of(cast: Cast) -> int:
    return received(cast).pk


def filed(cast: Cast) -> int:
    found = actions.submit(
        actor=cast.receiver,
        procedure=usable(cast),
        unit=cast.xa_cau_ke,
        applicant=record_party(actor=None, name="Sơn Văn Mẫu", invented=True),
    )
    return found.pk


def after(act: Callable[..., Any], duty: Duty, **given: Any) -> Callable[[Cast], int]:
    def prepare(cast: Cast) -> int:
        pk = pk_of(cast)
        more = {name: cast.by_duty[value] if isinstance(value, Duty) else value for name, value in given.items()}
        act(actor=cast.by_duty[duty], dossier=pk, **more)
        return pk

    return prepare


def sent(cast: Cast) -> int:
    pk = pk_of(cast)
    actions.send_part(actor=cast.receiver, dossier=pk, unit=cast.xa_an_phu_tan, work="Xác nhận", term=TWO_DAYS)
    return pk


def transferable(cast: Cast) -> int:
    if not Adoption.objects.filter(unit=cast.xa_an_phu_tan).exists():
        adopt(unit=cast.xa_an_phu_tan, procedure=usable(cast), valid_from=cast.xa_an_phu_tan.valid_from)
    return pk_of(cast)


def attached(cast: Cast) -> int:
    pk = pk_of(cast)
    files.attach(actor=cast.receiver, dossier=pk, name="a.pdf", chunks=[PDF], kind="part")
    return pk


def name_of(duty: Duty) -> Callable[[Cast, int], str]:
    return lambda cast, pk: cast.by_duty[duty].username


def leader(cast: Cast, pk: int) -> dict[str, str]:
    give_password(cast.chair)
    return {"username": cast.chair.username, "password": PASSWORD}


def day_off(cast: Cast, pk: int) -> str:
    """A working day after the appointment."""
    row = Dossier.objects.get(pk=pk)
    calendar = worktime.compiled(row.calendar_version_id)
    day = clock.local_date(row.appointed_at) + dt.timedelta(days=1)
    while not calendar.is_working(day):
        day += dt.timedelta(days=1)
    return day.isoformat()


@dataclass
class Deed:
    """``right`` is a duty of a machine that may do it, ``wrong`` one that may not."""

    body: dict[str, Any]
    right: Duty = Duty.RECEIVE
    wrong: Duty = Duty.REFORM
    before: Callable[[Cast], int] | None = pk_of
    path: str = ""
    method: str = "post"
    status: int = 200
    upload: bool = False

    def ready(self, machine: Any, cast: Cast, pk: int, name: str) -> Callable[..., Any]:
        """The request for the dossier ``pk``, ready to be sent."""
        body = {key: value(cast, pk) if callable(value) else value for key, value in self.body.items()}
        path = self.path or f"/dossiers/{pk}/{name.replace('_', '-')}"
        file = Attachment.objects.get(dossier=pk).pk if "{file}" in path else 0
        path = path.format(pk=pk, file=file)
        if self.upload:
            return lambda **more: machine.upload(path, **more)
        return lambda **more: machine.ask(self.method, path, body, **more)

    def send(self, machine: Any, cast: Cast, pk: int, name: str, **more: Any) -> Any:
        """Ask for it, for the dossier ``pk``."""
        return self.ready(machine, cast, pk, name)(**more)


X = {"reason": "Lý do"}
DEEDS: dict[str, Deed] = {
    "submit": Deed(NEW, before=None, path="/filings", status=201),
    "receive": Deed(NEW, before=None, path="/dossiers", status=201),
    "receive_and_resolve": Deed(NEW, before=None, path="/dossiers/resolved-at-once", status=201),
    "accept_filing": Deed({}, before=filed),
    "accept_and_resolve_filing": Deed({}, before=filed),
    "refuse_intake": Deed(X, before=filed),
    "request_supplement": Deed({**X, "items": ["Bản sao"]}),
    "supplement_received": Deed({}, before=after(actions.request_supplement, Duty.RECEIVE, items=["x"], reason="y")),
    "pause": Deed({**X, "why": "payment"}, right=Duty.HANDLE),
    "resume": Deed({}, right=Duty.HANDLE, before=after(actions.pause, Duty.HANDLE, why="payment", reason="x")),
    "forward": Deed({"holder": name_of(Duty.HANDLE)}),
    "transfer": Deed({**X, "unit": "29317"}, right=Duty.HEAD, before=transferable),
    "send_part": Deed({"unit": "29317", "work": "Xác nhận", "working_days": 2}, right=Duty.HANDLE),
    "part_returned": Deed(
        {"part": lambda cast, pk: Dossier.objects.get(pk=pk).parts_sent.get().pk}, right=Duty.HANDLE, before=sent
    ),
    "propose": Deed({"to": name_of(Duty.HEAD)}, right=Duty.HANDLE, wrong=Duty.RECEIVE),
    "return_for_correction": Deed(
        {**X, "to": name_of(Duty.HANDLE)},
        right=Duty.HEAD,
        wrong=Duty.HANDLE,
        before=after(actions.propose, Duty.HANDLE, to=Duty.HEAD),
    ),
    "approve": Deed(
        {"to": name_of(Duty.CLERK)},
        right=Duty.HEAD,
        wrong=Duty.HANDLE,
        before=after(actions.propose, Duty.HANDLE, to=Duty.HEAD),
    ),
    "resolve": Deed({}, right=Duty.CLERK),
    "return_dossier": Deed(X, right=Duty.HANDLE),
    "withdraw": Deed(X),
    "stop": Deed(X, right=Duty.HEAD, wrong=Duty.HANDLE),
    "apologise": Deed({**X, "new_appointment": day_off}, right=Duty.HEAD),
    "move_due": Deed({**X, "days": 2, "decision": "QĐ 5"}, right=Duty.HEAD),
    "reclassify": Deed({**X, "channel": "post"}),
    "hand_over_result": Deed({}, right=Duty.HAND_OVER, before=after(actions.resolve, Duty.HANDLE)),
    "correct_acceptance": Deed({**X, "channel": "post", "approver": leader}),
    "void_event": Deed(
        {**X, "seq": 2, "approver": leader},
        right=Duty.HANDLE,
        before=after(actions.pause, Duty.HANDLE, why="payment", reason="x"),
    ),
    "attach_file": Deed({}, path="/dossiers/{pk}/attachments", upload=True, status=201, right=Duty.DIGITISE),
    "remove_file": Deed({}, path="/dossiers/{pk}/attachments/{file}", method="delete", before=attached),
}
