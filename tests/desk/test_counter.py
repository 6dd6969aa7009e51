"""The counter's pages without a script: cards, known people, papers, fees, quick lines, money, paper slips."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.dossiers import actions, charging
from motcua.dossiers.actions.counter import receive_quick
from motcua.dossiers.counter_models import MoneyEntry, MoneyKind, Slip
from motcua.dossiers.fees import Due
from motcua.dossiers.models import Dossier
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from motcua.parties.models import AccessView, Consent, Party
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import FeeState, Stated
from motcua.procedures.drafts import Draft, FeeDraft, Head, PartDraft, TermDraft
from tests.desk.filing import CODE, usable
from tests.dossiers.test_hostile import PLACES, VALUES

CARD = "084195000001|334567890|Thạch Thị Mẫu|05061995|Nữ|Ấp 1, Hòa Tân, Cầu Kè, Trà Vinh|10052021"
BIRTH, COPY = "1.009101", "2.009102"
START = dt.date(2025, 7, 1)


def term(value, unit, case="", **more):
    start = "same_day_15h" if unit == "same_day" else "next_day"
    return TermDraft(
        Stated.STATED, case=case, value=Decimal(value), unit=unit, start_rule=start, confirmed=True, **more
    )


@pytest.fixture
def counter(cast):
    """A procedure with cases, papers and fees, and one for quick lines, at xã Cầu Kè."""
    birth = Draft(
        Head(name="Đăng ký khai sinh thử", field="Hộ tịch"),
        terms=(term(3, "working_day", "Có xác minh"), term(1, "working_day", "Không xác minh")),
        fees=(
            FeeDraft(FeeState.AMOUNT, amount=8000, per="hồ sơ", confirmed=True),
            FeeDraft(FeeState.AMOUNT, amount=4000, per="hồ sơ", channel="online_assisted", confirmed=True),
            FeeDraft(FeeState.FREE, amount=0, exempt_group="Hộ nghèo", confirmed=True),
        ),
        parts=(
            PartDraft("Tờ khai"),
            PartDraft("Giấy chứng sinh", copies=2),
            PartDraft("Văn bản ủy quyền", required=False),
        ),
    )
    copies = Draft(
        Head(name="Chứng thực bản sao thử", field="Chứng thực"),
        terms=(term(0, "same_day"),),
        fees=(
            FeeDraft(FeeState.AMOUNT, amount=2000, per="trang", confirmed=True),
            FeeDraft(FeeState.AMOUNT, amount=1000, per="trang", from_quantity=3, confirmed=True),
        ),
    )
    for code, draft in ((BIRTH, birth), (COPY, copies)):
        made = create_procedure(code=code, draft=draft, valid_from=dt.date(2020, 1, 1), basis="QĐ thử").procedure
        adopt(unit=cast.xa_cau_ke, procedure=made, valid_from=START)
    return cast


@pytest.fixture
def clerk(counter, signed_in):
    return signed_in(counter.receiver)


def fields(html: str) -> dict[str, str]:
    """What a browser would send back: values of inputs and chosen options."""
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        kind = re.search(r'type="([^"]*)"', tag)
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not (kind and kind[1] == "checkbox" and " checked" not in tag):
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', body) or re.search(r'<option value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    found.pop("tim", None)
    return found


def page(client, code=BIRTH):
    return client.get(reverse("receive", args=[code])).content.decode()


def case(name: str) -> int:
    from motcua.procedures.models import Case

    return Case.objects.get(version__procedure__code=BIRTH, name=name).pk


def send(client, typed, code=BIRTH, **more):
    return client.post(reverse("receive", args=[code]), {**typed, **more})


def filled_in(client, **more):
    return {**fields(page(client)), "case": case("Không xác minh"), "name": "Sơn Văn Tí", **more}


# ---- card and people -------------------------------------------------------------------------------------------------


def test_a_scanned_card_fills_the_form_and_is_not_believed(clerk):
    shown = send(clerk, fields(page(clerk)), id_number=CARD, go_on="1").content.decode()
    back = fields(shown)
    assert (back["id_number"], back["name"], back["birth_date"], back["id_kind"]) == (
        "084195000001", "Thạch Thị Mẫu", "05/06/1995", "cccd",
    )  # fmt: skip
    assert 'id="unverified">' in shown  # not hidden
    assert not Dossier.objects.exists()
    made = send(clerk, back, case=case("Không xác minh"))
    dossier = Dossier.objects.get()
    assert made["Location"] == reverse("received", args=[dossier.pk])
    assert charging.seen_as(dossier) == "card"
    assert "chưa đối chiếu" in clerk.get(made["Location"]).content.decode()
    assert "chưa đối chiếu" in clerk.get(reverse("dossier", args=[dossier.pk])).content.decode()


def test_ticked_it_counts_as_compared(clerk):
    back = fields(send(clerk, fields(page(clerk)), id_number=CARD, go_on="1").content.decode())
    send(clerk, back, case=case("Không xác minh"), card_checked="on")
    assert charging.seen_as(Dossier.objects.get()) == "checked"


@pytest.mark.parametrize("where", ["submitter_id", "collector_id", "name"])
def test_a_card_may_be_scanned_where_it_belongs(clerk, where):
    back = fields(
        send(
            clerk, filled_in(clerk, name="" if where == "name" else "A B"), **{where: CARD}, go_on="1"
        ).content.decode()
    )
    told = {"submitter_id": "submitter", "collector_id": "collector", "name": "name"}[where]
    assert back[told] == "Thạch Thị Mẫu"
    assert back["id_number" if where == "name" else where] == "084195000001"


@pytest.mark.parametrize(
    "hostile",
    [
        CARD.replace("Thạch Thị Mẫu", "<script>alert(1)</script>"),
        CARD.replace("Ấp 1", '"><img src=x onerror=alert(1)>'),
        "|" * 50,
        "084195000001|" + "x" * 5000,
        CARD.replace("084195000001", "1 OR 1=1"),
        "\u202e" + CARD,
        CARD.replace("05061995", "99999999"),
    ],
)
def test_hostile_card_text_writes_nothing_and_runs_nothing(clerk, hostile):
    before = Party.objects.count()
    answer = send(clerk, fields(page(clerk)), id_number=hostile, go_on="1")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert Party.objects.count() == before


def known(cast, **more):
    party = record_party(actor=None, name="Kim Thị Hoa", commune=cast.xa_cau_ke, invented=True, **more)
    actions.receive(actor=cast.receiver, procedure=usable(cast), unit=cast.xa_cau_ke, applicant=party)
    return party


def test_a_known_number_fills_in_the_rest(counter, clerk):
    known(counter, id_kind="cccd", id_number="084195000002", phone="0900000002", address="Ấp 2")
    back = fields(send(clerk, fields(page(clerk)), id_number="084195000002", go_on="1").content.decode())
    assert (back["name"], back["phone"], back["address"]) == ("Kim Thị Hoa", "0900000002", "Ấp 2")


def test_who_read_a_known_persons_data_is_on_record_once(counter, clerk):
    party = known(counter, id_kind="cccd", id_number="084195000002", phone="0900000002")
    shown = send(clerk, fields(page(clerk)), id_number="084195000002", go_on="1").content.decode()
    send(clerk, fields(shown), go_on="1")
    (view,) = AccessView.objects.filter(party_id=party.pk, what="party")
    assert view.user == counter.receiver


def test_nobodys_data_is_used_again_who_said_no(counter, clerk):
    party = known(counter, id_kind="cccd", id_number="084195000002", phone="0900000002", address="Ấp 2")
    Consent.objects.create(party=party, purpose="reuse", given=False, method="spoken", at=clock.now())
    html = send(clerk, fields(page(clerk)), id_number="084195000002", go_on="1").content.decode()
    assert "không đồng ý dùng lại" in html
    assert "Ấp 2" not in html
    assert not AccessView.objects.filter(party_id=party.pk).exists()


def test_what_was_typed_is_not_overwritten_and_the_difference_is_told(counter, clerk):
    known(counter, id_kind="cccd", id_number="084195000002", address="Ấp 2")
    html = send(clerk, fields(page(clerk)), id_number="084195000002", address="Ấp 9", go_on="1").content.decode()
    assert fields(html)["address"] == "Ấp 9"
    assert "địa chỉ khác" in html


def test_several_of_one_phone_are_offered_masked(counter, clerk):
    first = known(counter, id_kind="cccd", id_number="084195000002", phone="0900000002")
    known(counter, id_kind="cccd", id_number="084196000003", phone="0900000002")
    html = send(clerk, fields(page(clerk)), phone="0900000002", go_on="1").content.decode()
    offered = html[html.index("people-found") : html.index("unverified")]
    assert offered.count('name="use"') == 2
    assert "084195000002" not in offered
    assert "0900000002" not in offered
    chosen = fields(send(clerk, fields(page(clerk)), use=first.pk).content.decode())
    assert chosen["id_number"] == "084195000002"


@pytest.mark.parametrize("asked", [{"name": "Lê Văn Xa"}, {"phone": "0900000007"}])
def test_people_of_other_units_are_not_offered(counter, clerk, asked):
    party = record_party(actor=None, name="Lê Văn Xa", phone="0900000007", invented=True)
    adopt(unit=counter.xa_an_phu_tan, procedure=usable(counter), valid_from=START)
    actions.receive(actor=counter.other, procedure=usable(counter), unit=counter.xa_an_phu_tan, applicant=party)
    html = send(clerk, fields(page(clerk)), **asked, go_on="1").content.decode()
    assert 'name="use"' not in html
    assert "Không dùng được người này" in send(clerk, fields(page(clerk)), use=party.pk).content.decode()


def test_a_known_person_without_papers_is_not_written_down_twice(counter, clerk):
    party = known(counter, phone="0900000002")
    back = fields(send(clerk, filled_in(clerk, name="", phone="0900000002"), go_on="1").content.decode())
    assert back["party"] == str(party.pk)
    send(clerk, back, case=case("Không xác minh"))
    assert Dossier.objects.latest("pk").applicant == party


# ---- what is taken in ------------------------------------------------------------------------------------------------


def test_who_filed_whose_it_is_and_who_may_collect_are_three(clerk):
    typed = filled_in(clerk, submitter="Lý Thị Hai", submitter_id="084197000003", collector="Trần Văn Ba")
    send(clerk, typed)
    made = Dossier.objects.get()
    assert (made.applicant.name, made.submitter.name, made.collector.name) == (
        "Sơn Văn Tí",
        "Lý Thị Hai",
        "Trần Văn Ba",
    )


def test_a_number_without_a_name_is_asked_for_and_nothing_typed_is_lost(clerk):
    answer = send(clerk, filled_in(clerk, submitter_id="084197000003", subject="Con thứ hai"))
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Chưa nhập họ tên người nộp" in html
    assert fields(html)["subject"] == "Con thứ hai"
    assert not Dossier.objects.exists()


def test_the_check_list_keeps_marks_of_each_paper(clerk):
    html = page(clerk)
    first, second, third = re.findall(r'<input type="checkbox" name="part-(\d+)" ', html)
    typed = {
        **filled_in(clerk), f"part-{first}": "1", f"part-{first}-digitised": "1", f"part-{first}-kind": "original",
        f"part-{second}-reused": "1", "more-1": "Ảnh 3×4",
    }  # fmt: skip
    shown = send(clerk, typed, go_on="1").content.decode()  # a detour loses no tick
    send(clerk, {**fields(shown), "case": case("Không xác minh")})
    rows = {c.name: c for c in Dossier.objects.get().components.all()}
    assert set(rows) == {"Tờ khai", "Giấy chứng sinh", "Ảnh 3×4"}
    assert (rows["Tờ khai"].kind, rows["Tờ khai"].digitised) == ("original", True)
    assert (rows["Giấy chứng sinh"].reused, rows["Giấy chứng sinh"].copies) == (True, 2)
    assert third


@pytest.mark.parametrize(
    ("chosen", "days"), [("Có xác minh", "3 ngày làm việc"), ("Không xác minh", "1 ngày làm việc")]
)
def test_the_due_date_is_explained_before_accepting(clerk, chosen, days):
    html = send(clerk, fields(page(clerk)), case=case(chosen), go_on="1").content.decode()
    assert days in html[html.index('id="promise"') :]
    assert not Dossier.objects.exists()


def test_without_a_case_the_term_is_not_guessed(clerk):
    html = page(clerk)
    assert "chưa rõ thời hạn" in html
    assert re.search(r'id="accept" disabled', html)


@pytest.mark.parametrize(
    ("typed", "due", "paid"),
    [
        ({}, 8000, 0),
        ({"pay": "cash"}, 8000, 8000),
        ({"channel": "online_assisted", "pay": "transfer"}, 4000, 4000),
        ({"group": "Hộ nghèo", "fee_reason": "Giấy số 12", "pay": "cash"}, 0, 0),
        ({"group": "Khác", "amount": "5.000", "fee_reason": "Nghị quyết 3", "pay": "cash"}, 5000, 5000),
    ],
)
def test_fees_by_channel_group_and_reason(clerk, typed, due, paid):
    answer = send(clerk, filled_in(clerk, **typed))
    assert answer.status_code == 302, answer.content.decode()
    purse = charging.purse(Dossier.objects.get())
    assert (purse.due, purse.paid) == (due, paid)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"group": "Hộ nghèo"}, "giấy tờ chứng minh"),
        ({"amount": "5000"}, "ghi lý do"),
        ({"amount": "5,5"}, "Số tiền chưa đúng"),
        ({"amount": "-5"}, "âm"),
        ({"pay": "gold"}, "gold"),
    ],
)
def test_a_fee_that_does_not_fit_is_said_beside_its_field(clerk, typed, said):
    answer = send(clerk, filled_in(clerk, **typed))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Dossier.objects.exists()


# ---- quick -----------------------------------------------------------------------------------------------------------


def quick(client, **typed):
    url = reverse("quick") + f"?thu-tuc={COPY}"
    return client.post(url, {**fields(client.get(url).content.decode()), **typed})


def test_one_line_a_person(clerk):
    assert quick(clerk, name="Kim Thị Na", pages="3", copies="2").status_code == 302
    assert quick(clerk, name="Lý Văn Tư").status_code == 302
    html = clerk.get(reverse("quick")).content.decode()
    assert html.index("Lý Văn Tư") < html.index("Kim Thị Na")
    assert [(d.counter.number, d.counter.pages) for d in Dossier.objects.order_by("pk")] == [(1, 3), (2, 1)]
    paid = MoneyEntry.objects.filter(kind=MoneyKind.COLLECT).values_list("amount", flat=True)
    assert list(paid.order_by("pk")) == [10_000, 2_000]


def test_a_line_is_refused_with_what_was_typed(clerk):
    answer = quick(clerk, name="Kim Thị Na", subject="Bằng tốt nghiệp", amount="1.000")
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "lý do" in html
    assert fields(html)["subject"] == "Bằng tốt nghiệp"
    assert not Dossier.objects.exists()


def test_the_fee_is_counted_anew_without_writing(clerk):
    answer = quick(clerk, name="", pages="5", copies="3", go_on="1")
    assert "21.000 đồng" in answer.content.decode()
    assert not Dossier.objects.exists()


def test_sent_twice_written_once(clerk):
    url = reverse("quick") + f"?thu-tuc={COPY}"
    typed = {**fields(clerk.get(url).content.decode()), "name": "Kim Thị Na"}
    assert [clerk.post(url, typed).status_code for _ in range(2)] == [302, 302]
    assert Dossier.objects.count() == 1


# ---- money -----------------------------------------------------------------------------------------------------------


def test_the_days_list_closing_and_file(counter, clerk):
    quick(clerk, name="=HYPERLINK(1)", pages="1", copies="5")
    quick(clerk, name="Lý Văn Tư", pay="transfer")
    url = reverse("cash")
    html = clerk.get(url).content.decode()
    assert "12.000" in html
    answer = clerk.post(url, {**fields(html), "counted": "9.000"})
    assert answer.status_code == 400
    assert "giải trình" in answer.content.decode()
    assert clerk.post(url, {**fields(html), "counted": "10.000"}).status_code == 302
    assert "khớp" in clerk.get(url).content.decode()
    file = clerk.get(reverse("cash_file")).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    assert ["=HYPERLINK(1)" in row for row in rows].count(True) == 1
    total = next(row for row in rows if row[0] == "Tổng cộng")
    assert total[6:9] == [10_000, 2_000, 12_000]


def test_money_of_a_dossier_by_its_page(counter, clerk, signed_in):
    send(clerk, filled_in(clerk))
    url = reverse("dossier_money", args=[Dossier.objects.get().pk])
    html = clerk.get(url).content.decode()
    key = re.search(r'name="request_key" value="([^"]+)"', html)[1]
    assert clerk.post(url, {"what": "collect", "amount": "9.000", "method": "cash"}).status_code == 400
    assert (
        clerk.post(url, {"what": "collect", "amount": "8.000", "method": "cash", "request_key": key}).status_code == 302
    )
    entry = MoneyEntry.objects.get(kind=MoneyKind.COLLECT).pk
    cashier = signed_in(counter.by_duty[Duty.CASHIER])
    assert cashier.post(url, {"what": "refund", "entry": entry, "reason": ""}).status_code == 400
    assert cashier.post(url, {"what": "refund", "entry": entry, "reason": "Nộp nhầm"}).status_code == 302
    assert charging.purse(Dossier.objects.get()).owed == 8_000
    for bad in ("", "x", "9" * 30, "-1", str(entry + 999)):
        assert cashier.post(url, {"what": "void", "entry": bad, "reason": "x"}).status_code == 400


# ---- mất mạng --------------------------------------------------------------------------------------------------------


def test_slips_reserved_entered_and_spoiled(counter, clerk, signed_in):
    url = reverse("offline")
    today = clock.today()
    made = clerk.post(url, {**fields(clerk.get(url).content.decode()), "day": f"{today:%d/%m/%Y}", "count": "4"})
    assert made.status_code == 302
    sheet = clerk.get(made["Location"]).content.decode()
    codes = list(Slip.objects.order_by("number").values_list("code", flat=True))
    assert all(code in sheet for code in codes)
    assert sheet.count("<svg") >= 4
    now = clock.now()
    actions.approve_catch_up(
        actor=counter.chair, unit=counter.xa_cau_ke, done_from=now - dt.timedelta(hours=30), done_to=now,
        enter_until=now + dt.timedelta(hours=5), reason="Mất mạng",
    )  # fmt: skip
    entry = reverse("paper_entry")
    typed = fields(clerk.get(entry).content.decode())
    midnight = clock.local(now).replace(hour=0, minute=1)
    typed |= {"time": f"{midnight:%H:%M}", "procedure": f"{on_form(counter)}", "name": "Nguyễn Văn Giấy", "amount": ""}
    answer = clerk.post(entry, typed)
    assert answer.status_code == 302, answer.content.decode()
    assert Dossier.objects.get().code == codes[0]
    assert clerk.post(entry, {**typed, "request_key": "x2"}).status_code == 400  # the slip is used
    assert clerk.post(entry, {**typed, "slip": "khong-co", "request_key": "x3"}).status_code == 400
    # A scanner types the address in the QR; a hand types the last figures.
    scanned = f"http://testserver{reverse('dossier_by_code')}?ma={codes[1].lower()}"
    assert fields(clerk.get(entry, {"ma": scanned}).content.decode())["slip"].upper() == codes[1]
    again = {**typed, "slip": scanned, "name": "Nguyễn Thị Quét", "request_key": "x4"}
    assert clerk.post(entry, again).status_code == 302
    assert Dossier.objects.get(applicant__name="Nguyễn Thị Quét").code == codes[1]
    by_hand = {**typed, "slip": codes[2][-4:].lstrip("0"), "name": "Nguyễn Văn Gõ", "request_key": "x5"}
    assert clerk.post(entry, by_hand).status_code == 302
    assert Dossier.objects.get(applicant__name="Nguyễn Văn Gõ").code == codes[2]
    spoiled = Slip.objects.get(code=codes[3])
    clerk.post(reverse("spoil_slip", args=[spoiled.pk]), {"reason": "Rách", "run": spoiled.run_id})
    spoiled.refresh_from_db()
    assert spoiled.spoiled == "Rách"


def on_form(cast):
    """The procedure as the form of paper slips names it."""
    usable(cast)
    return f"{CODE}@{cast.xa_cau_ke.pk}"


def test_a_quick_line_is_taken_back_with_a_leaders_word(counter, clerk):
    from motcua.procedures.models import Procedure
    from tests.support.cast import give_password

    line = receive_quick(
        actor=counter.receiver, procedure=Procedure.objects.get(code=COPY), unit=counter.xa_cau_ke, name="Kim Na",
        due=Due("Phí", 2_000, 2_000),
    )  # fmt: skip
    url = reverse("quick_void", args=[line.pk])
    typed = {**fields(clerk.get(url).content.decode()), "reason": "Ghi nhầm tên"}
    assert clerk.post(url, typed).status_code == 400
    password = give_password(counter.chair)
    done = clerk.post(url, {**typed, "approver_name": counter.chair.username, "approver_password": password})
    assert done.status_code == 302
    assert charging.purse(line).paid == 0
    assert "(hủy)" in clerk.get(reverse("quick")).content.decode()


# ---- anything in the address -----------------------------------------------------------------------------------------

ASKED = ["don-vi", "ngay", "thu-tuc", "co-quan", "viec", "tim"]


@pytest.mark.parametrize("name", ["quick", "cash", "cash_file", "offline", "paper_entry", "intake"])
def test_anything_behind_the_question_mark(name, clerk):
    for value in VALUES:
        answer = clerk.get(reverse(name), dict.fromkeys(ASKED, value))
        assert answer.status_code in (200, 302, 400, 403, 404), (value[:20], answer.status_code)
        assert b"<script>alert(1)" not in answer.content


@pytest.mark.parametrize(
    "address",
    [
        "/tiep-nhan/nhanh/{}/huy/",
        "/tiep-nhan/xong/{}/",
        "/ho-so/{}/phi/",
        "/mat-mang/phieu/{}/",
        "/mat-mang/phieu/{}/bo/",
    ],
)
def test_addresses_of_nothing(address, clerk):
    for place in PLACES:
        for answer in (
            clerk.get(address.format(place)),
            clerk.post(address.format(place), {"reason": "x", "run": place}),
        ):
            assert answer.status_code in (302, 400, 403, 404, 405), (place[:20], answer.status_code)


@pytest.mark.parametrize("value", ["\x00", "9" * 30, "<script>alert(1)</script>"])
def test_anything_in_the_form_is_refused_or_kept_as_text(value, clerk):
    typed = filled_in(clerk)
    names = [name for name in typed if name != "csrfmiddlewaretoken"]
    tries = [{**typed, name: value} for name in names[::2]] + [{**dict.fromkeys(names, value), "go_on": "1"}]
    for given in tries:
        answer = send(clerk, given)
        assert answer.status_code in (200, 302, 400, 404), answer.status_code
        assert b"<script>alert(1)" not in answer.content
