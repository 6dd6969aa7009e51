"""Nobody reads or writes outside the units and duties granted: through verbs, pages, lists, files and figures alike.

Each act is tried by the right person too, so that no refusal here is a refusal of something else.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import NotAllowed, NotFound
from motcua.desk.acts import SPECS
from motcua.dossiers import actions, allowing, files, queries, sheets
from motcua.dossiers.models import Attachment, Dossier
from motcua.dossiers.provider import follow_succession
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, VIEW_DUTIES, Act
from motcua.ledger import queries as ledger
from motcua.org import queries as org
from motcua.org.models import Assignment, Delegation, Duty, Unit, User
from motcua.papers.models import Blob
from motcua.parties.actions import record_party
from motcua.procedures.actions import adopt
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.desk.conftest import signed_in
from tests.desk.filing import received
from tests.dossiers.books import counts
from tests.dossiers.conftest import START, Office, at, person, procedure

__all__ = ["signed_in"]

MORNING, LATER, LATEST = at("01/06/2023 09:00"), at("02/06/2023 09:00"), at("02/06/2023 15:00")
TWO_DAYS = Term(2, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
PDF = b"%PDF-1.4\n% mot trang\n%%EOF\n"


# ---- every verb ------------------------------------------------------------------------------------------------------


@dataclass
class Deed:
    """How a dossier comes where an act can be done, and the act."""

    call: Callable[[Office, User, int], Any]
    before: list[Callable[[Office, int], Any]] = field(default_factory=list)
    filed: bool = False
    duties: frozenset[Duty] | None = None  # else those of DUTIES
    fresh: bool = False  # needs no dossier


def propose(o: Office, pk: int) -> None:
    actions.propose(actor=o.handler, dossier=pk, to=o.chair)


def supplement(o: Office, pk: int) -> None:
    actions.request_supplement(actor=o.handler, dossier=pk, items=["x"], reason="y")


def pause(o: Office, pk: int) -> None:
    actions.pause(actor=o.handler, dossier=pk, why="payment", reason="Chờ thuế")


def send(o: Office, pk: int) -> None:
    actions.send_part(actor=o.handler, dossier=pk, unit=o.commune, work="Xác nhận", term=TWO_DAYS)


def resolve(o: Office, pk: int) -> None:
    actions.resolve(actor=o.handler, dossier=pk)


def attach(o: Office, actor: User, pk: int) -> Any:
    return files.attach(actor=actor, dossier=pk, name="a.pdf", chunks=[PDF], kind="part")


def remove(o: Office, actor: User, pk: int) -> Any:
    found = Attachment.objects.get(dossier=pk)
    return files.remove(actor=actor, dossier=pk, attachment=found.pk)


def new(o: Office) -> dict[str, Any]:
    return {"procedure": o.land, "unit": o.district, "applicant": o.applicant}


DEEDS: dict[str, Deed] = {
    "submit": Deed(lambda o, a, pk: actions.submit(actor=a, **new(o)), fresh=True),
    "receive": Deed(lambda o, a, pk: actions.receive(actor=a, **new(o)), fresh=True),
    "receive_filing": Deed(lambda o, a, pk: actions.receive(actor=a, filing=pk), filed=True),
    "receive_and_resolve": Deed(lambda o, a, pk: actions.receive_and_resolve(actor=a, **new(o)), fresh=True),
    "refuse_intake": Deed(lambda o, a, pk: actions.refuse_intake(actor=a, dossier=pk, reason="x"), filed=True),
    "request_supplement": Deed(
        lambda o, a, pk: actions.request_supplement(actor=a, dossier=pk, items=["x"], reason="y")
    ),
    "supplement_received": Deed(lambda o, a, pk: actions.supplement_received(actor=a, dossier=pk), [supplement]),
    "pause": Deed(lambda o, a, pk: actions.pause(actor=a, dossier=pk, why="law", reason="x")),
    "resume": Deed(lambda o, a, pk: actions.resume(actor=a, dossier=pk), [pause]),
    "forward": Deed(lambda o, a, pk: actions.forward(actor=a, dossier=pk, holder=o.second)),
    "reassign": Deed(
        lambda o, a, pk: actions.hand_over_pending(
            actor=a, from_user=o.handler, to_user=o.second, unit=o.district, reason="Phép"
        )
    ),
    "transfer": Deed(lambda o, a, pk: actions.transfer(actor=a, dossier=pk, unit=o.commune, reason="x")),
    "send_part": Deed(lambda o, a, pk: actions.send_part(actor=a, dossier=pk, unit=o.commune, work="x", term=TWO_DAYS)),
    "part_returned": Deed(
        lambda o, a, pk: actions.part_returned(actor=a, part=Dossier.objects.get(pk=pk).parts_sent.get().pk), [send]
    ),
    "propose": Deed(lambda o, a, pk: actions.propose(actor=a, dossier=pk, to=o.chair)),
    "return_for_correction": Deed(
        lambda o, a, pk: actions.return_for_correction(actor=a, dossier=pk, to=o.handler, reason="x"), [propose]
    ),
    "approve": Deed(lambda o, a, pk: actions.approve(actor=a, dossier=pk), [propose]),
    "resolve": Deed(lambda o, a, pk: actions.resolve(actor=a, dossier=pk)),
    "return_dossier": Deed(lambda o, a, pk: actions.return_dossier(actor=a, dossier=pk, reason="x")),
    "withdraw": Deed(lambda o, a, pk: actions.withdraw(actor=a, dossier=pk, reason="x")),
    "stop": Deed(lambda o, a, pk: actions.stop(actor=a, dossier=pk, reason="x")),
    "apologise": Deed(
        lambda o, a, pk: actions.apologise(actor=a, dossier=pk, reason="x", new_appointment=dt.date(2023, 6, 12))
    ),
    "move_due": Deed(lambda o, a, pk: actions.move_due(actor=a, dossier=pk, days=1, decision="QĐ", reason="x")),
    "reclassify": Deed(lambda o, a, pk: actions.reclassify(actor=a, dossier=pk, channel="post", reason="x")),
    "hand_over": Deed(lambda o, a, pk: actions.hand_over_result(actor=a, dossier=pk), [resolve]),
    "correct_acceptance": Deed(
        lambda o, a, pk: actions.correct_acceptance(actor=a, dossier=pk, channel="post", reason="x", approver=o.head)
    ),
    "void": Deed(
        lambda o, a, pk: actions.void_event(actor=a, dossier=pk, seq=2, reason="x", approver=o.head), [supplement]
    ),
    "approve_catch_up": Deed(
        lambda o, a, pk: actions.approve_catch_up(
            actor=a, unit=o.district, done_from=MORNING, done_to=LATER, enter_until=at("05/06/2023 09:00"), reason="x"
        ),
        duties=LEADER_DUTIES,
        fresh=True,
    ),
    "move_due_dates": Deed(
        lambda o, a, pk: actions.move_due_dates(actor=a, unit=o.district, days=1, decision="QĐ", reason="x"),
        duties=LEADER_DUTIES,
    ),
    "attach": Deed(attach, duties=files.KEEPERS),
    "remove": Deed(remove, [lambda o, pk: attach(o, o.clerk, pk)], duties=files.KEEPERS),
}


def duties_of(name: str) -> frozenset[Duty]:
    given = DEEDS[name].duties
    return given if given is not None else DUTIES[Act(name.removesuffix("_filing"))]


def prepared(office: Office, name: str) -> int:
    """A dossier on which the act can be done."""
    deed = DEEDS[name]
    if deed.fresh:
        return 0
    with clock.at(MORNING):
        if deed.filed:
            pk = actions.submit(actor=None, **new(office)).pk
        else:
            pk = actions.receive(actor=office.clerk, holder=office.handler, **new(office)).pk
    with clock.at(LATER):
        for step in deed.before:
            step(office, pk)
    return pk


def test_every_verb_has_its_line():
    # Scanning does one of the acts here by its own duty, a note is no act: test_scanning holds both to it.
    assert {*actions.__all__} - {"Paper", "scan", "note_of_day"} == {
        "hand_over_result" if n == "hand_over" else "void_event" if n == "void" else "hand_over_pending"
        if n == "reassign" else n
        for n in DEEDS if n not in ("receive_filing", "attach", "remove")
    }  # fmt: skip
    assert {Act(n.removesuffix("_filing")) for n in DEEDS if n.removesuffix("_filing") in Act.values} == set(Act)


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_only_the_duty_at_the_unit_or_above_it_may_act(name, office, settings, tmp_path):
    settings.UPLOADS = tmp_path
    right, wrong = sorted(duties_of(name)), sorted(set(Duty) - duties_of(name))
    outsiders = {
        "all duties at the unit beside": person("ben-canh", office.other, *Duty),
        "all duties beneath": person("ben-duoi", office.commune, *Duty),
        "all other duties here": person("khac-viec", office.district, *wrong),
        "the duty until yesterday": person("thoi-viec", office.district, *right),
        "the duty from tomorrow": person("sap-lam", office.district, *right),
        "blocked": person("bi-khoa", office.district, *right),
        "the right duty beside and a wrong one here": person("hai-noi", office.other, *right),
        "no duty at all": person("khong-co", office.district),
    }
    yesterday, tomorrow = dt.date(2023, 6, 1), dt.date(2023, 6, 3)
    Assignment.objects.filter(user=outsiders["the duty until yesterday"]).update(valid_to=yesterday)
    Assignment.objects.filter(user=outsiders["the duty from tomorrow"]).update(valid_from=tomorrow)
    User.objects.filter(pk=outsiders["blocked"].pk).update(is_active=False)
    outsiders["blocked"].refresh_from_db()
    Assignment.objects.bulk_create(
        Assignment(user=outsiders["the right duty beside and a wrong one here"], unit=office.district, duty=d,
                   valid_from=START)
        for d in wrong
    )  # fmt: skip
    pk, deed = prepared(office, name), DEEDS[name]
    with clock.at(LATEST):
        before = counts()
        for who, outsider in outsiders.items():
            with pytest.raises(NotAllowed):
                deed.call(office, outsider, pk)
            assert counts() == before, who
            assert not [f for f in tmp_path.rglob("*") if f.is_file()] or name == "remove", "an upload was kept"
        deed.call(office, person("ben-tren", office.province, right[0]), pk)
        assert counts() != before


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("duty", list(Duty))
def test_each_duty_opens_its_acts_at_its_unit_and_beneath(act, duty, office):
    places = {"here": office.district, "above": office.province, "beneath": office.commune, "beside": office.other}
    with clock.at(LATER):
        for where, unit in places.items():
            actor = person(f"{where}-{duty}", unit, duty)
            allowed = duty in DUTIES[act] and where in ("here", "above")
            if allowed:
                assert allowing.authorise(actor, act, [office.district.pk]) == duty.value
            else:
                with pytest.raises(NotAllowed):
                    allowing.authorise(actor, act, [office.district.pk])


def test_the_second_person_too_must_lead_the_unit(office):
    pk = prepared(office, "void")
    leads_beside = person("lanh-dao-ben-canh", office.other, *LEADER_DUTIES)
    with clock.at(LATEST):
        before = counts()
        for approver in (None, office.handler, office.clerk, leads_beside, office.stranger):
            with pytest.raises(NotAllowed):
                actions.void_event(actor=office.handler, dossier=pk, seq=2, reason="x", approver=approver)
            with pytest.raises(NotAllowed):
                actions.correct_acceptance(
                    actor=office.clerk, dossier=pk, channel="post", reason="x", approver=approver
                )
        with pytest.raises(NotAllowed):
            actions.void_event(actor=office.head, dossier=pk, seq=2, reason="x", approver=office.head)
        assert counts() == before


def test_nobody_receives_at_a_desk_of_others(office):
    with clock.at(MORNING):
        before = counts()
        for actor, desk in (
            (office.clerk, office.province),
            (office.stranger, office.commune),
            (office.stranger, None),
        ):
            with pytest.raises(NotAllowed):
                actions.receive(actor=actor, desk_unit=desk, **new(office))
            with pytest.raises(NotAllowed):
                actions.submit(actor=actor, desk_unit=desk, **new(office))
        assert counts() == before


# ---- every page of an act --------------------------------------------------------------------------------------------


def unchanged() -> dict[str, int]:
    """Counts, but of what every request of a signed-in person may touch."""
    return {table: n for table, n in counts().items() if table not in ("django_session", "desk_cache")}


@pytest.mark.parametrize("act", list(SPECS))
def test_the_page_of_an_act_is_closed_to_other_units_and_other_duties(act, cast, signed_in):
    dossier = received(cast)
    url = reverse("act", args=[dossier.pk, act.value])
    wrong = person("viec-khac", cast.xa_cau_ke, *(set(Duty) - DUTIES[act] - {Duty.ADMIN}))
    Assignment.objects.filter(user=wrong).update(valid_from=cast.xa_cau_ke.valid_from)
    typed = {"reason": "x", "note": "x", "holder": cast.receiver.pk, "to": cast.chair.pk, "days": 1, "decision": "x",
             "items": "x", "why": "law", "outcome": "granted", "channel": "post", "method": "counter", "target": "1",
             "unit": cast.xa_an_phu_tan.code, "work": "x", "proposal": "granted"}  # fmt: skip
    for who, status in ((cast.other, 404), (cast.stranger, 403), (wrong, 403), (cast.admin, 403)):
        client = signed_in(who)
        before = unchanged()
        for answer in (client.get(url), client.post(url, typed)):
            assert answer.status_code == status
            assert dossier.code not in answer.content.decode()
            assert "Sơn Văn Mẫu" not in answer.content.decode()
        assert unchanged() == before


# ---- reading ---------------------------------------------------------------------------------------------------------


def readings(scope: org.Scope, pk: int, filing: int, record: int, file: int) -> dict[str, bool]:
    """What an asker of this scope gets to see, reading by reading."""

    def seen(read: Callable[[], Any]) -> bool:
        try:
            return bool(read())
        except (NotFound, NotAllowed):
            return False

    dossier = Dossier.objects.get(pk=pk)
    return {
        "list": seen(lambda: list(queries.listing(scope, queries.Filter()))),
        "found by name": seen(lambda: list(queries.listing(scope, queries.Filter(text="Nguyễn Văn Mẫu")))),
        "found by code": seen(lambda: list(queries.listing(scope, queries.Filter(text=dossier.code)))),
        "counted": seen(lambda: queries.counts(scope).pending + queries.counts(scope).intake),
        "opened": seen(lambda: queries.get(scope, pk)),
        "filing opened": seen(lambda: queries.get(scope, filing)),
        "its page": seen(lambda: sheets.sheet(scope, pk)),
        "by its code": seen(lambda: queries.find(scope, dossier.code or "")),
        "by its other code": seen(lambda: queries.find(scope, "IGATE-1")),
        "can be seen": queries.can_see(scope, dossier),
        "hand-overs": seen(lambda: list(queries.hand_overs(scope))),
        "one hand-over": seen(lambda: queries.hand_over_sheet(scope, record)[1][0][1]),
        "windows": seen(lambda: list(queries.windows(scope))),
        "file": seen(lambda: files.open_attachment(scope, pk, file)[1].close() or True),
        "statement": seen(
            lambda: ledger.statement(
                scope, book="dossier", units=[dossier.unit], start=dt.date(2023, 6, 1), end=dt.date(2023, 6, 1),
                by="unit",
            )
        ),
    }  # fmt: skip


@pytest.fixture
def much(office, settings, tmp_path):
    """A dossier with everything there can be about it, and a filing."""
    settings.UPLOADS = tmp_path
    with clock.at(MORNING):
        dossier = actions.receive(actor=office.clerk, holder=office.handler, external_code="IGATE-1", **new(office))
        filing = actions.submit(actor=None, **new(office))
        file = files.attach(actor=office.clerk, dossier=dossier.pk, name="a.pdf", chunks=[PDF], kind="part")
        record = actions.hand_over_pending(
            actor=office.head, from_user=office.handler, to_user=office.second, unit=office.district, reason="Phép"
        )
    with clock.at(LATER):
        DEEDS["approve_catch_up"].call(office, office.chair, 0)
    return dossier.pk, filing.pk, record.pk, file.pk


@pytest.mark.parametrize(
    ("where", "sees"), [("district", True), ("province", True), ("office", False), ("commune", False), ("other", False)]
)
def test_who_serves_there_sees_everything_of_it_and_others_nothing(where, sees, office, much):
    asker = person("xem", getattr(office, where), *VIEW_DUTIES)
    day = dt.date(2023, 6, 2)
    with clock.at(LATEST):
        assert set(readings(org.scope(asker, VIEW_DUTIES, day), *much).values()) == {sees}


def test_keeping_accounts_or_carrying_the_post_opens_no_dossier(office, much):
    asker = person("quan-tri", office.district, *(set(Duty) - VIEW_DUTIES))
    with clock.at(LATEST):
        assert set(readings(org.scope(asker, VIEW_DUTIES, dt.date(2023, 6, 2)), *much).values()) == {False}
        assert set(readings(org.scope(None, VIEW_DUTIES, dt.date(2023, 6, 2)), *much).values()) == {False}


def test_what_has_left_the_unit_is_a_code_on_its_hand_over_record_and_no_more(office, much):
    pk, _, record, _ = much
    asker = person("xem", office.district, Duty.HANDLE)
    with clock.at(LATER):
        # To a unit that is not beneath this one, received at its desk.
        Dossier.objects.filter(pk=pk).update(unit=office.province, desk_unit=office.province, holder_unit=None)
        _, rows = queries.hand_over_sheet(org.scope(asker, VIEW_DUTIES, clock.today()), record)
    assert [(code, row) for code, row in rows] == [(Dossier.objects.get(pk=pk).code, None)]


def test_a_file_is_had_only_through_its_own_dossier(office, much):
    pk, filing, _, file = much
    scope = org.scope(office.handler, VIEW_DUTIES, dt.date(2023, 6, 2))
    files.open_attachment(scope, pk, file)[1].close()
    with pytest.raises(NotFound):
        files.open_attachment(scope, filing, file)
    with clock.at(LATER):
        files.remove(actor=office.clerk, dossier=pk, attachment=file)
    with pytest.raises(NotFound):
        files.open_attachment(scope, pk, file)
    assert Blob.objects.get().references == 0


# ---- after 01/7/2025 -------------------------------------------------------------------------------------------------


@pytest.fixture
def inherited(cast):
    """Dossiers of huyện Cầu Kè: pending and ended ones, of applicants whose communes went two ways."""
    wanted = procedure("1.009991", "Đăng ký biến động", 10)
    for unit in (cast.cauke, cast.xa_cau_ke, cast.xa_an_phu_tan):
        adopt(unit=unit, procedure=wanted, valid_from=max(unit.valid_from, START))
    made: dict[str, int] = {}
    for name, commune in (("an phu tan", cast.unit("29320")), ("cau ke", cast.unit("29311"))):
        applicant = record_party(actor=None, name="Nguyễn Văn Mẫu", commune=commune, invented=True)
        for kind in ("pending", "ended", "filed"):
            with clock.at(at("27/06/2025 09:00")):
                common = {"procedure": wanted, "unit": cast.cauke, "applicant": applicant}
                if kind == "filed":
                    made[f"{kind} {name}"] = actions.submit(actor=None, **common).pk
                    continue
                dossier = actions.receive(actor=cast.receiver, holder=cast.owner, holder_unit=cast.justice, **common)
            made[f"{kind} {name}"] = dossier.pk
            if kind == "ended":
                with clock.at(at("30/06/2025 16:00")):
                    actions.resolve(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk)
    return made


def only_before(unit: Unit) -> User:
    """Somebody who served the district in all duties, and nothing since."""
    user = User.objects.create_user("nghi-huu", password=None, full_name="Người nghỉ hưu")
    Assignment.objects.bulk_create(
        Assignment(user=user, unit=unit, duty=duty, valid_from=START, valid_to=unit.valid_to) for duty in Duty
    )
    return user


def visible(user: User, when: str, made: dict[str, int]) -> set[str]:
    day = clock.local_date(at(when))
    rows = queries.visible(org.scope(user, VIEW_DUTIES, day)).values_list("pk", flat=True)
    return {name for name, pk in made.items() if pk in set(rows)}


def test_successors_see_and_do_what_they_inherited(cast, inherited):
    everything = set(inherited)
    retired = only_before(cast.cauke)
    to_an_phu_tan = {"pending an phu tan", "filed an phu tan"}
    assert visible(retired, "30/06/2025 10:00", inherited) == everything
    assert visible(cast.by_duty[Duty.HANDLE], "30/06/2025 10:00", inherited) == everything
    assert visible(cast.other, "30/06/2025 10:00", inherited) == set()
    with clock.at(at("01/07/2025 07:00")):
        follow_succession(clock.now())
    assert visible(retired, "01/07/2025 08:00", inherited) == set()
    assert visible(cast.by_duty[Duty.HANDLE], "01/07/2025 08:00", inherited) == everything - to_an_phu_tan
    assert visible(cast.other, "01/07/2025 08:00", inherited) == to_an_phu_tan
    assert visible(cast.above, "01/07/2025 08:00", inherited) == everything
    assert visible(cast.stranger, "01/07/2025 08:00", inherited) == set()
    with clock.at(at("01/07/2025 08:00")):
        before = counts()
        for pk in (inherited["pending cau ke"], inherited["pending an phu tan"]):
            with pytest.raises(NotAllowed):
                actions.forward(actor=retired, dossier=pk, holder=cast.owner)
        with pytest.raises(NotAllowed):
            actions.forward(actor=cast.other, dossier=inherited["pending cau ke"], holder=cast.other)
        with pytest.raises(NotAllowed):
            actions.forward(actor=cast.receiver, dossier=inherited["pending an phu tan"], holder=cast.owner)
        with pytest.raises(NotAllowed):
            actions.receive(actor=cast.other, filing=inherited["filed cau ke"])
        assert counts() == before
        actions.forward(actor=cast.receiver, dossier=inherited["pending cau ke"], holder=cast.owner)
        actions.forward(actor=cast.other, dossier=inherited["pending an phu tan"], holder=cast.other)
        taken = actions.receive(actor=cast.receiver, filing=inherited["filed cau ke"])
        actions.hand_over_result(actor=cast.by_duty[Duty.HAND_OVER], dossier=inherited["ended cau ke"])
    assert (taken.unit, taken.code) == (cast.xa_cau_ke, "XACAUKE-250701-0001")


def test_on_the_first_morning_before_tick_has_run(cast, inherited):
    """Rows still name the district; its default successor may act, a filing is taken in by the new unit at once."""
    with clock.at(at("01/07/2025 07:31")):
        taken = actions.receive(actor=cast.receiver, filing=inherited["filed cau ke"])
        assert taken.unit == taken.desk_unit == cast.xa_cau_ke
        assert taken.code == "XACAUKE-250701-0001"
        actions.pause(
            actor=cast.by_duty[Duty.HANDLE], dossier=inherited["pending cau ke"], why="payment", reason="Chờ thuế"
        )
    row = Dossier.objects.get(pk=inherited["pending cau ke"])
    assert row.unit == cast.xa_cau_ke
    assert (row.holder, row.holder_unit) == (None, cast.xa_cau_ke), "who held it in the district holds it no more"
    with clock.at(at("01/07/2025 08:00")):
        follow_succession(clock.now())
        actions.resume(actor=cast.by_duty[Duty.HANDLE], dossier=row.pk)
    row.refresh_from_db()
    assert (row.unit, row.desk_unit, row.holder) == (cast.xa_cau_ke, cast.xa_cau_ke, None)


def test_nothing_new_is_received_in_a_unit_that_is_no_more(cast, inherited):
    wanted = Dossier.objects.get(pk=inherited["pending cau ke"]).procedure_version.procedure
    applicant = record_party(actor=None, name="Nguyễn Văn Mẫu", invented=True)
    with clock.at(at("01/07/2025 08:00")):
        before = counts()
        for verb in (actions.receive, actions.receive_and_resolve, actions.submit):
            with pytest.raises(Exception, match="không tồn tại"):
                verb(actor=cast.receiver, procedure=wanted, unit=cast.cauke, applicant=applicant)
        assert counts() == before


# ---- delegation ------------------------------------------------------------------------------------------------------


def test_a_delegated_duty_acts_on_its_days_and_no_other(office):
    pk = prepared(office, "approve")
    first, last = dt.date(2023, 6, 5), dt.date(2023, 6, 6)
    given = Delegation.objects.create(
        from_user=office.chair, to_user=office.second, unit=office.district, duty=Duty.CHAIR, valid_from=first,
        valid_to=last, basis="QĐ 5",
    )  # fmt: skip

    def back_and_forth(when: str) -> bool:
        with clock.at(at(when)):
            before = counts()
            try:
                actions.return_for_correction(actor=office.second, dossier=pk, to=office.handler, reason="x")
            except NotAllowed:
                assert counts() == before
                return False
            assert Dossier.objects.get(pk=pk).item.events.order_by("-seq")[0].duty == Duty.CHAIR
            propose(office, pk)
            return True

    assert not back_and_forth("02/06/2023 16:00")
    assert back_and_forth("05/06/2023 07:30")
    assert back_and_forth("06/06/2023 23:59")
    assert not back_and_forth("07/06/2023 00:00")
    given.valid_to = dt.date(2023, 6, 30)
    given.save()
    assert back_and_forth("08/06/2023 08:00")
    Assignment.objects.filter(user=office.chair).update(valid_to=dt.date(2023, 6, 8))
    assert not back_and_forth("09/06/2023 08:00"), "nobody passes on what he no longer holds"
    Assignment.objects.filter(user=office.chair).update(valid_to=None)
    assert back_and_forth("09/06/2023 09:00")
    User.objects.filter(pk=office.chair.pk).update(is_active=False)
    assert not back_and_forth("09/06/2023 10:00")
    User.objects.filter(pk=office.chair.pk).update(is_active=True)
    Delegation.objects.filter(pk=given.pk).update(revoked_at=at("09/06/2023 11:00"))
    assert not back_and_forth("12/06/2023 08:00")
