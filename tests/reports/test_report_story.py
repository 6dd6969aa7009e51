"""A report from the cut-off to the sent document: who may do what, what never moves, what changed since."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid, NotAllowed, NotFound
from motcua.dossiers import actions as dossiers
from motcua.indicators import defining
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM, Scope
from motcua.papers import files
from motcua.reports import actions, compiling, content, queries, restating, streams
from motcua.reports.models import Cut, FrozenFigure, Report, ReportAct, ReportFile, State
from tests.desk.counting import at, august, ended, received
from tests.reports.test_report_word import edited

pytestmark = pytest.mark.django_db
QUARTER = (dt.date(2025, 6, 15), dt.date(2025, 9, 14))


@pytest.fixture
def office(cast):
    """August 2025 at xã Cầu Kè, with the shipped indicators."""
    defining.load_starter()
    cast.told = august(cast)
    return cast


def opened(cast, moment="22/08/2025 08:00", days=QUARTER, kind="cchc-quy") -> Report:
    with clock.at(at(moment)):
        return actions.open_report(
            actor=cast.by_duty[Duty.REFORM], type_code=kind, unit=cast.xa_cau_ke, first=days[0], last=days[1]
        )


def cut(cast, row, moment="22/08/2025 08:30") -> Cut:
    with clock.at(at(moment)):
        return actions.cut(actor=cast.by_duty[Duty.REFORM], report=row.pk)


def said(cut_: Cut, *codes: str) -> list[str]:
    figures = compiling.frozen(cut_)
    return [figures[code].text() for code in codes]


def issued(cast, row, day="23/08/2025") -> Report:
    """Submitted, signed, numbered, each by whom it is for."""
    with clock.at(at(f"{day} 09:00")):
        actions.submit(actor=cast.by_duty[Duty.REFORM], report=row.pk)
        actions.sign(actor=cast.chair, report=row.pk, authority="TM")
        return actions.number(actor=cast.by_duty[Duty.CLERK], report=row.pk)


# ---- the way of a report --------------------------------------------------------------------------------------------


def test_from_the_cut_off_to_the_sent_document(office):
    row = opened(office)
    assert (row.state, row.due) == (State.PREPARING, dt.date(2025, 9, 20))
    made = cut(office, row)
    assert said(made, "hs_tiep_nhan", "hs_da_giai_quyet", "hs_dang_giai_quyet") == ["08", "05", "03"]
    row.refresh_from_db()
    assert (made.kind, made.counted_to, row.state) == (Cut.Kind.ESTIMATE, dt.date(2025, 8, 22), State.DRAFT)
    text = {part.item.key: part.text for part in queries.parts(row)}
    assert "{hs_tiep_nhan}" in text["ii_2_ho_so"]
    done = issued(office, row)
    assert (done.state, done.number, done.symbol) == (State.NUMBERED, 1, "/BC-UBND")
    assert done.issued_on == dt.date(2025, 8, 23)
    kept = {file.kind: file for file in row.files.all()}
    with files.read(kept["pdf"].blob) as file:
        printed = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages).split())
    for words in ("Số: 01/BC-UBND", "ngày 23 tháng 8 năm 2025", "Nguyễn Văn Xoài", "TM. ỦY BAN NHÂN DÂN",
                  "số ước, tính đến hết ngày 22/08/2025", f"{row.pk}-1"):  # fmt: skip
        assert words in printed, words
    assert "DỰ THẢO" not in printed
    with clock.at(at("23/08/2025 10:00")):
        sent = actions.send(actor=office.by_duty[Duty.CLERK], report=row.pk, note="Trục liên thông")
    assert (sent.state, sent.sent_at) == (State.SENT, at("23/08/2025 10:00"))
    verbs = list(ReportAct.objects.filter(report=row).order_by("pk").values_list("verb", "duty"))
    assert verbs == [("open", "reform"), ("cut", "reform"), ("submit", "reform"), ("sign", "chair"),
                     ("number", "clerk"), ("send", "clerk")]  # fmt: skip


def test_each_act_is_its_own_duty_in_its_own_place(office):
    row = opened(office)
    with clock.at(at("22/08/2025 09:00")):
        for who in (office.chair, office.by_duty[Duty.CLERK], office.other, office.above, office.stranger):
            with pytest.raises(NotAllowed):
                actions.cut(actor=who, report=row.pk)
        with pytest.raises(IllegalAct):
            actions.submit(actor=office.by_duty[Duty.REFORM], report=row.pk)
    cut(office, row)
    with clock.at(at("22/08/2025 10:00")):
        actions.submit(actor=office.by_duty[Duty.REFORM], report=row.pk)
        with pytest.raises(NotAllowed):
            actions.sign(actor=office.by_duty[Duty.REFORM], report=row.pk, authority="TM")
        with pytest.raises(IllegalAct):
            actions.number(actor=office.by_duty[Duty.CLERK], report=row.pk)
        with pytest.raises(IllegalAct):  # nothing moves while it is read
            actions.write_section(actor=office.by_duty[Duty.REFORM], report=row.pk, key="iv", text="x", seen=0)
        with pytest.raises(IllegalAct):
            actions.cut(actor=office.by_duty[Duty.REFORM], report=row.pk)
        with pytest.raises(Invalid, match="lý do"):
            actions.give_back(actor=office.chair, report=row.pk, reason="  ")
        actions.give_back(actor=office.chair, report=row.pk, reason="Thiếu mục IV")
    row.refresh_from_db()
    assert row.state == State.DRAFT


def test_who_submits_does_not_sign(office):
    from motcua.org.models import Assignment

    Assignment.objects.create(
        user=office.chair, duty=Duty.REFORM, unit=office.xa_cau_ke, valid_from=dt.date(2025, 7, 1)
    )
    row = opened(office)
    cut(office, row)
    with clock.at(at("22/08/2025 10:00")):
        actions.submit(actor=office.chair, report=row.pk)
        with pytest.raises(NotAllowed, match="hai người"):
            actions.sign(actor=office.chair, report=row.pk, authority="TM")


def test_the_head_of_an_office_signs_by_order_and_not_for_the_committee(office):
    row = opened(office)
    cut(office, row)
    with clock.at(at("22/08/2025 10:00")):
        actions.submit(actor=office.by_duty[Duty.REFORM], report=row.pk)
        head = office.by_duty[Duty.HEAD]
        with pytest.raises(Invalid, match="TL"):
            actions.sign(actor=head, report=row.pk, authority="TM")
        done = actions.sign(actor=head, report=row.pk, authority="TL", title="Chánh Văn phòng")
    assert done.authority == ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]


def test_a_successor_finishes_what_a_unit_left(office):
    """Huyện Cầu Kè reported its half-year with an estimate and ended on 30/6/2025; xã Cầu Kè succeeded it."""
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("10/06/2025 08:00")):
        row = actions.open_report(
            actor=reform,
            type_code="cchc-6-thang",
            unit=office.cauke,
            first=dt.date(2024, 12, 15),
            last=dt.date(2025, 6, 14),
        )
        estimate = actions.cut(actor=reform, report=row.pk)
    with clock.at(at("05/07/2025 08:00")):
        with pytest.raises(NotAllowed):
            actions.complete(actor=office.other, report=row.pk)
        done = actions.complete(actor=reform, report=row.pk)
    assert (done.kind, done.completes) == (Cut.Kind.OFFICIAL, estimate)


def test_numbers_run_through_the_year_and_one_given_elsewhere_is_not_given_again(office):
    months = [(dt.date(2025, 7, 1), dt.date(2025, 7, 31)), (dt.date(2025, 8, 1), dt.date(2025, 8, 31)), QUARTER]
    rows = [opened(office, days=days, kind="thang" if n < 2 else "cchc-quy") for n, days in enumerate(months)]
    for row in rows:
        cut(office, row)
        with clock.at(at("22/08/2025 09:00")):
            actions.submit(actor=office.by_duty[Duty.REFORM], report=row.pk)
            actions.sign(actor=office.chair, report=row.pk, authority="KT", title="Phó Chủ tịch")
    clerk = office.by_duty[Duty.CLERK]
    with clock.at(at("22/08/2025 10:00")):
        assert actions.number(actor=clerk, report=rows[0].pk, given=1).number == 1
        with pytest.raises(Conflict):
            actions.number(actor=clerk, report=rows[1].pk, given=1)
        assert actions.number(actor=clerk, report=rows[1].pk).number == 2
        with pytest.raises(Invalid):
            actions.number(actor=clerk, report=rows[2].pk, issued_on=dt.date(2025, 8, 21))
    rows[0].refresh_from_db()
    assert rows[0].authority == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]


def test_one_report_a_window_and_only_windows_that_there_are(office):
    opened(office)
    with pytest.raises(Invalid, match="đã lập"):
        opened(office)
    with pytest.raises(Invalid, match="không có kỳ"):
        opened(office, days=(dt.date(2025, 7, 1), dt.date(2025, 9, 30)))
    with pytest.raises(Invalid, match="không lập"), clock.at(at("22/08/2025 08:00")):
        actions.open_report(
            actor=office.by_duty[Duty.CONTROL],
            type_code="ii-07b",
            unit=office.xa_cau_ke,
            first=QUARTER[0],
            last=QUARTER[1],
        )


# ---- figures --------------------------------------------------------------------------------------------------------


def test_an_estimate_becomes_official_and_both_stay(office):
    row = opened(office)
    estimate = cut(office, row)
    issued(office, row)
    received(office, "25/08/2025 08:00")
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("13/09/2025 16:00")), pytest.raises(Invalid, match="14/09/2025"):
        actions.complete(actor=reform, report=row.pk)
    with clock.at(at("15/09/2025 08:00")):
        official = actions.complete(actor=reform, report=row.pk)
        with pytest.raises(Invalid):
            actions.complete(actor=reform, report=row.pk)
    assert (official.kind, official.completes, official.counted_to) == (Cut.Kind.OFFICIAL, estimate, QUARTER[1])
    assert said(estimate, "hs_tiep_nhan") == ["08"]
    assert said(official, "hs_tiep_nhan") == ["09"]
    row.refresh_from_db()
    assert row.cut == estimate  # the document says what it said


def test_nothing_is_official_before_its_last_day(office):
    row = opened(office)
    assert cut(office, row, "13/09/2025 23:00").kind == Cut.Kind.ESTIMATE
    assert cut(office, row, "14/09/2025 17:00").kind == Cut.Kind.OFFICIAL
    assert [each.n for each in row.cuts.order_by("n")] == [1, 2]


def test_restated_is_frozen_and_the_listed_entries(office):
    row = opened(office)
    made = cut(office, row, "15/09/2025 08:00")
    before = {code: figure.value for code, figure in compiling.frozen(made).items()}
    # What comes after the window changes nothing of it.
    received(office, "16/09/2025 08:00")
    scope = org.scope(office.by_duty[Duty.REFORM], queries.READERS, dt.date(2025, 9, 20))
    with clock.at(at("20/09/2025 08:00")):
        assert restating.restated(scope, row, made).changed == ()
    # Two ends of August are taken back, one of them late.
    for letter in ("A", "C"):
        with clock.at(at("19/09/2025 09:00")):
            dossier = office.told[letter]
            seq = dossier.item.events.get(verb="resolve").seq
            dossiers.void_event(
                actor=office.by_duty[Duty.HANDLE], dossier=dossier.pk, seq=seq, reason="Ghi nhầm", approver=office.chair
            )
    with clock.at(at("20/09/2025 08:00")):
        found = restating.restated(scope, row, made)
    now = {each.code: each.now.value for each in found.changed if each.now}
    assert found.total == 2
    assert {entry.event.verb for entry in found.entries} == {"void"}
    effect = found.sum
    assert now["hs_da_giai_quyet"] == before["hs_da_giai_quyet"] + effect.ended
    assert now["hs_dang_giai_quyet"] == before["hs_dang_giai_quyet"] + effect.pending
    assert now["hs_qua_han"] == before["hs_qua_han"] + effect.late
    assert (effect.ended, effect.pending, effect.received, effect.late) == (-2, 2, 0, -1)
    assert {code: figure.value for code, figure in compiling.frozen(made).items()} == before


def test_what_was_frozen_written_and_done_cannot_be_changed(office):
    row = opened(office)
    made = cut(office, row)
    figure = FrozenFigure.objects.filter(cut=made).first()
    tables = {
        "reports_frozenfigure": figure.pk,
        "reports_cut": made.pk,
        "reports_reportsection": row.sections.first().pk,
        "reports_reportact": row.acts.first().pk,
    }
    for table, pk in tables.items():
        for statement in (f"UPDATE {table} SET id = id WHERE id = %s", f"DELETE FROM {table} WHERE id = %s"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [pk])
    assert restating.check() == []


def test_a_forged_figure_is_named(office):
    row = opened(office)
    made = cut(office, row)
    rows = list(FrozenFigure.objects.filter(cut=made))
    rows[3].value = Decimal(99)
    assert compiling.seal(rows[3]) != rows[3].digest
    forged = Cut.objects.create(
        report=row,
        n=9,
        kind="estimate",
        counted_to=made.counted_to,
        watermark=made.watermark,
        digest="0" * 64,
        at=made.at,
    )
    assert restating.check() == [f"báo cáo {row.pk}, bản chốt {forged.n}: thiếu hoặc thừa số liệu"]


def test_the_same_cut_gives_the_same_bytes(office):
    row = opened(office)
    cut(office, row)
    row.refresh_from_db()
    one, two = (content.as_word(Report.objects.get(pk=row.pk)) for _ in range(2))
    assert one == two
    made = content.content(row)
    assert content.as_pdf(made, one) == content.as_pdf(made, two)


def test_how_many_statements_it_takes(office, django_assert_max_num_queries):
    row = opened(office)
    with django_assert_max_num_queries(150):
        cut(office, row)
    row = Report.objects.select_related("unit", "cut").get(pk=row.pk)
    with django_assert_max_num_queries(12):
        content.content(row)


# ---- text -----------------------------------------------------------------------------------------------------------


def test_two_officers_do_not_overwrite_each_other(office):
    row = opened(office)
    cut(office, row)
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("22/08/2025 09:00")):
        first = actions.write_section(actor=reform, report=row.pk, key="iv", text="Của người thứ nhất", seen=0)
        with pytest.raises(Conflict, match="Võ Thị Me"):
            actions.write_section(actor=reform, report=row.pk, key="iv", text="Của người thứ hai", seen=0)
        again = actions.write_section(actor=reform, report=row.pk, key="iv", text="Cả hai  \n\n gộp lại", seen=1)
    assert (first.version, again.version, again.text) == (1, 2, "Cả hai\ngộp lại")


def test_an_officers_text_survives_a_new_cut_and_its_figures_follow(office):
    row = opened(office)
    cut(office, row)
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("22/08/2025 09:00")):
        version = {part.item.key: part.version for part in queries.parts(row)}["ii_2_ho_so"]
        actions.write_section(
            actor=reform, report=row.pk, key="ii_2_ho_so", text="Ta nhận {hs_tiep_nhan} hồ sơ.", seen=version
        )
        with pytest.raises(Invalid, match="khong_co"):
            actions.write_section(actor=reform, report=row.pk, key="iv", text="{khong_co}", seen=0)
    received(office, "25/08/2025 08:00")
    cut(office, row, "26/08/2025 08:00")
    row.refresh_from_db()
    made = content.content(row)
    assert made.sections["ii_2_ho_so"].text == "Ta nhận {hs_tiep_nhan} hồ sơ."
    assert made.figures["hs_tiep_nhan"].text() == "09"
    with clock.at(at("26/08/2025 09:00")):
        back = actions.redraft_section(actor=reform, report=row.pk, key="ii_2_ho_so", seen=version + 1)
    assert back.by is None
    assert "{hs_nhan_giai_quyet}" in back.text


def test_a_new_report_starts_from_the_last_one_and_says_what_is_the_same(office):
    row = opened(office, days=(dt.date(2025, 7, 1), dt.date(2025, 7, 31)), kind="thang")
    cut(office, row)
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("22/08/2025 09:00")):
        actions.write_section(actor=reform, report=row.pk, key="noi_bat", text="Mạng chậm.", seen=0)
        actions.write_section(actor=reform, report=row.pk, key="viec_toi", text="Sửa mạng.", seen=0)
    later = opened(office, days=(dt.date(2025, 8, 1), dt.date(2025, 8, 31)), kind="thang")
    assert later.earlier == row
    with clock.at(at("22/08/2025 10:00")):
        actions.write_section(actor=reform, report=later.pk, key="viec_toi", text="Đã sửa mạng.", seen=1)
    parts = {part.item.key: (part.text, part.same) for part in queries.parts(later)}
    assert parts["noi_bat"] == ("Mạng chậm.", True)
    assert parts["viec_toi"] == ("Đã sửa mạng.", False)
    assert parts["ho_so"] == ("", False)  # what figures said is said anew, not copied
    # Without a form the annex follows the text: first what is spoken of first.
    assert list(compiling.frozen(row.cuts.get()))[:2] == ["hs_tiep_nhan", "hs_da_giai_quyet"]


def changed_figure(docx: bytes) -> tuple[str, str]:
    """What to write over so that the received dossiers in the text read 18."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        text = archive.read("word/document.xml").decode()
    found = re.search(r'"so:hs_tiep_nhan:".*?</w:sdt>', text)
    assert found
    return found[0], found[0].replace(">08<", ">18<")


def test_the_edited_file_comes_back(office):
    row = opened(office)
    cut(office, row)
    row.refresh_from_db()
    reform = office.by_duty[Duty.REFORM]
    with clock.at(at("22/08/2025 09:00")):
        actions.write_section(actor=reform, report=row.pk, key="iv", text="Làm tiếp.", seen=0)
        sent = content.as_word(row)
        taken = actions.take_back_word(actor=reform, report=row.pk, file=edited(sent, (">Làm tiếp.<", ">Làm nhanh.<")))
        assert taken.kind == ReportFile.Kind.RETURNED
        assert content.latest(row)["iv"].text == "Làm nhanh."
        again = edited(sent, (">Làm tiếp.<", ">Làm nhanh.<"))  # pressed twice
        actions.take_back_word(actor=reform, report=row.pk, file=again)
        assert content.latest(row)["iv"].version == 2
        with pytest.raises(Conflict, match="IV Phương hướng"):  # the same old file, edited otherwise
            actions.take_back_word(actor=reform, report=row.pk, file=edited(sent, (">Làm tiếp.<", ">Làm chậm.<")))
        with pytest.raises(Invalid, match=r"hs_tiep_nhan.*ghi 18, đã chốt 08"):
            actions.take_back_word(actor=reform, report=row.pk, file=edited(sent, changed_figure(sent)))
    assert content.latest(row)["iv"].text == "Làm nhanh."


# ---- around ---------------------------------------------------------------------------------------------------------


def test_what_is_due_and_who_is_late(office):
    row = opened(office)
    scope = Scope(None, dt.date(2025, 9, 1), frozenset({office.xa_cau_ke.pk, office.xa_an_phu_tan.pk}))
    units = queries.reporting_units(scope, dt.date(2025, 9, 1))
    status = lambda day: {  # noqa: E731
        (each.unit.code, each.status)
        for each in queries.owed(scope, units, day, codes=["cchc-quy"])
        if each.window.first == QUARTER[0]
    }
    assert status(dt.date(2025, 9, 1)) == {("29308", "open"), ("29317", "open")}
    assert status(dt.date(2025, 9, 14)) == {("29308", "due"), ("29317", "due")}
    cut(office, row, "15/09/2025 08:00")
    issued(office, row, "16/09/2025")
    with clock.at(at("21/09/2025 08:00")):
        actions.send(actor=office.by_duty[Duty.CLERK], report=row.pk)
    assert status(dt.date(2025, 9, 22)) == {("29308", "sent_late"), ("29317", "late")}


def test_two_windows_are_explained_by_the_days_between(office):
    from motcua.indicators.windows import free

    one, other = free(dt.date(2025, 6, 15), dt.date(2025, 9, 14)), free(dt.date(2025, 8, 1), dt.date(2025, 8, 31))
    with clock.at(at("20/09/2025 08:00")):
        received(office, "03/09/2025 08:00")
        apart, rows = streams.compare(SYSTEM, office.xa_cau_ke, one, other)
    assert [(each.first.isoformat(), each.last.isoformat(), each.sign) for each in apart] == [
        ("2025-06-15", "2025-07-31", 1),
        ("2025-09-01", "2025-09-14", 1),
    ]
    row = next(each for each in rows if each.code == "hs_tiep_nhan")
    assert (row.one, row.other, row.difference, row.between, row.rest) == (9, 6, 3, (2, 1), 0)


def test_reports_are_read_within_ones_units(office):
    row = opened(office)
    scope = org.scope(office.other, queries.READERS, dt.date(2025, 8, 22))
    with pytest.raises(NotFound):
        queries.report(scope, row.pk)
    above = org.scope(office.above, queries.READERS, dt.date(2025, 8, 22))
    assert queries.report(above, row.pk) == row


def test_ended_dossiers_are_counted_like_the_journal(office):
    ended(office, office.told["D"], "20/08/2025 09:00")
    row = opened(office)
    made = cut(office, row)
    assert said(made, "hs_da_giai_quyet", "hs_dang_giai_quyet") == ["06", "02"]


def test_what_the_units_beneath_wrote_is_listed_upstairs(office):
    row = opened(office, days=(dt.date(2025, 7, 1), dt.date(2025, 7, 31)), kind="thang")
    cut(office, row)
    with clock.at(at("22/08/2025 09:00")):
        actions.write_section(
            actor=office.by_duty[Duty.REFORM],
            report=row.pk,
            key="noi_bat",
            text="Mạng chậm ở {hs_tiep_nhan} hồ sơ.",
            seen=0,
        )
        above = Report.objects.create(
            type="thang",
            unit=office.vinh_long,
            rule=row.rule,
            first=row.first,
            last=row.last,
            label=row.label,
            due=row.due,
            created_at=clock.now(),
        )
        scope = org.scope(office.above, queries.READERS, dt.date(2025, 8, 22))
        assert queries.texts_below(scope, above, "noi_bat") == []  # not sent yet
        issued(office, row)
        actions.send(actor=office.by_duty[Duty.CLERK], report=row.pk)
    (found,) = queries.texts_below(scope, above, "noi_bat")
    assert (found.unit, found.text) == (office.xa_cau_ke, "Mạng chậm ở 02 hồ sơ.")
