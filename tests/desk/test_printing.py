"""Printing at the desk: one click from the dossier's page, the right circular, what the dossier says."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.dossiers import actions, printing, registers, sheets
from motcua.dossiers.letterheads import authority
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.parties.actions import Particulars, record_party
from motcua.parties.models import AccessView, What
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Draft, Head, PartDraft, TermDraft
from motcua.procedures.models import Part
from tests.desk.counting import at
from tests.desk.filing import handed_over, received
from tests.papers.test_forms import read
from tests.support.cast import Cast
from tests.support.sql import max_queries

NAMES = ("Đơn đăng ký theo Mẫu số 18", "Giấy chứng nhận đã cấp", "Văn bản thỏa thuận (nếu có)")


def land(cast: Cast, unit, first_day=dt.date(2020, 1, 1)):
    """A procedure with three papers, in use at a unit."""
    draft = Draft(
        Head(name="Đăng ký biến động đất đai", field="Đất đai"),
        terms=(TermDraft(Stated.STATED, value=Decimal(5), unit="working_day", start_rule="next_day", confirmed=True),),
        parts=tuple(PartDraft(name=name) for name in NAMES),
    )
    made = create_procedure(code="1.012756", draft=draft, valid_from=first_day, basis="QĐ thử nghiệm").procedure
    adopt(unit=unit, procedure=made, valid_from=max(unit.valid_from, first_day))
    return made


def filed(cast: Cast, moment: str, unit=None, **more) -> Dossier:
    """A dossier of that procedure with two papers, received at a moment."""
    unit = unit or cast.xa_cau_ke
    wanted = land(cast, unit)
    parts = list(Part.objects.filter(version__procedure=wanted).order_by("position"))
    with clock.at(at(moment)):
        return actions.receive(
            actor=cast.receiver,
            procedure=wanted,
            unit=unit,
            applicant=record_party(
                actor=None, name="Thạch Sà Rươne", phone="0900000001", address="Ấp Chợ, xã Cầu Kè", invented=True
            ),
            submitter=Particulars(name="Kim Thị Nộp Thay"),
            channel=Channel.DIRECT,
            papers=[{"part": p.pk, "name": p.name, "kind": "original", "copies": 1} for p in parts[:2]],
            holder=cast.by_duty[Duty.HANDLE],
            **more,
        )


def said(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.content.decode()[:1000]
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    return read(response.content)[0]


def test_the_receipt_is_one_click_away_and_says_what_the_dossier_says(cast, signed_in):
    dossier = filed(cast, "04/08/2025 09:00")
    with clock.at(at("04/08/2025 09:01")):
        client = signed_in(cast.receiver)
        page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
        assert reverse("paper", args=[dossier.pk, "receipt"]) in page
        paper = said(client, "paper", dossier.pk, "receipt")
    for wanted in (
        "ỦY BAN NHÂN DÂN XÃ CẦU KÈ",
        "Số: 0001/BPTNTKQ",  # accepted before TT 03/2025
        "Cầu Kè, ngày 04 tháng 8 năm 2025",
        "Tiếp nhận hồ sơ của: Thạch Sà Rươne",
        "Người nộp: Kim Thị Nộp Thay",
        "Địa chỉ: Ấp Chợ, xã Cầu Kè",
        dossier.code,
        NAMES[0],
        NAMES[1],
        "5 ngày làm việc",
        "09 giờ 00 phút, ngày 04 tháng 8 năm 2025",
        "17 giờ 00 phút, ngày 11 tháng 8 năm 2025",
        "Lâm Thị Mận",
    ):
        assert wanted in paper, wanted
    assert NAMES[2] not in paper


def test_printing_is_written_down_as_a_reading(cast, signed_in):
    dossier = received(cast)
    said(signed_in(cast.receiver), "paper", dossier.pk, "receipt")
    view = AccessView.objects.get(what=What.PRINT)
    assert (view.user_id, view.dossier) == (cast.receiver.pk, dossier.pk)


def test_another_day_of_acceptance_another_circular(cast, signed_in):
    dossier = filed(cast, "06/10/2025 09:00")
    with clock.at(at("06/10/2025 09:05")):
        assert "TT 03/2025/TT-VPCP" in said(signed_in(cast.receiver), "paper", dossier.pk, "receipt")


def test_a_dossier_of_the_old_world_is_headed_by_its_district(cast, signed_in):
    dossier = filed(cast, "01/06/2023 09:00", cast.cauke)
    with clock.at(at("01/06/2023 09:05")):
        paper = said(signed_in(cast.receiver), "paper", dossier.pk, "receipt")
    assert "ỦY BAN NHÂN DÂN HUYỆN CẦU KÈ" in paper
    assert "BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ" in paper
    assert "Trung tâm Phục vụ hành chính công" not in paper


def test_the_register_number_counts_the_year_at_the_desk(cast, signed_in):
    first, second = received(cast), received(cast)
    assert [printing.register_number(d)[1] for d in (first, second)] == ["0001", "0002"]
    actions.void_event(actor=cast.receiver, dossier=first.pk, seq=1, reason="Nhầm người", approver=cast.chair)
    second.refresh_from_db()
    assert printing.register_number(second)[1] == "0002"
    today = clock.today()
    found = registers.register(org.scope(cast.receiver, Duty.RECEIVE, today), cast.xa_cau_ke, today, today)
    assert [(r.number, r.code, r.note) for r in found.rows] == [("1", first.code, "Đã hủy"), ("2", second.code, "")]
    assert (found.voided, found.returned) == (1, 0)


def test_a_whole_life_on_paper(cast, signed_in):
    dossier, handler, chair = filed(cast, "06/10/2025 09:00"), cast.by_duty[Duty.HANDLE], cast.chair
    chair.title = "Phó Chủ tịch UBND xã"
    chair.save()
    with clock.at(at("07/10/2025 09:00")):
        actions.apologise(
            actor=chair,
            dossier=dossier.pk,
            reason="Mưa lũ làm hỏng đường truyền.",
            new_appointment=dt.date(2025, 10, 20),
        )
        client = signed_in(handler)
        letter = said(client, "paper", dossier.pk, "apology")
    assert "Mưa lũ làm hỏng đường truyền." in letter
    assert "17 giờ 00 phút, ngày 13 tháng 10 năm 2025" in letter  # what was promised
    assert "ngày 20 tháng 10 năm 2025" in letter
    assert "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH" in letter
    assert "Nguyễn Văn Xoài" in letter
    with clock.at(at("08/10/2025 09:00")):
        actions.propose(actor=handler, dossier=dossier.pk, to=chair)
        actions.approve(actor=chair, dossier=dossier.pk, to=handler)
        actions.resolve(actor=handler, dossier=dossier.pk)
        slip = said(signed_in(handler), "paper", dossier.pk, "control")
    for wanted in ("1. Giao: Kim Thị Nộp Thay", "2. Nhận: Lâm Thị Mận", "2. Nhận: Nguyễn Văn Xoài", "Trước hạn"):
        assert wanted in slip, wanted


def test_stopping_prints_its_notice_under_the_new_circular_only(cast, signed_in):
    new = filed(cast, "06/10/2025 09:00")
    with clock.at(at("07/10/2025 09:00")):
        client = signed_in(cast.chair)
        assert client.get(reverse("paper", args=[new.pk, "stop"])).status_code == 404
        actions.stop(actor=cast.chair, dossier=new.pk, reason="Theo đơn đề nghị dừng của chủ hồ sơ.")
        notice = said(client, "paper", new.pk, "stop")
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in notice
    assert "Theo đơn đề nghị dừng của chủ hồ sơ." in notice
    sheet = sheets.sheet(org.SYSTEM, new.pk)
    assert "stop" in [o.kind for o in printing.offered(sheet)]


def test_the_old_circular_has_no_stop_notice(cast, signed_in):
    dossier = filed(cast, "04/08/2025 09:00")
    with clock.at(at("05/08/2025 09:00")):
        actions.stop(actor=cast.chair, dossier=dossier.pk, reason="Theo đơn đề nghị.")
        sheet = sheets.sheet(org.SYSTEM, dossier.pk)
        assert "stop" not in [o.kind for o in printing.offered(sheet)]
        assert signed_in(cast.chair).get(reverse("paper", args=[dossier.pk, "stop"])).status_code == 404


def test_refused_at_intake_prints_its_reason(cast, signed_in):
    made = land(cast, cast.xa_cau_ke)
    with clock.at(at("06/10/2025 09:00")):
        filing = actions.submit(
            actor=None,
            procedure=made,
            unit=cast.xa_cau_ke,
            applicant=record_party(actor=None, name="Sơn Văn Mẫu", invented=True),
            channel=Channel.ONLINE,
        )
        actions.refuse_intake(actor=cast.receiver, dossier=filing.pk, reason="Không thuộc thẩm quyền của xã.")
        paper = said(signed_in(cast.receiver), "paper", filing.pk, "refusal")
        assert signed_in(cast.receiver).get(reverse("paper", args=[filing.pk, "receipt"])).status_code == 404
    assert "Không thuộc thẩm quyền của xã." in paper
    assert "Sơn Văn Mẫu" in paper


@pytest.mark.parametrize("kind", ["khong-co", "register", "cash", "receipt\x00"])
def test_there_is_no_other_paper(cast, signed_in, kind):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    url = reverse("paper", args=[dossier.pk, "receipt"]).replace("receipt", kind.replace("\x00", "%00"))
    assert client.get(url).status_code == 404


def test_odd_parameters_print_the_usual_or_are_refused(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), reverse("paper", args=[dossier.pk, "receipt"])
    assert client.get(url, {"so": "x" * 99}).status_code == 200
    assert client.get(url, {"so": "999"}).status_code == 404
    assert client.get(url, {"kho": "a4"}).status_code == 200
    assert client.get(url, {"kho": "../x"}).status_code == 400


def test_hostile_names_are_printed_as_typed(cast, signed_in):
    dossier = received(cast, subject='#read("/etc/passwd") *x* "; --')
    paper = said(signed_in(cast.receiver), "paper", dossier.pk, "receipt")
    assert '#read("/etc/passwd")*x*";--' in paper.replace(" ", "")
    assert "root:" not in paper


def test_an_office_with_a_broken_template_is_told_which(cast, signed_in, settings, tmp_path):
    dossier = received(cast)
    settings.HOME = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "receipt.typ").write_text("#khong-co")
    page = signed_in(cast.receiver).get(reverse("paper", args=[dossier.pk, "receipt"]))
    assert page.status_code == 400
    assert "receipt.typ" in page.content.decode()
    assert str(tmp_path) not in page.content.decode()


def test_a_hand_over_prints_as_a_record(cast, signed_in):
    paper = said(signed_in(cast.receiver), "hand_over_paper", handed_over(cast))
    for wanted in ("BIÊN BẢN BÀN GIAO", "1. Người giao: Lâm Thị Mận", "2. Người nhận: Thạch Văn Ổi", "Nghỉ phép"):
        assert wanted in paper, wanted


def test_the_register_page_prints_the_days_asked_for(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), reverse("register")
    assert client.get(url).status_code == 200
    day = f"{clock.today():%d/%m/%Y}"
    paper = client.get(url, {"don_vi": "29308", "tu": day, "den": day})
    assert paper["Content-Type"] == "application/pdf"
    assert dossier.code in read(paper.content)[0].replace(" ", "")
    wrong = client.get(url, {"don_vi": "29308", "tu": "05/08/2025", "den": "04/08/2025"})
    assert wrong.status_code == 400
    assert client.get(url, {"don_vi": "29308", "tu": "x", "den": "y"}).status_code == 400
    # Of another unit there is nothing to choose, whatever is typed.
    assert client.get(url, {"don_vi": "29317", "tu": day, "den": day}).status_code == 400


def test_a_paper_costs_few_statements(cast):
    dossier = filed(cast, "06/10/2025 09:00")
    scope = org.scope(cast.receiver, Duty.RECEIVE, dt.date(2025, 10, 6))
    with max_queries(12):
        printing.printed(sheets.sheet(scope, dossier.pk), "receipt")


def test_forms_are_listed_with_what_was_not_compared(cast, signed_in):
    page = signed_in(cast.receiver).get(reverse("paper_forms")).content.decode()
    for wanted in ("TT 01/2018/TT-VPCP", "TT 03/2025/TT-VPCP", "Chưa đối chiếu", "Đã đối chiếu", "Mẫu số 07"):
        assert wanted in page, wanted


@pytest.mark.pure
@pytest.mark.parametrize(
    ("duty", "title", "kind", "lines"),
    [
        (Duty.CHAIR, "Chủ tịch UBND", "commune", ["TM. Ủy ban nhân dân", "Chủ tịch"]),
        (Duty.CHAIR, "Phó Chủ tịch UBND", "commune", ["TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"]),
        (Duty.DIRECTOR, "", "point", ["Giám đốc"]),
        (Duty.DIRECTOR, "Phó Giám đốc", "point", ["KT. Giám đốc", "Phó Giám đốc"]),
        (Duty.HEAD, "Trưởng phòng", "office", ["Trưởng phòng"]),
        (Duty.HEAD, "Phó Trưởng phòng", "office", ["KT. Trưởng phòng", "Phó Trưởng phòng"]),
        ("", "", "ward", ["TM. Ủy ban nhân dân", "Chủ tịch"]),
    ],
)
def test_who_signs_in_whose_name(duty, title, kind, lines):
    from motcua.org.models import Unit

    assert authority(duty, title, Unit(kind=kind, name="Xã Mẫu")) == lines
