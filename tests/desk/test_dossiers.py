"""The dossier pages, as the people at the desk use them."""

import datetime as dt

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.desk.listing import listing
from motcua.dossiers import actions, sheets
from motcua.dossiers.models import Attachment, Dossier, SupplementRequest
from motcua.dossiers.states import Act, State
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import Duty
from tests.desk.filing import CODE, PDF, attached, received, usable
from tests.support.cast import give_password
from tests.support.sql import max_queries


def act_url(dossier, act):
    return reverse("act", args=[dossier.pk, act])


def handler(cast):
    return cast.by_duty[Duty.HANDLE]


def form_of(client, url):
    """The hidden fields of a form page, as a browser would send them."""
    page = client.get(url)
    assert page.status_code == 200, page.content.decode()[:2000]
    form = page.context["form"]
    return {"version": page.context["sheet"].version, "request_key": form["request_key"].value()}


def test_my_work_lists_what_i_hold_by_due_date(cast, signed_in):
    dossier = received(cast)
    page = signed_in(cast.receiver).get(reverse("work")).content.decode()
    assert dossier.code in page
    assert "còn" in page
    assert "Sơn Văn Mẫu" in page
    elsewhere = signed_in(handler(cast)).get(reverse("work")).content.decode()
    assert dossier.code not in elsewhere


def test_search_forgives_missing_diacritics_and_is_kept_in_the_address(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    assert dossier.code in client.get(reverse("dossiers"), {"tim": "son van mau"}).content.decode()
    assert dossier.code in client.get(reverse("dossiers"), {"tim": dossier.code}).content.decode()
    nothing = client.get(reverse("dossiers"), {"tim": "khong co ai"}).content.decode()
    assert "Bỏ lọc" in nothing


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "<script>", "\ufeff", "a" * 500, "đ\u0300"])
def test_odd_searches_find_nothing_and_break_nothing(cast, signed_in, text):
    received(cast)
    page = signed_in(cast.receiver).get(reverse("dossiers"), {"tim": text, "trang": "-1", "xep": "x"})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("<main", 1)[1]


def test_from_code_to_page(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    assert client.get(reverse("dossier_by_code"), {"ma": dossier.code})["Location"] == reverse(
        "dossier", args=[dossier.pk]
    )


def test_a_dossier_page_shows_its_story_and_the_act_that_is_due(cast, signed_in):
    dossier = received(cast)
    page = signed_in(cast.receiver).get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert "Tiếp nhận" in page
    assert act_url(dossier, "forward") in page
    assert act_url(dossier, "approve") not in page


def test_one_dossier_costs_six_statements(cast):
    pk, _ = attached(cast)
    today = clock.today()
    scope = org.scope(cast.receiver, Duty.RECEIVE, today)
    held = [(d, u.pk) for d, u in org.duties(cast.receiver, today)]
    sheets.sheet(scope, pk, user=cast.receiver, held=held)  # compile the calendar once
    with max_queries(6):
        found = sheets.sheet(scope, pk, user=cast.receiver, held=held)
    assert [a.name for a in found.attachments] == ["ban-sao.pdf"]
    assert Act.FORWARD in found.acts


def test_pages_of_a_list_follow_one_another_in_its_order(cast, signed_in, monkeypatch):
    made = [received(cast).code for _ in range(5)]
    monkeypatch.setitem(listing.__kwdefaults__, "size", 2)
    client = signed_in(cast.receiver)

    def shown(**query):
        return [row.dossier.code for row in client.get(reverse("dossiers"), query).context["rows"]]

    for order in ("ma", "-ma"):
        told = [code for page in (1, 2, 3) for code in shown(xep=order, trang=page)]
        assert told == (made if order == "ma" else made[::-1])
    assert shown(xep="ma", trang=99) == made[4:], "a page that is no more is the last"
    assert shown(xep="ma", tim="khong co ai") == []


def test_a_list_costs_eight_statements_page_and_all(cast, signed_in):
    for _ in range(3):
        received(cast)
    client = signed_in(cast.receiver)
    client.get(reverse("dossiers"))
    with max_queries(8):
        client.get(reverse("dossiers"))


def test_forwarding_by_the_form(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), act_url(dossier, "forward")
    done = client.post(url, {**form_of(client, url), "holder": handler(cast).pk, "note": "Xem giúp"})
    assert done.status_code == 302
    dossier.refresh_from_db()
    assert (dossier.state, dossier.holder_id) == (State.PROCESSING, handler(cast).pk)


def test_sending_the_same_form_twice_acts_once(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), act_url(dossier, "forward")
    typed = {**form_of(client, url), "holder": handler(cast).pk}
    client.post(url, typed)
    again = client.post(url, typed)
    assert again.status_code == 302
    assert dossier.item.events.count() == 2


def test_errors_come_back_with_everything_that_was_typed(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), act_url(dossier, "request_supplement")
    page = client.post(url, {**form_of(client, url), "items": "Bản sao giấy khai sinh", "reason": ""})
    text = page.content.decode()
    assert page.status_code == 400
    assert "Bản sao giấy khai sinh" in text
    assert "Còn một chỗ cần sửa" in text
    assert not SupplementRequest.objects.exists()


def test_who_comes_second_is_told_and_keeps_the_text(cast, signed_in):
    dossier = received(cast)
    client, url = signed_in(cast.receiver), act_url(dossier, "request_supplement")
    typed = form_of(client, url)
    actions.forward(actor=cast.receiver, dossier=dossier.pk, holder=handler(cast))
    page = client.post(url, {**typed, "items": "Tờ khai", "reason": "Thiếu chữ ký"})
    assert page.status_code == 400
    assert "người khác" in page.content.decode()
    assert "Thiếu chữ ký" in page.content.decode()
    version = page.context["sheet"].version
    done = client.post(url, {**typed, "version": version, "items": "Tờ khai", "reason": "Thiếu chữ ký"})
    assert done.status_code == 302


def test_every_act_has_a_page_for_who_may_do_it(cast, signed_in):
    """Each act the state machine knows can be reached by a form, in a state that admits it."""
    from motcua.desk.acts import SPECS

    assert set(SPECS) == set(Act) - {Act.SUBMIT, Act.REASSIGN}


def test_voiding_needs_the_leaders_own_password(cast, signed_in):
    dossier = received(cast)
    head = cast.by_duty[Duty.HEAD]
    password = give_password(head)
    client, url = signed_in(cast.receiver), act_url(dossier, "void")
    typed = {**form_of(client, url), "target": "1", "reason": "Nhầm người", "approver_name": head.username}
    wrong = client.post(url, {**typed, "approver_password": "sai mật khẩu"})
    assert wrong.status_code == 400
    dossier.refresh_from_db()
    assert dossier.state == State.RECEIVED
    assert "sai mật khẩu" not in wrong.content.decode()
    done = client.post(url, {**typed, "approver_password": password})
    assert done.status_code == 302
    dossier.refresh_from_db()
    assert dossier.state == State.VOIDED


def test_acting_by_address_without_the_duty_is_forbidden(cast, signed_in):
    dossier = received(cast)
    assert signed_in(cast.receiver).get(act_url(dossier, "approve")).status_code == 403
    assert signed_in(cast.receiver).get(act_url(dossier, "no-such-act")).status_code == 404


# ---- the counter -----------------------------------------------------------------------------------------------------


def test_the_counter_finds_a_procedure_and_explains_the_due_date(cast, signed_in):
    usable(cast)
    client = signed_in(cast.receiver)
    assert "Đăng ký biến động" in client.get(reverse("intake"), {"tim": "dang kí biên dongg"}).content.decode()
    page = client.get(reverse("receive", args=[CODE])).content.decode()
    assert "Nếu tiếp nhận bây giờ" in page
    assert "5 ngày làm việc" in page


def test_accepting_at_the_counter(cast, signed_in):
    usable(cast)
    client, url = signed_in(cast.receiver), reverse("receive", args=[CODE])
    form = client.get(url).context["form"]
    typed = {
        "request_key": form["request_key"].value(),
        "name": "Thạch Thị Mẫu",
        "kind": "person",
        "id_kind": "cccd",
        "id_number": "084195000001",
        "phone": "0912 345 678",
        "commune": cast.xa_cau_ke.code,
        "channel": "direct",
        "copies": "1",
        "result_method": "counter",
    }
    done = client.post(url, typed)
    assert done.status_code == 302, done.content.decode()
    made = Dossier.objects.get()
    assert done["Location"] == reverse("received", args=[made.pk])
    assert made.applicant.phone == "0912345678"
    assert made.applicant.commune == cast.xa_cau_ke
    assert made.holder == cast.receiver
    client.post(url, typed)
    assert Dossier.objects.count() == 1


def test_a_wrong_identity_number_is_said_beside_its_field(cast, signed_in):
    usable(cast)
    client, url = signed_in(cast.receiver), reverse("receive", args=[CODE])
    typed = {
        "name": "Thạch Thị Mẫu",
        "kind": "person",
        "id_kind": "cccd",
        "id_number": "0841",
        "channel": "direct",
        "copies": "1",
        "result_method": "counter",
    }
    page = client.post(url, typed)
    assert page.status_code == 400
    assert "12 chữ số" in page.content.decode()
    assert not Dossier.objects.exists()


def test_resolved_and_handed_over_at_the_counter(cast, signed_in):
    usable(cast)
    client, url = signed_in(cast.receiver), reverse("receive", args=[CODE])
    typed = {
        "name": "Kim Văn Mẫu",
        "kind": "person",
        "channel": "direct",
        "copies": "2",
        "result_method": "counter",
        "at_once": "1",
    }
    assert client.post(url, typed).status_code == 302
    assert Dossier.objects.get().state == State.HANDED_OVER


# ---- files -----------------------------------------------------------------------------------------------------------


def test_files_are_kept_by_content_and_served_to_who_may_see(cast, signed_in, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.UPLOADS = tmp_path
    dossier = received(cast)
    client = signed_in(cast.receiver)
    for name in ("../../etc/passwd", "a.exe"):
        sent = {"file": SimpleUploadedFile(name, PDF), "kind": "part"}
        assert client.post(reverse("upload", args=[dossier.pk]), sent).status_code == 302
    first, second = Attachment.objects.order_by("pk")
    assert first.blob == second.blob
    assert (first.name, second.name, first.blob.references) == ("passwd.pdf", "a.pdf", 2)
    url = reverse("download", args=[dossier.pk, first.pk])
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert signed_in(cast.other).get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b""),
        ("a.pdf", b"<html><script>alert(1)</script></html>"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
        ("a.exe", b"MZ" + b"\0" * 200),
    ],
)
def test_files_of_another_kind_are_refused(cast, signed_in, settings, tmp_path, name, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.UPLOADS = tmp_path
    dossier = received(cast)
    sent = {"file": SimpleUploadedFile(name, content), "kind": "part"}
    page = signed_in(cast.receiver).post(reverse("upload", args=[dossier.pk]), sent)
    assert page.status_code == 400
    assert not Attachment.objects.exists()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_working_time_reads_as_people_think():
    from motcua.desk.dossiers import working_time

    assert working_time(8 * 60 + 180) == "còn 1 ngày 3 giờ làm việc"
    assert working_time(-45) == "quá 45 phút làm việc"
    assert working_time(0) == "còn 0 phút làm việc"
    assert working_time(-(16 * 60)) == "quá 2 ngày làm việc"


def test_yesterdays_page_is_no_longer_the_truth(cast, signed_in):
    """A page left open over night: the act is refused or done on today's truth, never on yesterday's."""
    dossier = received(cast)
    client, url = signed_in(cast.receiver), act_url(dossier, "forward")
    typed = form_of(client, url)
    actions.return_dossier(actor=cast.receiver, dossier=dossier.pk, reason="Không thuộc thẩm quyền")
    page = client.post(url, {**typed, "holder": handler(cast).pk})
    assert page.status_code == 400
    dossier.refresh_from_db()
    assert dossier.state == State.RETURNED
    assert dossier.ended_at > clock.now() - dt.timedelta(minutes=5)


def test_a_person_without_papers_sent_twice_is_one_person_and_one_dossier(cast, signed_in):
    from motcua.parties.models import Party

    usable(cast)
    client, url = signed_in(cast.receiver), reverse("receive", args=[CODE])
    form = client.get(url).context["form"]
    typed = {
        "request_key": form["request_key"].value(),
        "name": "Không Giấy Tờ",
        "kind": "person",
        "submitter": "Nộp Thay",
        "channel": "direct",
        "copies": "1",
        "result_method": "counter",
    }
    first, again = client.post(url, typed), client.post(url, typed)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert (Dossier.objects.count(), Party.objects.filter(name__in=["Không Giấy Tờ", "Nộp Thay"]).count()) == (1, 2)


@pytest.mark.parametrize("channel", ["", "fax", "<b>"])
def test_an_unknown_channel_is_said_not_stumbled_over(cast, signed_in, channel):
    usable(cast)
    typed = {"name": "A", "kind": "person", "channel": channel, "copies": "1", "result_method": "counter"}
    assert signed_in(cast.receiver).post(reverse("receive", args=[CODE]), typed).status_code == 400


@pytest.mark.parametrize("version", ["²", "-1", "9" * 5000, "x"])
def test_an_odd_version_is_no_error_of_the_server(cast, signed_in, version):
    dossier = received(cast)
    url = act_url(dossier, "forward")
    page = signed_in(cast.receiver).post(url, {"version": version, "holder": handler(cast).pk})
    assert page.status_code in (302, 400)


def test_a_correction_touches_only_what_was_filled_in(cast, signed_in):
    dossier = received(cast)
    before = Dossier.objects.get(pk=dossier.pk).received_at
    head = cast.by_duty[Duty.HEAD]
    typed = {
        "channel": "post",
        "reason": "Nhận qua bưu chính",
        "approver_name": head.username,
        "approver_password": give_password(head),
    }
    client, url = signed_in(cast.receiver), act_url(dossier, "correct_acceptance")
    assert client.post(url, {**typed, "channel": ""}).status_code == 400
    assert client.post(url, typed).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.channel, dossier.received_at) == ("post", before)


def test_what_was_voided_is_entered_anew_with_its_evidence(cast, signed_in):
    """Beyond the time allowed for late entries: by a leader, with another's word, and with what shows when it was."""
    then, head, chair = clock.now() - dt.timedelta(days=8), cast.by_duty[Duty.HEAD], cast.chair
    with clock.at(then):
        dossier = received(cast)
    with clock.at(then + dt.timedelta(hours=2)):
        actions.resolve(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk)
    end = Event.objects.get(item=dossier.item, verb="resolve")
    actions.void_event(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk, seq=end.seq, reason="Nhầm", approver=head)
    client, url = signed_in(head), act_url(dossier, "resolve")
    typed = {
        **form_of(client, url),
        "outcome": "granted",
        "reason": "Nhầm giờ",
        "occurred_at": f"{clock.local(then + dt.timedelta(hours=1)):%H:%M %d/%m/%Y}",
        "approver_name": chair.username,
        "approver_password": give_password(chair),
    }
    refused = client.post(url, typed)
    assert refused.status_code == 400
    assert "phải ghi chứng cứ" in refused.content.decode()
    assert 'href="#id_evidence"' in refused.content.decode()
    assert client.post(url, {**typed, "evidence": "Sổ giao nhận số 12"}).status_code == 302
    shown = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert "Chứng cứ: Sổ giao nhận số 12" in shown
