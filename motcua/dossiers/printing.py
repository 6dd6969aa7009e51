"""The papers of a dossier as plain data for the press (``papers.forms``), and which of them a dossier has."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from motcua.core import clock
from motcua.core.errors import NotFound
from motcua.dossiers import charging, codes
from motcua.dossiers.letterheads import Desk, agency_head, authority, committee, desk_of
from motcua.dossiers.models import Dossier, SupplementRequest
from motcua.dossiers.sheets import Line, Sheet
from motcua.dossiers.states import Act
from motcua.ledger.models import Account, Event
from motcua.org.models import Duty, Unit
from motcua.papers import forms, qr, words
from motcua.procedures import signing
from motcua.procedures.models import PartKind
from motcua.worktime.rules import TermUnit

# ---- which papers a dossier has -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """One paper that can be printed of a dossier. ``which`` tells rounds and letters of one kind apart."""

    kind: str
    title: str
    which: int = 0


def accepted_on(dossier: Dossier) -> dt.date:
    """The day that chooses the circular's form: of acceptance, else of filing, else today."""
    at = dossier.received_at or dossier.submitted_at
    return clock.local_date(at) if at else clock.today()


def _standing(sheet: Sheet, act: Act) -> list[Line]:
    return [line for line in sheet.lines if line.act is act and not line.voided]


def _asked(sheet: Sheet) -> list[SupplementRequest]:
    return [ask for ask in sheet.supplements if not ask.voided]


def offered(sheet: Sheet) -> list[Offer]:
    """The papers this dossier has, those of every day first. No query."""
    dossier, day = sheet.dossier, accepted_on(sheet.dossier)
    found: list[Offer] = []
    if dossier.received_at is not None:
        found += [Offer("receipt", "Giấy tiếp nhận và hẹn trả"), Offer("control", "Phiếu kiểm soát quá trình")]
    asked = _asked(sheet)
    for ask in asked:
        more = f", lần {ask.number}" if len(asked) > 1 else ""
        found.append(Offer("supplement", f"Phiếu yêu cầu bổ sung{more}", ask.pk))
    if asked and asked[-1].answered_at is None and _limit_over(asked[-1]):
        found.append(Offer("expired", "Thông báo hết thời hạn bổ sung", asked[-1].pk))
    if _standing(sheet, Act.REFUSE_INTAKE):
        found.append(Offer("refusal", "Phiếu từ chối tiếp nhận"))
    sorry = _standing(sheet, Act.APOLOGISE)
    for number, line in enumerate(sorry, start=1):
        more = f", lần {number}" if len(sorry) > 1 else ""
        found.append(Offer("apology", f"Văn bản xin lỗi, hẹn lại{more}", line.seq))
    if _standing(sheet, Act.STOP) and forms.has_form("stop", day):
        found.append(Offer("stop", "Thông báo dừng giải quyết"))
    return found


def _limit_over(ask: SupplementRequest) -> bool:
    """Whether the applicant's own time is over; where none was set, whoever prints the notice judges."""
    return ask.reply_by is None or ask.reply_by < clock.today()


# ---- the pieces of a dossier --------------------------------------------------------------------------------------


def owner_of(dossier: Dossier) -> forms.Owner:
    """Whose dossier it is, as papers say it. Pure."""
    party = dossier.applicant
    id_text = f"{party.get_id_kind_display()} {party.id_number}" if party.id_number else ""
    return forms.Owner(
        name=party.name,
        address=party.address,
        phone=party.phone,
        email=party.email,
        id_text=id_text,
        submitter=dossier.submitter.name if dossier.submitter else "",
    )


def request_of(dossier: Dossier) -> str:
    """What is asked for: the procedure's name and code, and what was written beside it. Pure."""
    version = dossier.procedure_version
    name = version.name + (f", {dossier.case.name}" if dossier.case else "")
    if dossier.subject.startswith(version.name):  # the name with a word more: not said twice
        return f"{dossier.subject} ({version.procedure.code})"
    subject = f". {dossier.subject}" if dossier.subject else ""
    return f"{name} ({version.procedure.code}){subject}"


def term_text(value: object, unit: str) -> str:
    """«5 ngày làm việc»; empty where there is no term. Pure."""
    if value is None or not unit:
        return ""
    if unit == TermUnit.SAME_DAY:
        return "Trong ngày làm việc"
    written = f"{value}".rstrip("0").rstrip(".") if "." in f"{value}" else f"{value}"
    return f"{written.replace('.', ',')} {TermUnit(unit).label.lower()}"


def _year_of(dossier: Dossier) -> int | None:
    """The year in a code of ours; None for a code of another system."""
    found = codes.parse(dossier.code or "")
    return found[1].year if found else None


def _book(desk: int, year: int) -> QuerySet[Dossier]:
    """The dossiers of a desk whose code is of a year, voided ones too, in the order they were entered."""
    rows = Dossier.objects.filter(
        desk_unit=desk, item__isnull=False, code__regex=rf"-{year % 100:02d}\d{{4}}-\d{{4,7}}$"
    )
    return rows.order_by("item")


def register_number(dossier: Dossier) -> tuple[str, str]:
    """(book, number) of the dossier in the register of its desk: the year, and its order there. One statement.

    Codes are never given back, so the order of a dossier does not change when others are voided, corrected or entered
    late.
    """
    year = _year_of(dossier)
    if year is None or dossier.item_id is None:
        return "", ""
    return str(year), f"{_book(dossier.desk_unit_id, year).filter(item__lte=dossier.item_id).count():04d}"


def register_numbers(desk: Unit, dossiers: Sequence[Dossier]) -> dict[int, int]:
    """The numbers of many dossiers of one desk, by id; those with a code of another system have none. A statement for
    each year they are of."""
    years = {dossier.pk: year for dossier in dossiers if (year := _year_of(dossier))}
    orders = {
        year: {pk: n for n, pk in enumerate(_book(desk.pk, year).values_list("pk", flat=True), start=1)}
        for year in set(years.values())
    }
    return {pk: orders[year][pk] for pk, year in years.items() if pk in orders[year]}


# ---- the papers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper ready for the press, with the day that chooses its form."""

    paper: forms.Paper
    accepted: dt.date
    name: str


@dataclass(frozen=True, slots=True)
class _Case:
    """What every paper of a dossier needs."""

    sheet: Sheet
    dossier: Dossier
    link: str

    def head(self, at: dt.datetime | None, *, suffix: str = "") -> forms.Head:
        day = clock.local_date(at) if at else clock.today()
        desk = self.desk(day)
        number = register_number(self.dossier)[1]
        return forms.Head(
            above=desk.above, agency=desk.name, number=number and number + suffix, place=desk.place, date=day
        )

    def desk(self, day: dt.date | None = None) -> Desk:
        return desk_of(self.dossier.desk_unit, self.dossier.rule_set.desk_name, day or clock.today())

    @property
    def code(self) -> str:
        return str(self.dossier)


def printed(sheet: Sheet, kind: str, which: int = 0, *, address: str = "") -> Printed:
    """One paper of a dossier already read. NotFound where the dossier has no such paper (any more).

    ``address`` is where a code is looked up, with ``{code}`` in it: it goes into the QR. Up to eight statements.
    """
    offers = [o for o in offered(sheet) if o.kind == kind and (not which or o.which == which)]
    if not offers:
        raise NotFound("Hồ sơ này không có giấy đó.")
    offer = offers[-1]
    dossier = sheet.dossier
    case = _Case(sheet, dossier, qr.link(str(dossier), address))
    paper = _MAKERS[kind](case, offer.which)
    return Printed(paper, accepted_on(dossier), f"{kind}-{dossier}.pdf")


def _receipt(case: _Case, which: int) -> forms.Paper:
    dossier = case.dossier
    book, number = register_number(dossier)
    taken = next((line for line in case.sheet.lines if line.act in _ACCEPTANCES and not line.voided), None)
    regulation = term_text(dossier.regulation_value, dossier.regulation_unit)
    promised = term_text(dossier.term_value, dossier.term_unit)
    kinds = {label: value for value, label in PartKind.choices}
    return forms.Receipt(
        head=case.head(dossier.received_at),
        code=case.code,
        link=case.link,
        desk=case.desk().full,
        owner=owner_of(dossier),
        request=request_of(dossier),
        parts=[
            forms.PartLine(
                name=paper.name,
                kind="" if kinds.get(paper.kind) == PartKind.ANY else paper.kind,
                copies=str(paper.copies),
                note="đã số hóa" if paper.digitised else "dùng lại dữ liệu" if paper.reused else "",
            )
            for paper in case.sheet.components
        ],
        sets=str(dossier.copies),
        term=regulation or promised,
        promised=promised if regulation and promised != regulation else "",
        received=dossier.received_at,
        appointed=dossier.appointed_at or dossier.due_at,
        result_method=dossier.get_result_method_display(),
        fees=_fees(dossier),
        book=book,
        book_number=number,
        note=_NOTE if not dossier.given_due else "",
        signer_left=dossier.submitter.name if dossier.submitter else dossier.applicant.name,
        officer=str(taken.actor) if taken and taken.actor else "",
        copies=("Liên 1: Lưu tại bộ phận tiếp nhận", "Liên 2: Giao cho người nộp hồ sơ"),
    )


_ACCEPTANCES = (Act.RECEIVE, Act.RECEIVE_AND_RESOLVE)
_NOTE = "Khi nhận kết quả, mang theo giấy này và giấy tờ tùy thân. Quét mã QR để xem tình trạng hồ sơ."


def _fees(dossier: Dossier) -> str:
    purse = charging.purse(dossier)
    if not purse.due and not purse.paid:
        return ""
    return f"{words.amount(purse.due)} đồng, đã thu {words.amount(purse.paid)} đồng"


def _ask(case: _Case, which: int) -> SupplementRequest:
    return next(ask for ask in case.sheet.supplements if ask.pk == which)


def _line_of(case: _Case, ask: SupplementRequest) -> Line | None:
    lines = _standing(case.sheet, Act.REQUEST_SUPPLEMENT)
    return next((x for x in lines if x.seq == ask.event_seq and x.intake == ask.at_intake), None)


def _supplement(case: _Case, which: int) -> forms.Paper:
    ask = _ask(case, which)
    line = _line_of(case, ask)
    officer = line.actor if line else None
    return forms.Supplement(
        head=case.head(ask.requested_at, suffix=f".{ask.number}"),
        code=case.code,
        link=case.link,
        owner=owner_of(case.dossier),
        request=request_of(case.dossier),
        items=ask.items,
        reason=line.text if line else "",
        round=ask.number,
        basis=ask.basis,
        reply_by=ask.reply_by,
        contact=str(officer) if officer else "",
        phone=officer.phone if officer else "",
        officer=str(officer) if officer else "",
    )


def _refusal(case: _Case, which: int) -> forms.Paper:
    line = _standing(case.sheet, Act.REFUSE_INTAKE)[-1]
    return forms.Refusal(
        head=case.head(line.at),
        code=case.code,
        link=case.link,
        desk=case.desk().full,
        owner=owner_of(case.dossier),
        request=request_of(case.dossier),
        reason=line.text,
        signer_left=case.dossier.applicant.name,
        officer=str(line.actor) if line.actor else "",
    )


def _signed(case: _Case, line: Line | None) -> tuple[list[str], str]:
    """The lines over the signature and the name under it: by the authority written down for the day of the act, else
    as duty and title say. One statement."""
    actor = line.actor if line else None
    leader = line is not None and actor is not None and line.duty in _LEADERS
    if not leader or line is None or actor is None:
        return authority("", "", case.dossier.unit), ""
    dossier = case.dossier
    procedure = dossier.procedure_version.procedure_id
    written = signing.authority_of(actor.pk, dossier.unit_id, procedure, clock.local_date(line.at))
    if written is not None:
        return signing.lines_of(written), str(actor)
    return authority(line.duty, actor.title, case.dossier.unit), str(actor)


_LEADERS = frozenset({Duty.CHAIR, Duty.DIRECTOR, Duty.HEAD})


def _apology(case: _Case, which: int) -> forms.Paper:
    dossier = case.dossier
    assert dossier.received_at is not None
    lines = _standing(case.sheet, Act.APOLOGISE)
    found = Event.objects.filter(item=dossier.item_id, verb=Act.APOLOGISE.value).values_list("seq", "facts")
    moved = {seq: _moment(facts["new_appointment"]) for seq, facts in found}
    place = next(n for n, line in enumerate(lines) if line.seq == which)
    line, earlier = lines[place], lines[:place]
    before = moved[earlier[-1].seq] if earlier else dossier.due_at
    over, name = _signed(case, line)
    limit = dossier.rule_set.apology_limit
    return forms.Apology(
        head=agency_head(dossier.unit, clock.local_date(line.at)),
        code=case.code,
        link=case.link,
        owner=owner_of(dossier),
        request=request_of(dossier),
        received=dossier.received_at,
        appointed=before,
        reason=line.text,
        new_date=clock.local_date(moved[line.seq]),
        authority=over,
        officer=name,
        term=term_text(dossier.regulation_value, dossier.regulation_unit)
        or term_text(dossier.term_value, dossier.term_unit),
        extension=f"đến hết {words.long_day(clock.local_date(moved[line.seq]))}",
        limit=f"{limit} lần" if limit else "",
        history=[
            f"{clock.local_date(x.at):%d/%m/%Y}: hẹn lại ngày {clock.local_date(moved[x.seq]):%d/%m/%Y}"
            for x in earlier
        ],
    )


def _moment(said: object) -> dt.datetime:
    """The moment of a deadline as events hold it (``drafting.text_of``)."""
    text = said[0] if isinstance(said, list) else said
    return dt.datetime.fromisoformat(str(text))


def _stop(case: _Case, which: int) -> forms.Paper:
    dossier, line = case.dossier, _standing(case.sheet, Act.STOP)[-1]
    assert dossier.received_at is not None
    over, name = _signed(case, line)
    return forms.Stop(
        head=agency_head(dossier.unit, clock.local_date(line.at)),
        code=case.code,
        link=case.link,
        desk=case.desk().full,
        owner=owner_of(dossier),
        request=request_of(dossier),
        received=dossier.received_at,
        stopped=line.at,
        reason=line.text,
        authority=over,
        officer=name,
        fees=_fees(dossier),
    )


def _expired(case: _Case, which: int) -> forms.Paper:
    dossier, ask = case.dossier, _ask(case, which)
    ends = [*_standing(case.sheet, Act.RETURN_DOSSIER), *_standing(case.sheet, Act.STOP)]
    end = ends[-1] if ends else None
    at = end.at if end else clock.now()
    over, name = _signed(case, end)
    return forms.Expired(
        head=agency_head(dossier.unit, clock.local_date(at)),
        code=case.code,
        link=case.link,
        desk=case.desk().full,
        owner=owner_of(dossier),
        request=request_of(dossier),
        round=ask.number,
        asked=ask.requested_at,
        waited=(clock.local_date(at) - clock.local_date(ask.requested_at)).days,
        items=ask.items,
        reply_by=ask.reply_by,
        ended=end.at if end else None,
        authority=over,
        officer=name,
    )


def _control(case: _Case, which: int) -> forms.Paper:
    dossier = case.dossier
    assert dossier.received_at is not None
    rows: list[forms.ControlRow] = []
    giver = owner_of(dossier).submitter or dossier.applicant.name
    for line in case.sheet.lines:
        if line.voided or line.intake or line.act not in _PASSING:
            continue
        actor = str(line.actor) if line.actor else "Hệ thống"
        if line.act in _ACCEPTANCES:
            rows.append(forms.ControlRow(giver=giver, taker=actor, at=line.at, note=line.act.label))
            continue
        to = line.to or (dossier.applicant.name if line.act is Act.HAND_OVER else actor)
        result = class_word(dossier) if line.act in _ENDING else ""
        rows.append(forms.ControlRow(giver=actor, taker=to, at=line.at, result=result, note=line.act.label))
    return forms.Control(
        head=case.head(dossier.received_at),
        code=case.code,
        link=case.link,
        owner=owner_of(dossier),
        request=request_of(dossier),
        received=dossier.received_at,
        appointed=dossier.appointed_at or dossier.due_at,
        agency=committee(dossier.unit),
        partners="; ".join(sorted({committee(part.unit) for part in case.sheet.parts})) or "Không có",
        rows=rows,
    )


_PASSING = frozenset(
    {*_ACCEPTANCES, Act.FORWARD, Act.REASSIGN, Act.TRANSFER, Act.SEND_PART, Act.PART_RETURNED, Act.PROPOSE}
    | {Act.RETURN_FOR_CORRECTION, Act.APPROVE, Act.RESOLVE, Act.HAND_OVER}
)
_ENDING = frozenset({Act.RESOLVE, Act.RECEIVE_AND_RESOLVE})


def class_word(dossier: Dossier) -> str:
    """How the dossier ended against its term, in a word; empty while it has not. Pure."""
    words_of = {Account.EARLY: "Trước hạn", Account.ON_TIME: "Đúng hạn", Account.LATE: "Quá hạn"}
    return next((word for account, word in words_of.items() if account.value == dossier.time_class), "")


_MAKERS = {
    "receipt": _receipt,
    "supplement": _supplement,
    "refusal": _refusal,
    "apology": _apology,
    "stop": _stop,
    "expired": _expired,
    "control": _control,
}


__all__ = ["Offer", "Printed", "accepted_on", "class_word", "offered", "printed", "register_number", "register_numbers"]
