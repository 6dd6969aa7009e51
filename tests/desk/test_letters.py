"""Asking for more from ticked parts, proof of sending, whose answer is overdue, and signed results."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed
from motcua.core.triggers import drop_append_only_sql
from motcua.dossiers import actions, letters, provider, results
from motcua.dossiers import files as dossier_files
from motcua.dossiers.models import Attachment, ElectronicResult, Sending, StockReason, SupplementRequest
from motcua.dossiers.states import State
from motcua.org.models import Duty
from motcua.procedures.models import Part
from tests.desk.counting import at
from tests.desk.filing import PDF, received
from tests.desk.test_dossiers import act_url, form_of
from tests.desk.test_printing import NAMES, filed, said
from tests.papers.signing import SIGNER, authority, signed
from tests.support.sql import max_queries


def parts_of(dossier) -> list[Part]:
    return list(dossier.procedure_version.parts.order_by("position"))


def asked(cast, moment="05/08/2025 09:00", **more):
    """A dossier that waits for its applicant since then."""
    dossier = filed(cast, "04/08/2025 09:00")
    with clock.at(at(moment)):
        actions.request_supplement(
            actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk, items=["Đơn: thiếu chữ ký"], reason="Thiếu", **more
        )
    dossier.refresh_from_db()
    return dossier


# ---- the request -----------------------------------------------------------------------------------------------------


def test_a_request_is_ticked_together_and_its_letter_printed(cast, signed_in):
    dossier, handler = filed(cast, "04/08/2025 09:00"), cast.by_duty[Duty.HANDLE]
    letters.keep_reason(
        actor=handler,
        unit=cast.xa_cau_ke,
        text="chưa có chữ ký của các đồng sở hữu",
        procedure=dossier.procedure_version.procedure,
    )
    first, second, third = parts_of(dossier)
    with clock.at(at("05/08/2025 09:00")):
        client, url = signed_in(handler), act_url(dossier, "request_supplement")
        page = client.get(url).content.decode()
        assert all(name in page for name in NAMES)
        assert "Chưa có chữ ký của các đồng sở hữu" in page
        assert page.count("đã nhận") >= 2
        answer = client.post(
            url,
            {
                **form_of(client, url),
                f"giay_{first.pk}": "on",
                f"ly_do_{first.pk}": "chưa có chữ ký của các đồng sở hữu",
                f"them_{first.pk}": "ông A, bà B",
                f"ly_do_{third.pk}": letters.USUAL_REASONS[0],  # a reason without its tick means the tick
                "items": "Trích lục bản đồ\n\n",
                "reply_by": "04/09/2025",
            },
        )
        assert answer.status_code == 302, answer.content.decode()
        ask = SupplementRequest.objects.get(dossier=dossier)
        assert ask.items == [
            f"{NAMES[0]}: chưa có chữ ký của các đồng sở hữu; ông A, bà B",
            f"{NAMES[2]}: chưa có",
            "Trích lục bản đồ",
        ]
        assert ask.reply_by == dt.date(2025, 9, 4)
        letter = said(client, "paper", dossier.pk, "supplement")
    assert NAMES[1] not in letter
    for wanted in (f"1. {NAMES[0]}", "2. ", "3. Trích lục bản đồ", "đến hết ngày 04 tháng 9 năm 2025", "Thạch Văn Ổi"):
        assert wanted in letter, wanted
    assert second.name in NAMES


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"items": "  \n "},
        {"items": "Tờ khai", "reason": "Thiếu", "reply_by": "01/01/2020"},
        {"items": "Tờ khai", "reason": "Thiếu", "reply_by": "01/01/2099"},
        {"items": "Tờ khai", "reason": "Thiếu", "ly_do_{part}": "lý do tự chế"},
        {"items": "Tờ khai", "reason": "Thiếu", "them_{part}": "x" * 301},
    ],
)
def test_a_request_that_says_nothing_or_too_much_changes_nothing(cast, signed_in, typed):
    dossier = filed(cast, "04/08/2025 09:00")
    part = parts_of(dossier)[0]
    with clock.at(at("05/08/2025 09:00")):
        client, url = signed_in(cast.by_duty[Duty.HANDLE]), act_url(dossier, "request_supplement")
        data = {key.format(part=part.pk): value for key, value in typed.items()}
        answer = client.post(url, {**form_of(client, url), **data})
    assert answer.status_code == 400
    assert not SupplementRequest.objects.exists()
    dossier.refresh_from_db()
    assert dossier.state != State.WAITING_SUPPLEMENT


# ---- stock reasons ---------------------------------------------------------------------------------------------------


def test_stock_reasons_are_kept_by_unit_and_procedure(cast, signed_in):
    dossier, handler = filed(cast, "04/08/2025 09:00"), cast.by_duty[Duty.HANDLE]
    other = received(cast).procedure_version.procedure
    client, url = signed_in(handler), reverse("stock_reasons", args=["1.012756"])
    client.post(url, {"unit": "29308", "text": "riêng thủ tục này"})
    client.post(url, {"unit": "29308", "text": "mọi thủ tục", "for_all": "on"})
    client.post(url, {"unit": "29308", "text": "mọi thủ tục", "for_all": "on"})
    assert client.post(url, {"unit": "29317", "text": "đơn vị khác"}).status_code == 400
    assert client.post(url, {"unit": "29308", "text": "x" * 301}).status_code == 400
    units, own = [cast.xa_cau_ke.pk], dossier.procedure_version.procedure_id
    assert letters.stock_reasons(units, own) == ["riêng thủ tục này", "mọi thủ tục", *letters.USUAL_REASONS]
    assert letters.stock_reasons(units, other.pk) == ["mọi thủ tục", *letters.USUAL_REASONS]
    assert letters.stock_reasons([cast.xa_an_phu_tan.pk], own) == list(letters.USUAL_REASONS)
    kept = StockReason.objects.get(text="mọi thủ tục")
    assert signed_in(cast.other).post(reverse("drop_reason", args=["1.012756", kept.pk])).status_code == 302
    kept.refresh_from_db()
    assert kept.removed_at is None  # somebody of another unit has no say
    client.post(reverse("drop_reason", args=["1.012756", kept.pk]))
    assert "mọi thủ tục" not in letters.stock_reasons(units, own)


# ---- proof of sending ------------------------------------------------------------------------------------------------


def test_sending_is_proven_by_date_channel_number_and_person(cast, signed_in):
    dossier = asked(cast)
    ask = dossier.supplements.get()
    with clock.at(at("06/08/2025 09:00")):
        client, url = signed_in(cast.receiver), reverse("sendings", args=[dossier.pk])
        page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
        assert "Chưa ghi lần gửi phiếu" in page
        given = {"letter": f"supplement:{ask.pk}", "sent_on": "05/08/2025", "channel": "post"}
        assert client.post(url, given).status_code == 400  # post without its number proves nothing
        assert client.post(url, {**given, "number": "RM1", "sent_on": "07/08/2025"}).status_code == 400  # tomorrow
        assert client.post(url, {**given, "number": "RM1", "sent_on": "04/08/2025"}).status_code == 400  # before asking
        assert client.post(url, {**given, "number": "RM1", "letter": "receipt:0"}).status_code == 400
        assert not Sending.objects.exists()
        key = client.get(url).context["form"]["request_key"].value()
        for _ in range(2):  # a double click is one sending
            assert client.post(url, {**given, "number": "RM123VN", "request_key": key}).status_code == 302
        (sent,) = Sending.objects.all()
        assert (sent.supplement, sent.sent_on, sent.number, sent.actor) == (
            ask,
            dt.date(2025, 8, 5),
            "RM123VN",
            cast.receiver,
        )
        page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
        assert "Phiếu đã gửi 05/08/2025, số RM123VN, Lâm Thị Mận" in page


def test_proof_is_never_changed(cast):
    dossier = asked(cast)
    with clock.at(at("06/08/2025 09:00")):
        sent = letters.record_sending(
            actor=cast.receiver, dossier=dossier.pk, paper="supplement", sent_on=dt.date(2025, 8, 6), channel="hand"
        )
    for change in (lambda: sent.delete(), lambda: Sending.objects.filter(pk=sent.pk).update(number="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_verify_says_when_proof_could_be_changed(db):
    assert not [found for found in provider._check_series() if "dossiers_sending" in found]
    with connection.cursor() as cursor:
        for statement in drop_append_only_sql(connection.vendor, "dossiers_sending"):
            cursor.execute(statement)
    assert [found for found in provider._check_series() if "dossiers_sending" in found]


def test_who_has_no_duty_proves_nothing(cast):
    dossier = asked(cast)
    for person in (cast.by_duty[Duty.REFORM], cast.other, cast.stranger):
        with pytest.raises(NotAllowed), clock.at(at("06/08/2025 09:00")):
            letters.record_sending(
                actor=person, dossier=dossier.pk, paper="supplement", sent_on=dt.date(2025, 8, 6), channel="hand"
            )
    with pytest.raises(Invalid), clock.at(at("06/08/2025 09:00")):
        letters.record_sending(
            actor=cast.receiver,
            dossier=dossier.pk,
            paper="apology",
            supplement=dossier.supplements.get().pk,
            sent_on=dt.date(2025, 8, 6),
            channel="hand",
        )


# ---- whose answer is overdue -----------------------------------------------------------------------------------------


def test_who_waits_longer_than_n_days_and_how_it_ends(cast, signed_in):
    dossier = asked(cast, reply_by=None)
    ask = dossier.supplements.get()
    with clock.at(at("04/09/2025 09:00")):
        client, url = signed_in(cast.chair), reverse("waiting")
        assert dossier.code not in client.get(url).content.decode()  # the thirtieth day is not over thirty
        assert dossier.code in client.get(url, {"ngay": "29"}).content.decode()
        assert dossier.code not in signed_in(cast.other).get(url, {"ngay": "0"}).content.decode()
    with clock.at(at("05/09/2025 09:00")):
        client = signed_in(cast.chair)
        page = client.get(url).content.decode()
        assert dossier.code in page
        assert ">31 ngày<" in page
        letter = said(client, "paper", dossier.pk, "expired", so=ask.pk)
        assert "sau 31 ngày" in letter
        assert "sẽ kết thúc việc giải quyết" in letter
        client.post(
            reverse("sendings", args=[dossier.pk]),
            {"letter": f"expired:{ask.pk}", "sent_on": "05/09/2025", "channel": "post", "number": "RM9"},
        )
        assert "thông báo hết hạn 05/09/2025" in client.get(url).content.decode()
        actions.stop(actor=cast.chair, dossier=dossier.pk, reason="Quá hạn bổ sung.")
        assert dossier.code not in client.get(url).content.decode()
        closed = said(client, "paper", dossier.pk, "expired", so=ask.pk)
    assert "kết thúc việc giải quyết hồ sơ nêu trên kể từ ngày 05 tháng 9 năm 2025" in closed
    assert "Nguyễn Văn Xoài" in closed


def test_the_applicants_own_limit_is_shown_when_over(cast, signed_in):
    dossier = filed(cast, "04/08/2025 09:00")
    with clock.at(at("05/08/2025 09:00")):
        actions.request_supplement(
            actor=cast.by_duty[Duty.HANDLE],
            dossier=dossier.pk,
            items=["Tờ khai"],
            reason="Thiếu",
            reply_by=dt.date(2025, 8, 20),
        )
    for moment, over in (("20/08/2025 16:00", False), ("21/08/2025 08:00", True)):
        with clock.at(at(moment)):
            page = signed_in(cast.receiver).get(reverse("waiting"), {"ngay": "0"}).content.decode()
        assert ("Đã hết hạn" in page) is over
        # The notice that the time is over is not printed before it is.
        with clock.at(at(moment)):
            notice = signed_in(cast.receiver).get(reverse("paper", args=[dossier.pk, "expired"]))
        assert notice.status_code == (200 if over else 404)


def test_the_waiting_list_costs_few_statements(cast):
    for _ in range(3):
        dossier = received(cast)
        actions.request_supplement(actor=cast.receiver, dossier=dossier.pk, items=["Tờ khai"], reason="Thiếu")
    from motcua.org import queries as org

    with clock.at(clock.now() + dt.timedelta(days=40)), max_queries(3):
        rows = letters.waiting_rows(list(letters.waiting_longer(org.SYSTEM, 30)))
    assert len(rows) == 3


# ---- signed results --------------------------------------------------------------------------------------------------


@pytest.fixture
def trust(settings, tmp_path):
    settings.TRUST_DIR = tmp_path / "trust"
    settings.TRUST_DIR.mkdir()
    return settings.TRUST_DIR


def send(client, dossier, content: bytes, kind: str = "result"):
    file = SimpleUploadedFile("ket-qua.pdf", content, content_type="application/pdf")
    return client.post(reverse("upload", args=[dossier.pk]), {"file": file, "kind": kind})


def test_a_signed_result_is_verified_kept_and_verified_again_when_the_root_is_known(cast, signed_in, trust):
    dossier, client = received(cast), signed_in(cast.receiver)
    assert send(client, dossier, signed(authority().signer())).status_code == 302
    kept = ElectronicResult.objects.get(attachment__dossier=dossier)
    assert kept.verdict == "unknown"
    page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert "Chưa xác định người ký" in page
    (trust / "goc.crt").write_bytes(authority().der)
    assert client.post(reverse("check_result", args=[dossier.pk, kept.attachment_id])).status_code == 302
    page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert f"Chữ ký số hợp lệ của {SIGNER}" in page
    kept.refresh_from_db()
    assert (kept.verdict, kept.signatures[0]["name"]) == ("valid", SIGNER)
    stranger = signed_in(cast.other)
    stranger.post(reverse("check_result", args=[dossier.pk, kept.attachment_id]))
    assert stranger.get(reverse("dossier", args=[dossier.pk])).status_code == 404


def test_a_tampered_result_is_kept_and_called_so_in_red(cast, signed_in, trust):
    (trust / "goc.pem").write_bytes(authority().pem)
    content = bytearray(signed(authority().signer()))
    content[len(content) // 5] ^= 1
    dossier, client = received(cast), signed_in(cast.receiver)
    assert send(client, dossier, bytes(content)).status_code == 302
    page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert "Chữ ký số không hợp lệ" in page
    assert f"Nội dung đã bị sửa sau khi {SIGNER} ký." in page


def test_a_broken_result_is_refused_and_nothing_is_kept(cast, signed_in, trust):
    dossier, client = received(cast), signed_in(cast.receiver)
    answer = send(client, dossier, PDF)
    assert answer.status_code == 400
    assert "hỏng, không đọc được" in answer.content.decode()
    assert not Attachment.objects.exists()
    # A scanned part of the dossier is not looked into: it proves nothing.
    assert send(client, dossier, PDF, "part").status_code == 302
    assert not ElectronicResult.objects.exists()


def test_a_result_that_came_another_way_is_examined_on_asking(cast, signed_in, trust):
    dossier, client = received(cast), signed_in(cast.receiver)
    made = dossier_files.attach(
        actor=cast.receiver,
        dossier=dossier.pk,
        name="quyet-dinh.pdf",
        chunks=[signed(authority().signer())],
        kind="result",
    )
    assert "Kiểm tra chữ ký số" in client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    client.post(reverse("check_result", args=[dossier.pk, made.pk]))
    assert ElectronicResult.objects.get(attachment=made).verdict == "unknown"
    for kind in ("part", "evidence"):
        other = dossier_files.attach(actor=cast.receiver, dossier=dossier.pk, name="a.pdf", chunks=[PDF], kind=kind)
        client.post(reverse("check_result", args=[dossier.pk, other.pk]))
    assert ElectronicResult.objects.count() == 1


def test_a_result_too_large_is_refused_before_it_is_read(cast, monkeypatch):
    dossier = received(cast)
    monkeypatch.setattr("motcua.papers.files.LIMIT", 1024)
    chunks = (b"%PDF-1.7" + b"x" * 1000 for _ in range(5))
    with pytest.raises(Invalid, match="lớn quá"):
        results.add_file(actor=cast.receiver, dossier=dossier.pk, name="to.pdf", chunks=chunks, kind="result")
    assert not Attachment.objects.exists()


def test_a_result_needs_the_duty_as_any_file(cast, trust):
    dossier = received(cast)
    with pytest.raises(NotAllowed):
        results.add_file(
            actor=cast.other, dossier=dossier.pk, name="a.pdf", chunks=[signed(authority().signer())], kind="result"
        )
    assert not Attachment.objects.exists()
