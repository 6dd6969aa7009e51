"""Which unit uses which procedure from when, and how it resolves it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.procedures import actions, flow, queries
from motcua.procedures.flow import Branch, Step
from motcua.procedures.models import Adoption, Process, ProcessStep
from motcua.procedures.published import read_record
from motcua.worktime.rules import StartRule, Term, TermUnit
from tests.procedures.made import record
from tests.support.cast import LAST_OLD_DAY, NEW_DAY, OLD_DAY
from tests.support.sql import max_queries

JANUARY = dt.date(2023, 1, 5)
pytestmark = pytest.mark.django_db


@pytest.fixture
def books(cast):
    """Three procedures, used from 05/01/2023."""
    codes = ["9.900001", "9.900002", "9.900003"]
    actions.import_catalogue(records=[read_record(record(code)) for code in codes], valid_from=JANUARY)
    cast.procedures = [queries.in_force(code, OLD_DAY).procedure for code in codes]
    return cast


def adopt(books, which=0, **how):
    values = {"unit": books.justice, "procedure": books.procedures[which], "valid_from": JANUARY}
    return actions.adopt(**{**values, **how})


# ---- adoption -------------------------------------------------------------------------------------------------------
def test_a_unit_uses_what_it_adopted_in_the_version_of_the_day(books):
    adopt(books, 0, decision="QĐ 15/QĐ-UBND", service_level="mot_phan")
    adopt(books, 1, valid_to=dt.date(2023, 3, 31))
    adopt(books, 2)
    later = OLD_DAY + dt.timedelta(days=30)
    version = queries.in_force("9.900001", OLD_DAY)
    actions.new_version(version=version, changes={"name": "Tên mới"}, basis="QĐ 2", valid_from=later)
    with max_queries(2):
        today = queries.adopted(org.SYSTEM, books.justice, OLD_DAY)
    assert [(a.code, a.version.number, a.service_level) for a in today] == [
        ("9.900001", 1, "mot_phan"),
        ("9.900003", 1, "chua_ro"),
    ]
    assert {a.code: a.version.number for a in queries.adopted(org.SYSTEM, books.justice, later)} == {
        "9.900001": 2,
        "9.900003": 1,
    }
    assert queries.adopted(org.SYSTEM, books.justice, JANUARY - dt.timedelta(days=1)) == []
    assert queries.adopted(org.SYSTEM, books.finance, OLD_DAY) == []


def test_a_pinned_version_stays(books):
    version = queries.in_force("9.900001", OLD_DAY)
    adopt(books, version=version)
    actions.new_version(version=version, changes={"name": "Tên mới"}, basis="QĐ 2", valid_from=OLD_DAY)
    assert queries.in_force("9.900001", OLD_DAY).number == 2
    assert queries.adopted(org.SYSTEM, books.justice, OLD_DAY)[0].version == version
    assert queries.adopted_one(org.SYSTEM, books.justice, "9.900001", OLD_DAY).version == version


def test_abolished_procedures_leave_the_list(books):
    adopt(books)
    actions.abolish(version=queries.in_force("9.900001", OLD_DAY), last_day=OLD_DAY, decision="QĐ 7")
    assert queries.adopted(org.SYSTEM, books.justice, OLD_DAY)
    assert queries.adopted(org.SYSTEM, books.justice, OLD_DAY + dt.timedelta(days=1)) == []
    with pytest.raises(NotFound, match="đã bãi bỏ"):
        queries.adopted_one(org.SYSTEM, books.justice, "9.900001", OLD_DAY + dt.timedelta(days=1))


def test_one_adoption_for_an_acceptance(books):
    adopt(books)
    with max_queries(3):
        found = queries.adopted_one(org.SYSTEM, books.justice, "9.900001", OLD_DAY)
    assert (found.adoption.unit, found.code) == (books.justice, "9.900001")
    with pytest.raises(NotFound, match="không áp dụng thủ tục"):
        queries.adopted_one(org.SYSTEM, books.justice, "9.900002", OLD_DAY)


def test_spans_do_not_overlap(books):
    adopt(books, valid_from=OLD_DAY, valid_to=OLD_DAY + dt.timedelta(days=9))
    for start, end in ((JANUARY, None), (OLD_DAY + dt.timedelta(days=9), None), (JANUARY, OLD_DAY)):
        with pytest.raises(Conflict, match=r"đã áp dụng thủ tục 9\.900001"), transaction.atomic():
            adopt(books, valid_from=start, valid_to=end)
    adopt(books, valid_from=JANUARY, valid_to=OLD_DAY - dt.timedelta(days=1))
    adopt(books, valid_from=OLD_DAY + dt.timedelta(days=10))
    assert Adoption.objects.count() == 3


def test_the_database_refuses_two_open_spans(books):
    values = {"unit": books.xa_cau_ke, "procedure": books.procedures[0], "competence": "resolves"}
    Adoption.objects.create(valid_from=NEW_DAY, **values)
    with pytest.raises(DatabaseError), transaction.atomic():
        Adoption.objects.create(valid_from=NEW_DAY + dt.timedelta(days=1), **values)


def test_an_adoption_ends_with_its_unit(books):
    assert adopt(books).valid_to == LAST_OLD_DAY
    with pytest.raises(Invalid, match="chỉ tồn tại"):
        adopt(books, 1, valid_from=NEW_DAY)
    with pytest.raises(Invalid, match="chỉ tồn tại"):
        adopt(books, 1, unit=books.xa_cau_ke)


def test_ending_an_adoption(books):
    row = adopt(books)
    ended = actions.end_adoption(adoption=row, last_day=OLD_DAY, decision="QĐ 20")
    assert (ended.valid_to, ended.end_decision) == (OLD_DAY, "QĐ 20")
    assert queries.adopted(org.SYSTEM, books.justice, OLD_DAY + dt.timedelta(days=1)) == []
    with pytest.raises(Invalid, match="đã hết từ"):
        actions.end_adoption(adoption=row, last_day=OLD_DAY + dt.timedelta(days=5))
    with pytest.raises(Invalid, match="phải từ ngày đó"):
        actions.end_adoption(adoption=row, last_day=JANUARY - dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"competence": "watches"}, "«watches»"),
        ({"service_level": "muc_9"}, "«muc_9»"),
        ({"valid_to": JANUARY - dt.timedelta(days=1)}, "Ngày thôi áp dụng"),
    ],
)
def test_wrong_adoptions_are_refused(books, how, says):
    with pytest.raises(Invalid, match=says):
        adopt(books, **how)
    assert not Adoption.objects.exists()


def test_a_version_of_another_procedure_is_refused(books):
    with pytest.raises(Invalid, match="không thuộc thủ tục này"):
        adopt(books, 0, version=queries.in_force("9.900002", OLD_DAY))


def test_who_may_adopt(books):
    with clock.at(clock.local_moment(OLD_DAY)):
        for who in (books.receiver, books.stranger, books.other):
            with pytest.raises(NotAllowed):
                adopt(books, actor=who)
        row = adopt(books, actor=books.by_duty[Duty.CONTROL])  # of the district, for an office beneath it
        with pytest.raises(NotAllowed):
            actions.end_adoption(adoption=row, last_day=OLD_DAY, actor=books.other)


def test_the_list_is_for_who_serves_there(books):
    adopt(books)
    assert queries.adopted(org.scope(books.owner, None, OLD_DAY), books.justice, OLD_DAY)
    for who in (books.other, books.stranger):
        with pytest.raises(NotAllowed):
            queries.adopted(org.scope(who, None, OLD_DAY), books.justice, OLD_DAY)


def test_many_at_once_all_or_none_and_cheap(books):
    with max_queries(8):
        rows = actions.adopt_many(unit=books.justice, procedures=books.procedures, valid_from=JANUARY, decision="QĐ 1")
    assert len(rows) == 3
    with pytest.raises(Conflict), transaction.atomic():
        actions.adopt_many(unit=books.justice, procedures=books.procedures, valid_from=OLD_DAY)
    assert Adoption.objects.count() == 3


def test_one_act_costs_little(books):
    keeper = books.by_duty[Duty.CONTROL]
    with clock.at(clock.local_moment(OLD_DAY)), max_queries(20):
        adopt(books, actor=keeper, request_key="a")


# ---- internal process -----------------------------------------------------------------------------------------------
def step(name="Bước", duty="handle", value=None, unit="working_hour", branches=()):
    number = Decimal(value) if value is not None else None
    return Step(name, duty, value=number, unit=unit if number is not None else "", branches=tuple(branches))


FIVE_DAYS = Term(5, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)
USUAL = (
    step("Tiếp nhận", "receive", 4),
    step("Thẩm định", "handle", 24, branches=[Branch(3, "Đủ điều kiện"), Branch(None, "Không đủ điều kiện")]),
    step("Ký", "chair", 8),
    step("Trả kết quả", "hand_over", 4),
)


def define(books, steps=USUAL, **how):
    values = {"procedure": books.procedures[0], "valid_from": JANUARY, "decision": "QĐ 8/QĐ-UBND"}
    return actions.define_process(steps=steps, **{**values, **how})


def test_a_process_with_a_branch(books):
    with max_queries(20):
        process = define(books)
    with max_queries(3):
        found = queries.process(books.procedures[0], None, OLD_DAY)
        assert found == process
        steps = [(s.name, s.duty, [b.label for b in s.branches.all()]) for s in found.steps.all()]
    assert steps == [
        ("Tiếp nhận", "receive", [""]),
        ("Thẩm định", "handle", ["Đủ điều kiện", "Không đủ điều kiện"]),
        ("Ký", "chair", [""]),
        ("Trả kết quả", "hand_over", [""]),
    ]
    with max_queries(0):
        assert queries.process_warnings(found, FIVE_DAYS) == []
        assert queries.process_warnings(found, Term(4, TermUnit.WORKING_DAY, StartRule.NEXT_DAY)) == [
            "Tổng thời hạn các bước trên đường dài nhất là 40 giờ làm việc, vượt thời hạn 4 ngày làm việc "
            "(32 giờ làm việc)."
        ]


def test_the_units_own_process_comes_before_the_common_one(books):
    common = define(books)
    own = define(books, unit=books.justice)
    assert (own.number, common.number) == (1, 1)
    newer = define(books, unit=books.justice, valid_from=OLD_DAY)
    procedure = books.procedures[0]
    assert queries.process(procedure, books.justice, JANUARY) == own
    assert queries.process(procedure, books.justice, OLD_DAY) == newer
    assert queries.process(procedure, books.finance, OLD_DAY) == common
    assert queries.process(procedure, None, JANUARY - dt.timedelta(days=1)) is None


def test_a_process_is_sealed(books):
    process = define(books)
    for attempt in (
        lambda: ProcessStep.objects.filter(process=process).update(name="Khác"),
        lambda: ProcessStep.objects.create(process=process, position=9, name="Thêm", duty="handle"),
        lambda: Process.objects.filter(pk=process.pk).update(valid_to=OLD_DAY),
        lambda: process.branches.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((), "ít nhất một bước"),
        ((step(" "),), "chưa có tên"),
        ((step(duty="cook"),), "«cook»"),
        ((step(branches=[Branch(5)]),), "bước không có"),
        ((step(branches=[Branch(None, "a"), Branch(None, "b")]),), "hai nhánh đến cùng"),
        ((step(branches=[Branch(None, "a"), Branch(2)]), step()), "phải ghi điều kiện"),
        ((step(branches=[Branch(2)]), step(branches=[Branch(1)])), "không có đường nào đến kết thúc"),
        ((Step("Bước", "handle", value=Decimal(3)),), "cả số và đơn vị"),
        ((step(value=0),), "lớn hơn 0"),
        ((step(value=3, unit="week"),), "đơn vị tính"),
        ((step("x" * 201),), "quá dài"),
        (tuple(step() for _ in range(101)), "nhiều nhất 100"),
    ],
)
def test_a_process_that_cannot_be_walked_is_refused(books, steps, says):
    with pytest.raises(Invalid) as error, transaction.atomic():
        define(books, steps)
    assert says in error.value.message
    assert not Process.objects.exists()


def test_a_process_needs_its_decision_and_a_keeper(books):
    with pytest.raises(Invalid, match="quyết định phê duyệt"):
        define(books, decision=" ")
    with clock.at(clock.local_moment(OLD_DAY)), pytest.raises(NotAllowed):
        define(books, unit=books.justice, actor=books.owner)


@pytest.mark.parametrize(
    ("steps", "term", "says"),
    [
        ((step(branches=[Branch(3)]), step(), step()), FIVE_DAYS, ["Bước 2 «Bước» không có đường nào dẫn đến."]),
        (
            (step(), step(branches=[Branch(None, "xong"), Branch(1, "làm lại")])),
            FIVE_DAYS,
            ["Có vòng lặp: bước 1 → 2 → 1."],
        ),
        ((step(value=3, unit="calendar_day"),), FIVE_DAYS, ["không so được"]),
        ((step(value=8, unit="working_hour"),), Term(10, TermUnit.CALENDAR_DAY, StartRule.NEXT_DAY), ["không so được"]),
        (
            (step(value=6, unit="calendar_day"), step(value=5, unit="calendar_day")),
            Term(10, TermUnit.CALENDAR_DAY, StartRule.NEXT_DAY),
            ["vượt thời hạn 10 ngày (10 ngày)"],
        ),
        (
            (step(value=1, unit="half_day"), step(value=1, unit="half_day")),
            Term(0, TermUnit.SAME_DAY, StartRule.SAME_DAY_15H),
            [],
        ),
        ((step(value=50),), None, []),
    ],
)
def test_warnings_about_a_usable_process(steps, term, says):
    assert flow.mistakes(steps) == []
    found = flow.warnings(steps, term)
    assert len(found) == len(says)
    for text, wanted in zip(found, says, strict=True):
        assert wanted in text


def test_only_the_longest_way_counts():
    steps = (
        step(value=4, branches=[Branch(2, "khó"), Branch(3, "dễ")]),
        step(value=30, branches=[Branch(None)]),
        step(value=35),
    )
    assert flow.warnings(steps, FIVE_DAYS) == []
    assert flow.warnings(steps, Term(4, TermUnit.WORKING_DAY, StartRule.NEXT_DAY))[0].startswith(
        "Tổng thời hạn các bước trên đường dài nhất là 39 giờ"
    )
