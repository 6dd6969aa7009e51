"""Lists and papers of many people: who sees a telephone whole, and that taking one out is a reading of each dossier."""

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.dossiers import registers
from motcua.dossiers.actions.charging import charge, collect
from motcua.dossiers.fees import Due
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.parties import rights, rules
from motcua.parties.models import AccessView, Party, What
from tests.desk.filing import handed_over, received
from tests.papers.test_forms import read
from tests.support.sql import max_queries

WHOLE, MASKED = "0900000001", "0******001"


def today(cast):
    day = f"{clock.today():%d/%m/%Y}"
    return {"don_vi": cast.xa_cau_ke.code, "tu": day, "den": day}


def sheet(response):
    """Every cell of the first sheet, as one text."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    return "\n".join("|".join(map(str, row)) for row in rows)


def exported():
    return list(AccessView.objects.filter(what=What.EXPORT).order_by("pk"))


@pytest.mark.pure
def test_a_number_in_a_list_is_whole_for_callers_only():
    assert rules.number_in_list(WHOLE, whole=True, restricted=False) == WHOLE
    assert rules.number_in_list(WHOLE, whole=False, restricted=False) == MASKED
    assert rules.number_in_list(WHOLE, whole=True, restricted=True) == MASKED
    assert rules.number_in_list("", whole=False, restricted=False) == ""


def test_the_register_on_paper_is_the_book_of_its_keeper(cast, signed_in):
    dossier = received(cast)
    url = reverse("register")
    paper = read(signed_in(cast.receiver).get(url, today(cast)).content)[0]
    assert WHOLE in paper.replace(" ", "")
    view = exported()[0]
    assert (view.user, view.duty, view.unit) == (cast.receiver, Duty.RECEIVE, cast.xa_cau_ke)
    assert (view.dossier, view.code, view.about_unit) == (dossier.pk, dossier.code, cast.xa_cau_ke)
    paper = read(signed_in(cast.by_duty[Duty.REFORM]).get(url, today(cast)).content)[0].replace(" ", "")
    assert WHOLE not in paper
    assert MASKED in paper
    assert len(exported()) == 2


def test_the_register_as_a_file_is_masked_for_everybody(cast, signed_in):
    received(cast)
    url, client = reverse("register_view"), signed_in(cast.receiver)
    shown = client.get(url, today(cast)).content.decode()
    assert WHOLE in shown
    assert not exported(), "a list on the screen is no export"
    cells = sheet(client.get(url, {**today(cast), "tep": "xlsx"}))
    assert WHOLE not in cells
    assert MASKED in cells
    assert len(exported()) == 1
    assert WHOLE not in signed_in(cast.by_duty[Duty.INSPECT]).get(url, today(cast)).content.decode()


def test_who_asked_for_restriction_is_in_no_list_with_number_or_address(cast, signed_in):
    dossier = received(cast)
    Party.objects.filter(pk=dossier.applicant_id).update(address="Ấp Chợ")
    rights.restrict(actor=cast.chair, party=dossier.applicant_id, basis="Đơn ngày 12/8")
    scope, day = org.scope(cast.receiver, Duty.RECEIVE, clock.today()), clock.today()
    assert registers.register(scope, cast.xa_cau_ke, day, day, whole=True).rows[0].contact == MASKED
    paper = read(signed_in(cast.receiver).get(reverse("register"), today(cast)).content)[0]
    assert "Ấp Chợ" not in paper


def test_the_cash_list_is_a_reading_of_whoever_paid(cast, signed_in):
    dossier = received(cast)
    charge(actor=cast.receiver, dossier=dossier.pk, dues=[Due("Phí", 20_000, 20_000)])
    collect(actor=cast.receiver, dossier=dossier.pk, amount=20_000, method="cash")
    client = signed_in(cast.receiver)
    cells = sheet(client.get(reverse("cash_file"), {"don-vi": cast.xa_cau_ke.pk}))
    paper = read(client.get(reverse("cash_paper"), {"don-vi": cast.xa_cau_ke.pk}).content)[0]
    assert dossier.code in cells
    assert dossier.code in paper.replace(" ", "").replace("\n", "")
    assert WHOLE not in cells + paper
    assert [(v.dossier, v.user_id) for v in exported()] == [(dossier.pk, cast.receiver.pk)] * 2
    empty = client.get(reverse("cash_file"), {"don-vi": cast.xa_cau_ke.pk, "ngay": "01/08/2025"})
    assert empty.status_code == 200
    assert len(exported()) == 2


def test_a_hand_over_record_taken_from_above_is_explained(cast, signed_in):
    record = handed_over(cast)
    url = reverse("hand_over_paper", args=[record])
    client = signed_in(cast.above)
    asked = client.get(url)
    assert "Lý do xem" in asked.content.decode()
    assert not exported()
    given = {"stock": "Kiểm tra theo kế hoạch", "reason": "KH 45", "next": url}
    assert client.post(reverse("access_reason", args=["ban-giao", record]), given)["Location"] == url
    with max_queries(16):
        assert client.get(url)["Content-Type"] == "application/pdf"
    whole, each = exported()
    assert (whole.dossier, whole.code) == (None, f"Biên bản bàn giao số {record}")
    assert each.dossier is not None
    assert {whole.reason, each.reason} == {"Kiểm tra theo kế hoạch: KH 45"}
    assert signed_in(cast.other).get(url).status_code == 404
    assert signed_in(cast.other).get(reverse("access_reason", args=["ban-giao", record])).status_code == 404
    log = signed_in(cast.by_duty[Duty.INSPECT]).get(reverse("access_log")).content.decode()
    assert f"Biên bản bàn giao số {record}" in log


def test_a_hand_over_record_of_one_s_own_unit_needs_no_reason(cast, signed_in):
    record = handed_over(cast)
    assert signed_in(cast.chair).get(reverse("hand_over_paper", args=[record]))["Content-Type"] == "application/pdf"
    assert [v.reason for v in exported()] == [""]
