"""Entering, correcting and striking: what stands, what is refused, and that nothing is ever lost."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.programme import actions, checking, queries
from motcua.programme.describing import READERS
from motcua.programme.models import Change, PressItem
from motcua.programme.registers import BY_KEY, REGISTERS
from tests.programme.registering import PDF, enter, values
from tests.support.cast import NEW_DAY
from tests.support.sql import max_queries

MAY = dt.date(2026, 5, 20)


def test_every_register_enters_corrects_and_strikes(cast):
    me = cast.by_duty[Duty.REFORM]
    scope = org.scope(me, READERS, NEW_DAY)
    for register in REGISTERS:
        with max_queries(9):
            row = enter(register.key, cast.xa_cau_ke, actor=me, day=MAY)
        told = Change.objects.get(register=register.key, entry=row.pk)
        assert (told.what, told.version, told.actor, told.unit) == ("enter", 1, me, cast.xa_cau_ke), register.key
        with pytest.raises(Conflict, match="đã có một dòng"):
            enter(register.key, cast.xa_cau_ke, actor=me, day=MAY)

        with max_queries(9):
            row = actions.correct(
                register=register.key, entry=row.pk, version=1, values={"note": "sửa"}, reason="sót", actor=me
            )
        assert row.version == 2
        assert Change.objects.get(register=register.key, entry=row.pk, version=2).values == {"note": ["", "sửa"]}
        again = actions.correct(register=register.key, entry=row.pk, version=2, values={"note": "sửa"}, actor=me)
        assert again.version == 2, "nothing different, nothing written"

        with max_queries(9):
            actions.strike(register=register.key, entry=row.pk, version=2, reason="ghi nhầm", actor=me)
        with pytest.raises(IllegalAct, match="ghi nhầm"):
            actions.correct(register=register.key, entry=row.pk, version=3, values={"note": ""}, actor=me)
        # What was struck can be entered anew, rightly; and the struck one stays to be seen.
        enter(register.key, cast.xa_cau_ke, actor=me, day=MAY)
        assert [bool(r.struck_at) for r in queries.entries(scope, register).order_by("pk")] == [True, False]
        # The database itself keeps what the verbs keep.
        table = register.model._meta.db_table
        with pytest.raises(IntegrityError), transaction.atomic():
            register.model.objects.filter(pk=row.pk).delete()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET struck_at = NULL, struck_reason = '' WHERE id = {row.pk}")
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.update(reason="khác")
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.all().delete()
    assert not list(checking.faults())


def test_an_entry_changed_behind_the_verbs_back_is_found(cast):
    row = enter("press_items", cast.xa_cau_ke, day=MAY)
    PressItem.objects.filter(pk=row.pk).update(version=7)
    assert list(checking.faults()) == [f"Sổ «Tin, bài, chuyên mục»: dòng {row.pk} không khớp với lịch sử của nó."]


def test_who_keeps_a_register(cast):
    control, reform = cast.by_duty[Duty.CONTROL], cast.by_duty[Duty.REFORM]
    enter("control_contacts", cast.xa_cau_ke, actor=control, day=MAY)
    with pytest.raises(NotAllowed, match="Đầu mối CCHC"):
        enter("press_items", cast.xa_cau_ke, actor=control, day=MAY)
    with pytest.raises(NotAllowed, match="Xã An Phú Tân"):
        enter("press_items", cast.xa_an_phu_tan, actor=reform, day=MAY)
    for person in (cast.chair, cast.receiver, cast.stranger):
        with pytest.raises(NotAllowed):
            enter("press_items", cast.xa_cau_ke, actor=person, day=MAY)
    # From above, within the province; and for what the commune succeeded.
    enter("press_items", cast.xa_an_phu_tan, actor=cast.above, day=MAY)
    enter("press_items", cast.cauke, actor=reform, day=dt.date(2023, 5, 4))
    row = enter("press_items", cast.xa_an_phu_tan, actor=cast.above, day=dt.date(2026, 5, 21))
    for act in (
        lambda: actions.correct(register="press_items", entry=row.pk, version=1, values={"quantity": 9}, actor=reform),
        lambda: actions.strike(register="press_items", entry=row.pk, version=1, reason="x", actor=reform),
    ):
        with pytest.raises(NotAllowed):
            act()
    mine = org.scope(reform, READERS, NEW_DAY)
    with pytest.raises(NotFound):
        queries.entry(mine, BY_KEY["press_items"], row.pk)
    assert PressItem.objects.get(pk=row.pk).quantity == 1
    assert not PressItem.objects.exclude(struck_at=None).exists()


@pytest.mark.parametrize(
    ("key", "more", "said"),
    [
        ("inspections", {"found": 2, "handled": 3}, "đã xử lý nhiều hơn số vấn đề phát hiện"),
        ("legal_documents", {"effective_on": dt.date(2026, 1, 1)}, "trước ngày ban hành"),
        ("press_items", {"quantity": 0}, "phải từ 1 trở lên"),
        ("press_items", {"title": "x" * 301}, "dài 301 ký tự"),
        ("press_items", {"title": "  "}, "Chưa ghi tên tin, bài"),
        ("press_items", {"kind": "rumour"}, "không hợp lệ"),
        ("press_items", {"published_on": dt.date(2999, 1, 1)}, "năm phải từ 2000 đến 2100"),
        ("press_items", {"published_on": dt.date(2024, 1, 1)}, "ngoài thời gian Xã Cầu Kè tồn tại"),
        ("press_items", {"published_on": dt.date(2099, 1, 1)}, "chưa đến"),
        ("plan_tasks", {"year": 1999}, "phải từ 2010"),
        ("required_plans", {"of_itself": False, "of_communes": False}, "ít nhất một loại đơn vị"),
        ("software_entry", {"paper": 10, "entered": 11}, "nhiều hơn"),
        ("facilities", {"area": -1}, "phải từ 0"),
        ("press_items", {"title": "a\x00b"}, "ký tự hỏng"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_kept(key, more, said, cast):
    with pytest.raises(Invalid, match=said):
        enter(key, cast.xa_cau_ke, actor=cast.by_duty[Duty.REFORM], day=MAY, **more)
    assert not BY_KEY[key].model.objects.exists()
    assert not Change.objects.exists()


def test_a_unit_named_in_a_line_lies_within_ones_own(cast):
    me = cast.by_duty[Duty.REFORM]
    with pytest.raises(Invalid, match="Xã An Phú Tân không thuộc phạm vi"):
        enter("inspections", cast.xa_cau_ke, actor=me, day=MAY, inspected=cast.xa_an_phu_tan)
    enter("inspections", cast.vinh_long, actor=cast.above, day=MAY, inspected=cast.xa_an_phu_tan)


def test_two_people_at_one_line_and_one_request_sent_twice(cast):
    me = cast.by_duty[Duty.REFORM]
    told = values(BY_KEY["press_items"], cast.xa_cau_ke, MAY)
    made = [
        actions.enter(register="press_items", unit=cast.xa_cau_ke, values=told, actor=me, request_key="k1")
        for _ in range(2)
    ]
    assert made[0].pk == made[1].pk
    first = made[0].pk
    actions.correct(register="press_items", entry=first, version=1, values={"quantity": 4}, actor=me)
    with pytest.raises(Conflict, match="Có người đã sửa"):
        actions.correct(register="press_items", entry=first, version=1, values={"quantity": 5}, actor=me)
    with pytest.raises(Conflict, match="Có người đã sửa"):
        actions.strike(register="press_items", entry=first, version=1, reason="x", actor=me)
    assert PressItem.objects.get().quantity == 4


def test_the_file_of_a_line_and_what_is_no_proof(cast):
    me = cast.by_duty[Duty.REFORM]
    proof = actions.Upload("../biên bản.docx.pdf", PDF)
    row = enter("iso_reviews", cast.xa_cau_ke, actor=me, day=MAY, kind="management", evidence=proof)
    assert row.evidence_name == "biên bản.docx.pdf"
    again = actions.Upload("bb2.pdf", PDF + b"%")
    actions.correct(register="iso_reviews", entry=row.pk, version=1, values={}, evidence=again, actor=me)
    before, after = Change.objects.get(entry=row.pk, version=2).values["evidence"]
    assert before.startswith("biên bản.docx.pdf (")
    assert after.startswith("bb2.pdf (")
    with pytest.raises(Invalid, match="Loại tệp này không nhận"):
        enter("iso_reviews", cast.xa_cau_ke, actor=me, day=MAY - dt.timedelta(1), evidence=actions.Upload("a", b"MZ"))
    with pytest.raises(Invalid, match="Tệp rỗng"):
        enter("iso_reviews", cast.xa_cau_ke, actor=me, day=MAY - dt.timedelta(1), evidence=actions.Upload("a", b""))


def test_many_lines_cost_what_one_costs(cast):
    me = cast.by_duty[Duty.REFORM]
    register = BY_KEY["press_items"]

    def rows(n, day):
        return [(cast.xa_cau_ke, values(register, cast.xa_cau_ke, day, title=f"Tin {i}")) for i in range(n)]

    with max_queries(6):
        assert actions.enter_many(register="press_items", rows=rows(60, MAY), actor=me) == 60
    bad = rows(3, MAY - dt.timedelta(1))
    bad[2][1]["quantity"] = 0
    with pytest.raises(Invalid, match="Dòng thứ 3"):
        actions.enter_many(register="press_items", rows=bad, actor=me)
    with pytest.raises(Conflict):
        actions.enter_many(register="press_items", rows=rows(1, MAY), actor=me)
    assert PressItem.objects.count() == 60 == Change.objects.count()
    assert clock.now() >= PressItem.objects.first().created_at
    assert not list(checking.faults())
