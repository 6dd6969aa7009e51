"""A unit types its figures, sends them, has them given back; two officers at once; who may do what."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed
from motcua.indicators import actions, defining, queries
from motcua.indicators.actions import Cell
from motcua.indicators.models import Form, Indicator, Return, ReturnAct, Value, ValueChange
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from tests.indicators.conftest import opened, typed
from tests.support.cast import Cast
from tests.support.sql import max_queries

JUNE = clock.local_moment(dt.date(2023, 6, 16), dt.time(9))


@pytest.fixture(autouse=True)
def in_june():
    with clock.at(JUNE):
        yield


def test_figures_are_typed_as_people_write_and_read_back(cast: Cast, half):
    reform = cast.by_duty[Duty.REFORM]
    row = opened(cast.cauke, half, actor=reform)
    with max_queries(20):
        typed(row, reform, kh_nhiem_vu="32", kh_hoan_thanh="26", tt_luot_nguoi="2.312", ts_thu="347,344",
              ts_thu_du_toan="490,873", vb_ty_le_dien_tu="90/100", ks_co="Có", ttkt_kien_nghi="không có",
              ttkt_thuc_hien="0")  # fmt: skip
    sheet = queries.values(SYSTEM, form=row.form, units=[cast.cauke], window=half)
    said = {code: f.shown for code, f in sheet.told[cast.cauke.pk].items()}
    assert said["kh_ty_le"] == "81,25"
    assert said["tt_luot_nguoi"] == "2.312"
    assert said["ts_thu_ty_le"] == "70,76"
    assert said["vb_ty_le_dien_tu"] == "90"
    assert said["ks_co"] == "Có"
    # None of none is nothing to divide by: never 100 %.
    assert said["ttkt_kien_nghi"] == "không có"
    assert said["ttkt_ty_le"] == "không có"
    assert said["sang_kien"] == "…"
    assert sheet.figure(cast.cauke.pk, "kh_ty_le").value == Decimal("81.25")


def test_a_figure_with_its_own_window_is_shown_with_it(cast: Cast, half):
    row = opened(cast.cauke, half)
    may = dt.date(2023, 5, 28)
    cell = Cell("ts_thu", "347,344", own_first=dt.date(2023, 1, 1), own_last=may)
    actions.save_values(to=row.pk, cells=[cell])
    found = queries.values(SYSTEM, form=row.form, units=[cast.cauke], window=half).figure(cast.cauke.pk, "ts_thu")
    assert (found.first, found.last, found.own) == (dt.date(2023, 1, 1), may, True)
    # The next time only the last day is said: it still counts from where it did.
    quarter = Cell("ts_thu_ky", "246,613", own_first=dt.date(2023, 4, 1), own_last=may)
    actions.save_values(to=row.pk, cells=[quarter])
    actions.save_values(to=row.pk, cells=[Cell("ts_thu_ky", "250", 1, own_last=dt.date(2023, 5, 31))])
    assert Value.objects.get(indicator__code="ts_thu_ky").own_first == dt.date(2023, 4, 1)
    with pytest.raises(Invalid, match="không có ngày chốt riêng"):
        actions.save_values(to=row.pk, cells=[Cell("sang_kien", "1", own_last=may)])
    with pytest.raises(Invalid, match="chưa tới"):
        actions.save_values(to=row.pk, cells=[Cell("ts_chi", "1", own_last=dt.date(2023, 7, 1))])


def test_bad_cells_are_told_and_the_good_ones_kept(cast: Cast, half):
    row = opened(cast.cauke, half)
    cells = [Cell("sang_kien", "6"), Cell("doi_thoai", "1.5"), Cell("tt_cuoc", "-3"), Cell("kh_ty_le", "90"),
             Cell("vb_ty_le_dien_tu", "3/2"), Cell("khong_co_ma_nay", "1")]  # fmt: skip
    with pytest.raises(Invalid):
        actions.save_values(to=row.pk, cells=cells)
    assert not Value.objects.exists()
    assert not ValueChange.objects.exists()
    saved = actions.save_values(to=row.pk, cells=cells, partly=True)
    assert saved.done == {"sang_kien": 1}
    assert "dấu phẩy cho phần thập phân" in saved.refused["doi_thoai"]
    assert "không âm" in saved.refused["tt_cuoc"]
    assert "tính tự động" in saved.refused["kh_ty_le"]
    assert "lớn hơn mẫu số" in saved.refused["vb_ty_le_dien_tu"]
    assert "khong_co_ma_nay" in saved.refused


def test_two_officers_do_not_overwrite_each_other(cast: Cast, half):
    one, two = cast.by_duty[Duty.REFORM], cast.by_duty[Duty.CONTROL]
    row = opened(cast.cauke, half)
    actions.save_values(to=row.pk, cells=[Cell("sang_kien", "6")], actor=one)
    with pytest.raises(Conflict, match=f"{one.full_name} đã ghi «6».*bạn gõ «7»"):
        actions.save_values(to=row.pk, cells=[Cell("sang_kien", "7")], actor=two)
    # The same figure typed by both is no quarrel, and seeing it first none either.
    assert actions.save_values(to=row.pk, cells=[Cell("sang_kien", "6")], actor=two).same == {"sang_kien": 1}
    actions.save_values(to=row.pk, cells=[Cell("sang_kien", "7", version=1)], actor=two)
    changes = list(ValueChange.objects.order_by("pk").values_list("by", "before", "after"))
    assert changes == [(one.pk, {}, {"number": "6"}), (two.pk, {"number": "6"}, {"number": "7"})]
    with pytest.raises(IntegrityError), transaction.atomic():
        ValueChange.objects.update(how="x")


def test_a_return_travels_up_and_back(cast: Cast, half):
    commune = cast.unit("29320")
    row = opened(commune, half)
    upstairs = cast.by_duty[Duty.REFORM]  # at huyện Cầu Kè
    with pytest.raises(Invalid, match="chưa có số liệu nào"):
        actions.submit(to=row.pk)
    typed(row, sang_kien=2)
    sent = actions.submit(to=row.pk)
    assert sent.said["sang_kien"]["value"] == "2"
    assert queries.is_late(sent) is False
    with pytest.raises(IllegalAct, match="Đã gửi"):
        actions.save_values(to=row.pk, cells=[Cell("sang_kien", "3", 1)])
    with pytest.raises(Invalid, match="lý do"):
        actions.give_back(to=row.pk, reason="  ", actor=upstairs)
    actions.give_back(to=row.pk, reason="Thiếu số phiếu khảo sát", actor=upstairs)
    typed(row, ks_phieu=50)
    with clock.at(clock.local_moment(dt.date(2023, 6, 20), dt.time(9))):
        late = actions.submit(to=row.pk)
        assert queries.is_late(late)  # due on 17/6
        actions.accept(to=row.pk, actor=upstairs)
    states = list(ReturnAct.objects.filter(to=row).order_by("pk").values_list("state", flat=True))
    assert states == ["draft", "submitted", "returned", "submitted", "accepted"]


def test_who_may(cast: Cast, half):
    commune = cast.unit("29320")
    reform, receiver, other = cast.by_duty[Duty.REFORM], cast.receiver, cast.other
    for stranger in (receiver, other):
        with pytest.raises(NotAllowed):
            opened(commune, half, actor=stranger)
    row = opened(cast.cauke, half, actor=reform)
    typed(row, reform, sang_kien=1)
    actions.submit(to=row.pk, actor=reform)
    with pytest.raises(NotAllowed, match="cấp trên"):  # nobody accepts what he sends
        actions.accept(to=row.pk, actor=reform)
    actions.accept(to=row.pk, actor=cast.above)
    with pytest.raises(NotAllowed):
        queries.values(SYSTEM.__class__(1, half.last, frozenset()), form=row.form, units=[commune], window=half)


def test_a_figure_in_two_forms_is_typed_once(cast: Cast, half):
    second = Form.objects.create(code="hai", name="Biểu thứ hai", title="Hai", stream="cchc", rules=[], kinds=[])
    defining.add_line(form=second, code="sang_kien")
    first, other = opened(cast.cauke, half), opened(cast.cauke, half, "hai")
    typed(first, sang_kien=6)
    told = queries.values(SYSTEM, form=second, units=[cast.cauke], window=half)
    assert told.figure(cast.cauke.pk, "sang_kien").shown == "6"
    actions.submit(to=first.pk)
    with pytest.raises(IllegalAct, match="đã gửi trong phiếu «Phụ lục CCHC»"):
        actions.save_values(to=other.pk, cells=[Cell("sang_kien", "7", 1)])


def test_evidence_lies_beside_the_figure(cast: Cast, half):
    row = opened(cast.cauke, half)
    typed(row, sang_kien=6)
    found = actions.attach_evidence(
        to=row.pk, code="sang_kien", content=[b"%PDF-1.4\n%%EOF\n"], name="QĐ/công nhận.doc"
    )
    assert found.evidence_name == "công nhận.pdf"
    assert found.version == 2
    assert found.number == 6
    with pytest.raises(Invalid, match="Loại tệp"):
        actions.attach_evidence(to=row.pk, code="sang_kien", content=[b"MZ..."], name="a.pdf")


def test_no_return_before_its_window_and_none_twice(cast: Cast, shipped):
    future = queries.window(dt.date(2023, 6, 15), dt.date(2023, 12, 14))
    opened(cast.cauke, future)
    opened(cast.cauke, future)
    assert Return.objects.count() == 1
    with pytest.raises(Invalid, match="chưa bắt đầu"):
        opened(cast.cauke, queries.window(dt.date(2024, 1, 1), dt.date(2024, 1, 31)))
    with pytest.raises(Invalid, match="không tồn tại"):
        opened(cast.xa_cau_ke, future)


def test_a_changed_meaning_is_a_new_row_and_the_shipped_ones_stay_as_the_office_left_them(shipped):
    before = Indicator.objects.count()
    fields = {"code": "sang_kien", "name": "Sáng kiến được công nhận", "unit_of_measure": "sáng kiến", "kind": "count"}
    defining.define(valid_from=dt.date(2024, 1, 1), **fields)
    assert queries.meanings(dt.date(2023, 12, 31))["sang_kien"].name.startswith("Sáng kiến, giải pháp")
    assert queries.meanings(dt.date(2024, 1, 1))["sang_kien"].name == "Sáng kiến được công nhận"
    again = defining.load_starter()
    assert (again.indicators, again.forms, again.rules) == (0, 0, 0)
    assert Indicator.objects.count() == before + 1
    with pytest.raises(Conflict):
        defining.define(valid_from=dt.date(2023, 1, 1), **fields)
    for wrong in ({"code": "Hoa"}, {"origin": "formula", "formula": "khong_ton_tai + 1"},
                  {"origin": "source", "source_key": "dossier.statement", "figure": "c99"},
                  {"origin": "formula", "formula": "sang_kien + 1"}):  # fmt: skip
        with pytest.raises(Invalid):
            defining.define(valid_from=dt.date(2025, 1, 1), **{**fields, **wrong})
