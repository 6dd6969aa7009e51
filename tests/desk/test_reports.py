"""The pages of reports: from the calendar to the figure behind a code, with what each person is offered."""

import datetime as dt
import io
import re

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.indicators import defining
from motcua.org.models import Duty
from motcua.reports import actions
from motcua.reports.models import Report, State
from tests.desk.counting import NOW, at, ended, main_of
from tests.desk.filing import a_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(cast, told) -> Report:
    """The report of the third quarter of 2025, its figures frozen as an estimate."""
    defining.load_starter()
    with clock.at(at(NOW)):
        made = a_report(cast, "reform")
        actions.cut(actor=cast.by_duty[Duty.REFORM], report=made.pk)
    made.refresh_from_db()
    return made


def test_a_report_shows_its_text_its_figures_and_what_comes_next(cast, row, on):
    with on(NOW) as client:
        page = main_of(client.get(reverse("report", args=[row.pk])))
        assert "Tổng số hồ sơ nhận giải quyết là 08 hồ sơ" in page
        assert "số ước, tính đến hết ngày 21/08/2025" in page
        assert "Trình ký" in page
        assert "<svg" in page
        assert f"{row.pk}-1" in page
    with on(NOW, cast.by_duty[Duty.CLERK]) as client:
        page = main_of(client.get(reverse("report", args=[row.pk])))
        assert "Trình ký" not in page
        assert "Vào số" not in page


def test_from_a_code_to_the_figure_to_its_dossiers(row, on):
    with on(NOW) as client:
        page = client.get(reverse("report", args=[row.pk])).content.decode()
        found = re.search(r'href="([^"]+)">Tiếp nhận trong kỳ</a>', page)
        assert found
        position = found[1].rstrip("/").rpartition("-")[2]
        answer = client.get(reverse("report_code"), {"ma": f"{row.pk}-{position}"}, follow=True)
        page = answer.content.decode()
        assert "Tiếp nhận trong kỳ: 8" in page
        assert "dossier.statement/received" in page
        link = re.search(r'class="btn btn-main" href="([^"]+)">Hồ sơ, bản ghi phía sau', page)
        assert link
        behind = client.get(link[1].replace("&amp;", "&"))
        assert behind.status_code == 200


def test_a_text_written_meanwhile_is_not_written_over(cast, row, on):
    url = reverse("report_section", args=[row.pk, "iv"])
    with on(NOW) as client:
        assert client.post(url, {"text": "Lời một", "seen": 0, "request_key": "a"}).status_code == 302
        answer = client.post(url, {"text": "Lời hai", "seen": 0, "request_key": "b"})
        page = main_of(answer)
        assert answer.status_code == 400
        # Both are in sight; pressing again writes over what is shown, knowingly.
        assert 'name="seen" value="1"' in page
        assert client.post(url, {"text": "Lời hai", "seen": 1, "request_key": "b"}).status_code == 302
        assert "Lời một" in page
        assert "Lời hai" in page
        assert "Võ Thị Me" in page


def test_the_acts_one_after_the_other(cast, row, on):
    def do(who, verb, **data):
        with on(NOW, who) as client:
            answer = client.post(reverse("report_act", args=[row.pk, verb]), {"request_key": verb, **data})
            assert answer.status_code == 302, main_of(answer)

    do(cast.by_duty[Duty.REFORM], "submit")
    do(cast.chair, "sign", authority="TM", signed_on="21/08/2025")
    do(cast.by_duty[Duty.CLERK], "number", issued_on="21/08/2025")
    do(cast.by_duty[Duty.CLERK], "send", note="Trục liên thông")
    row.refresh_from_db()
    assert (row.state, row.number) == (State.SENT, 1)
    with on(NOW, cast.chair) as client:
        kept = row.files.get(kind="pdf")
        answer = client.get(reverse("report_kept_file", args=[row.pk, kept.pk]))
        assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
        assert "Đã gửi" in main_of(client.get(reverse("reports")))


def test_a_word_file_of_another_kind_is_refused_with_words(row, on):
    with on(NOW) as client:
        answer = client.post(reverse("report_return", args=[row.pk]), {"file": io.BytesIO(b"MZ khong phai")})
        assert answer.status_code == 400
        assert "không phải tệp Word" in main_of(answer)
        sent = client.get(reverse("report_file", args=[row.pk, "docx"]))
        back = io.BytesIO(sent.content)
        back.name = "bao-cao.docx"
        assert client.post(reverse("report_return", args=[row.pk]), {"file": back}).status_code == 302
        assert client.get(reverse("report_file", args=[row.pk, "pdf"])).content[:5] == b"%PDF-"


def test_the_calendar_names_the_late_and_who_reads_less_sees_less(cast, row, on):
    with on("22/09/2025 08:00") as client:
        page = main_of(client.get(reverse("report_calendar")))
        assert "Trễ hạn, chưa gửi" in page
        assert "Xã Cầu Kè" in page
        assert "Xã An Phú Tân" not in page
    with on("22/09/2025 08:00", cast.above) as client:
        page = main_of(client.get(reverse("report_calendar")))
        assert "Xã An Phú Tân" in page


def test_two_streams_on_one_page(row, on):
    days = {"mot_tu": "15/06/2025", "mot_den": "14/08/2025", "hai_tu": "01/07/2025", "hai_den": "31/08/2025"}
    with on("01/09/2025 08:00") as client:
        page = main_of(client.get(reverse("report_streams"), days))
        assert "Chỉ CCHC tính" in page
        assert "Chỉ KSTTHC tính" in page
        wrong = client.get(reverse("report_streams"), {**days, "mot_den": "01/06/2025"})
        assert wrong.status_code == 400


def test_what_changed_since_is_one_page(row, on):
    with on(NOW) as client:
        assert "mọi số vẫn như đã chốt" in main_of(client.get(reverse("report_restated", args=[row.pk])))


def test_a_template_is_taken_away_and_a_strange_one_refused(cast, row, on):
    from tests.reports.test_report_word import own

    with on(NOW) as client:
        shipped = client.get(reverse("report_template_file", args=["cchc"]))
        assert shipped.content[:2] == b"PK"
        form = {"outline": "cchc", "don_vi": "29308"}
        strange = io.BytesIO(own("{{ la }} {{ don_vi }}"))
        strange.name = "mau.docx"
        answer = client.post(reverse("report_templates"), {**form, "file": strange})
        assert answer.status_code == 400
        assert "tên không có: la" in main_of(answer)
        good = io.BytesIO(own("Mẫu của {{ don_vi }}", "{{ phan.iv }}"))
        good.name = "mau.docx"
        answer = client.post(reverse("report_templates"), {**form, "file": good})
        assert "Mẫu không in các phần" in main_of(answer)
        printed = client.get(reverse("report_file", args=[row.pk, "pdf"]))
        assert printed.status_code == 200


def test_how_many_statements_the_pages_take(row, on, django_assert_max_num_queries):
    with on(NOW) as client, django_assert_max_num_queries(32):
        client.get(reverse("report", args=[row.pk]))
    with on(NOW) as client, django_assert_max_num_queries(18):
        client.get(reverse("report_calendar"))
    assert dt.date(2025, 9, 20) == row.due


def test_the_form_of_the_ledger_is_frozen_with_its_report(cast, told, on):
    defining.load_starter()
    with on("15/09/2025 08:00", cast.by_duty[Duty.CONTROL]) as client:
        made = actions.open_report(
            actor=cast.by_duty[Duty.CONTROL],
            type_code="ii-06a",
            unit=cast.xa_cau_ke,
            first=dt.date(2025, 6, 15),
            last=dt.date(2025, 9, 14),
        )
        frozen = actions.cut(actor=cast.by_duty[Duty.CONTROL], report=made.pk)
        page = client.get(reverse("report", args=[made.pk])).content.decode()
        link = re.search(r'href="([^"]+)">Biểu II.06a đã chốt, (CS-2025-\d+)', page)
        assert link
        assert link[2] == frozen.statement.number
        assert client.get(link[1].replace("&amp;", "&")).status_code == 200
        # Something is entered late about those days. A second cut takes the same official statement, and its figures
        # as they were known then: what was published stays said, and annex and form say the same.
        ended(cast, told["E"], "15/09/2025 07:00")
        again = actions.cut(actor=cast.by_duty[Duty.CONTROL], report=made.pk)
        assert (again.statement, again.watermark, again.digest) == (frozen.statement, frozen.watermark, frozen.digest)


def test_verify_looks_at_reports_too(row):
    from motcua.ledger import registry

    assert registry.other_checks()["Báo cáo"]() == []
