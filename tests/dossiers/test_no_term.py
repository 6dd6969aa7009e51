"""No law sets a term: received once a person has confirmed so, promised nothing, never overdue."""

import datetime as dt

import pytest

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid
from motcua.desk import catalogue
from motcua.dossiers import actions, printing, queries, sheets
from motcua.dossiers.queries import Filter
from motcua.ledger import verify
from motcua.ledger.models import Leg
from motcua.ledger.queries import statement
from motcua.ledger.rules import Fact, timeline
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from motcua.papers import forms as press
from motcua.procedures import queries as procedures
from motcua.procedures.actions import adopt, confirm_review, create_procedure
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Doubt, Draft, Head, TermDraft
from motcua.procedures.models import Procedure, ProcedureVersion
from motcua.worktime.rules import Deadline
from tests.dossiers.conftest import START, at, person
from tests.dossiers.test_verbs import agrees, journal, receive

CODE = "1.008888"


@pytest.fixture
def open_ended(office) -> Procedure:
    """Published without a term; taken into use; nobody has looked at it yet."""
    draft = Draft(
        Head(name="Giải quyết khiếu nại lần đầu", field="Khiếu nại"),
        terms=(TermDraft(Stated.NONE, published="Không quy định"),),
        doubts=(Doubt("term_not_stated", "term", 1, "Không quy định"),),
    )
    made = create_procedure(code=CODE, draft=draft, valid_from=START, basis="Quyết định thử nghiệm").procedure
    adopt(unit=office.district, procedure=made, valid_from=START)
    return made


@pytest.fixture
def confirmed(office, open_ended) -> Procedure:
    confirm_review(
        version=ProcedureVersion.objects.get(procedure=open_ended),
        place="term",
        position=1,
        value={"state": "none", "case": ""},
        basis="Đã xem văn bản: không quy định",
    )
    return open_ended


def test_nobody_has_confirmed_it_so_it_is_not_received(office, open_ended):
    with pytest.raises(Invalid, match="chưa rõ thời hạn"):
        receive(office, procedure=open_ended)
    assert not procedures.receivable(ProcedureVersion.objects.get(procedure=open_ended).terms.all())


def test_confirmed_it_is_received_without_a_due_date_and_never_overdue(office, confirmed):
    dossier = receive(office, procedure=confirmed)
    assert (dossier.due_at, dossier.appointed_at, dossier.regulation_due_at, dossier.crossing_at) == (None,) * 4
    assert not Leg.objects.filter(item=dossier.item, kind="cross").exists()
    with clock.at(at("01/06/2026 09:00")):
        assert queries.due_state(dossier, clock.now()) == "in_time"
        found = queries.counts(SYSTEM)
        assert (found.pending, found.overdue, found.waiting) == (1, 0, 0)
        assert not queries.listing(SYSTEM, Filter(state="waiting")).exists()
        assert not queries.listing(SYSTEM, Filter(due="overdue")).exists()
        actions.resolve(actor=office.handler, dossier=dossier.pk)
    dossier.refresh_from_db()
    assert dossier.time_class == "on_time"
    assert journal(dossier)[-1] == ("01/06", "on_time", 1, "close")
    agrees(dossier)
    assert list(verify.check_triggers()) == []
    with clock.at(at("02/06/2026 09:00")):
        figures = statement(
            SYSTEM,
            book="dossier",
            units=[office.district],
            start=dt.date(2026, 6, 1),
            end=dt.date(2026, 6, 1),
            by="unit",
        ).total.figures
    assert (figures.ended_as("on_time"), figures.ended_as("early"), figures.ended_as("late")) == (1, 0, 0)


def test_it_waits_and_goes_on_and_still_has_no_date(office, confirmed):
    dossier = receive(office, procedure=confirmed)
    with clock.at(at("05/06/2023 10:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["Đơn"], reason="Thiếu")
    dossier.refresh_from_db()
    assert queries.due_state(dossier, at("06/06/2023 08:00")) == "waiting"
    assert queries.listing(SYSTEM, Filter(state="waiting")).count() == 1
    with clock.at(at("12/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
    with clock.at(at("13/06/2023 10:00")):
        actions.apologise(actor=office.head, dossier=dossier.pk, reason="Lâu", new_appointment=dt.date(2023, 6, 20))
        actions.withdraw(actor=office.clerk, dossier=dossier.pk, reason="Rút đơn")
    dossier.refresh_from_db()
    assert (dossier.due_at, dossier.appointed_at, dossier.time_class) == (None, None, "on_time")
    agrees(dossier)


def test_there_is_no_date_to_move(office, confirmed):
    undated, dated = receive(office, procedure=confirmed), receive(office)
    with clock.at(at("02/06/2023 10:00")):
        with pytest.raises(IllegalAct, match="không có thời hạn"):
            actions.move_due(actor=office.chair, dossier=undated.pk, days=2, decision="QĐ 1", reason="Bão")
        moved = actions.move_due_dates(actor=office.chair, unit=office.district, days=2, decision="QĐ 2", reason="Bão")
    assert moved.moved == 1
    dated.refresh_from_db()
    assert clock.local_date(dated.due_at) == dt.date(2023, 6, 12)
    agrees(undated)


def test_an_acceptance_corrected_to_a_procedure_with_a_term_gets_its_date(office, confirmed):
    dossier = receive(office, procedure=confirmed)
    head = person("truongphong2", office.district, Duty.HEAD)
    with clock.at(at("02/06/2023 10:00")):
        actions.correct_acceptance(
            actor=office.clerk, dossier=dossier.pk, procedure=office.land, reason="Nhầm thủ tục", approver=head
        )
    dossier.refresh_from_db()
    assert clock.local_date(dossier.due_at) == dt.date(2023, 6, 8)
    agrees(dossier)


def test_the_page_says_what_can_be_received(office, open_ended, confirmed):
    first, second = ProcedureVersion.objects.filter(procedure=confirmed).order_by("number")
    said = [catalogue.term_rows(procedures.contents((v.pk,))[v.pk])[0].word for v in (first, second)]
    assert said == ["Không quy định, cần xác nhận để tiếp nhận", "Đã xác nhận, tiếp nhận không hẹn ngày"]
    draft = procedures.contents((second.pk,))[second.pk]
    now = procedures.adoptions(SYSTEM, office.district, [CODE])[0]
    assert catalogue.verdict(second, draft, now, dt.date(2023, 6, 1))[:2] == ("in_time", "Tiếp nhận được")


def test_a_timeline_takes_no_deadline_only_where_that_is_meant():
    start = at("01/06/2023 09:00")
    with pytest.raises(ValueError, match="receive needs"):
        timeline([Fact("receive", start, unit=1, category=1, channel="direct")])
    meant = Fact("receive", start, unit=1, category=1, channel="direct", undated=True)
    assert [m.to_account for m in timeline([meant, Fact("close", at("01/06/2030 09:00"), outcome="granted")])] == [
        "in_time",
        "on_time",
    ]
    with pytest.raises(IllegalAct):
        timeline([meant, Fact("move", start, Deadline(start, "day"))])


def test_lists_open_also_when_nobody_has_loaded_the_year(office):
    with clock.at(at("20/12/2027 09:00")):
        dossier = actions.receive(
            actor=office.clerk, procedure=office.land, unit=office.district, applicant=office.applicant
        )
    with clock.at(at("05/01/2028 09:00")):
        assert queries.due_state(dossier, clock.now()) == "overdue"
        assert queries.remaining(dossier, clock.now()) is None
        with pytest.raises(Invalid, match="nạp lịch của năm sau"):
            receive(office, "05/01/2028 09:00")


def test_the_books_prove_themselves_and_its_papers_print(office, confirmed, real_checks):
    dossier = receive(office, procedure=confirmed)
    with clock.at(at("05/06/2023 10:00")):
        actions.request_supplement(actor=office.handler, dossier=dossier.pk, items=["Đơn"], reason="Thiếu")
    with clock.at(at("07/06/2023 10:00")):
        actions.supplement_received(actor=office.clerk, dossier=dossier.pk)
        for check in real_checks:
            assert list(check.run(lambda done, total: None)) == [], check.title
        page = sheets.sheet(SYSTEM, dossier.pk)
        assert page.explanation == ""
        for kind in ("receipt", "control"):
            found = printing.printed(page, kind)
            assert press.render(found.paper, accepted=found.accepted).startswith(b"%PDF-")


@pytest.fixture
def real_checks():
    """Everything ``motcua verify`` looks at in the books; checkpoints have their own tests."""
    return [check for check in verify.checks() if "Bản chốt" not in check.title]
