"""Reading somebody's data: every reading is written down, some must be explained, none can be taken out unnoticed."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from motcua.core import clock
from motcua.core.triggers import drop_append_only_sql
from motcua.desk.access_log import LogFilters
from motcua.dossiers.models import Attachment
from motcua.dossiers.readings import readings
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from motcua.parties import access, rights
from motcua.parties.actions import record_party
from motcua.parties.models import AccessSeal, AccessView, Party
from tests.desk.filing import attached, received
from tests.support.sql import max_queries


def text(response):
    return response.content.decode()


def page(pk):
    return reverse("dossier", args=[pk])


def test_every_reading_of_a_dossier_is_written_down(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    assert client.get(page(dossier.pk)).status_code == 200
    view = AccessView.objects.get()
    assert (view.user, view.duty, view.unit, view.about_unit) == (
        cast.receiver,
        Duty.RECEIVE,
        cast.xa_cau_ke,
        cast.xa_cau_ke,
    )
    assert (view.what, view.party_id, view.dossier, view.code) == (
        "dossier",
        dossier.applicant_id,
        dossier.pk,
        dossier.code,
    )
    assert view.reason == ""
    client.get(page(dossier.pk))
    client.get(reverse("person", args=[dossier.applicant_id]))
    assert list(AccessView.objects.order_by("pk").values_list("what", flat=True)) == ["dossier", "dossier", "party"]


def test_a_file_is_a_reading_and_a_refused_one_is_none(cast, signed_in):
    pk, attachment = attached(cast)
    assert signed_in(cast.other).get(reverse("download", args=[pk, attachment])).status_code == 404
    assert signed_in(cast.other).get(page(pk)).status_code == 404
    assert not AccessView.objects.exists()
    response = signed_in(cast.receiver).get(reverse("download", args=[pk, attachment]))
    assert b"".join(response.streaming_content)
    assert AccessView.objects.get().what == "file"
    assert Attachment.objects.filter(pk=attachment).exists()


def test_whoever_looks_in_from_above_says_why_once_a_day(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.above)
    asked = client.get(page(dossier.pk))
    assert "Lý do xem" in text(asked)
    assert "Sơn Văn Mẫu" not in text(asked), "nothing is shown before"
    assert not AccessView.objects.exists()
    url = reverse("access_reason", args=["ho-so", dossier.pk])
    for bad in ({"stock": ""}, {"stock": "other", "reason": "x"}):
        assert client.post(url, bad).status_code == 400
    assert not AccessView.objects.exists()
    given = {"stock": "Kiểm tra theo kế hoạch", "reason": "KH 45", "next": page(dossier.pk)}
    assert client.post(url, given)["Location"] == page(dossier.pk)
    assert "Sơn Văn Mẫu" in text(client.get(page(dossier.pk)))
    assert set(AccessView.objects.values_list("reason", flat=True)) == {"Kiểm tra theo kế hoạch: KH 45"}
    assert AccessView.objects.count() == 2
    tomorrow = clock.now() + dt.timedelta(days=1)
    with clock.at(tomorrow):
        assert access.reason_of(cast.above, dossier=dossier.pk) == ""
    hostile = client.post(url, {**given, "next": "https://elsewhere.example/"})
    assert hostile["Location"] == page(dossier.pk)


def test_a_restricted_person_s_dossier_is_explained_by_everybody(cast, signed_in):
    dossier = received(cast)
    rights.restrict(actor=cast.chair, party=dossier.applicant_id, basis="Đơn ngày 12/8")
    client = signed_in(cast.receiver)
    for url in (page(dossier.pk), reverse("person", args=[dossier.applicant_id])):
        assert "hạn chế xử lý" in text(client.get(url))
        assert "0900000001" not in text(client.get(url))
    assert not AccessView.objects.exists()
    assert "(hạn chế xử lý)" in text(client.get(reverse("search"), {"tim": "son van"}))


def test_lists_mask_and_the_page_does_not(cast, signed_in):
    dossier = received(cast)
    record_party(actor=None, name="x", invented=True)
    Party.objects.filter(pk=dossier.applicant_id).update(id_kind="cccd", id_number="084195000001")
    client = signed_in(cast.receiver)
    found = text(client.get(reverse("search"), {"tim": "sơn văn mẫu"}))
    assert "0********001" not in found.split("<tbody>")[0]
    assert "0********001" in found
    assert "0******001" in found
    assert "084195000001" not in found.split("<main")[1]
    assert "0900000001" not in found.split("<main")[1]
    shown = text(client.get(page(dossier.pk)))
    assert "084195000001" in shown


def test_a_search_page_costs_eight_statements(cast, signed_in):
    received(cast)
    client = signed_in(cast.receiver)
    client.get(reverse("search"), {"tim": "son"})
    with max_queries(8):
        assert "Sơn Văn Mẫu" in text(client.get(reverse("search"), {"tim": "son van"}))


def test_a_scanned_code_opens_its_dossier(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    for scanned in (dossier.code, f"https://mot-cua.example/ho-so/ma/?ma={dossier.code}", dossier.code.lower()):
        assert client.get(reverse("search"), {"tim": scanned})["Location"] == page(dossier.pk)
    assert "Không có hồ sơ nào" in text(signed_in(cast.other).get(reverse("search"), {"tim": dossier.code}))
    for odd in ({"tim": "\x00'\"<script>"}, {"tim": "x" * 400}, {"tim": "son", "truoc": "9" * 30}, {"truoc": "-1"}):
        response = client.get(reverse("search"), odd)
        assert response.status_code == 200
        assert "<script>" not in text(response).split("<main")[1]


def test_the_log_is_read_by_person_dossier_official_and_day(cast, signed_in):
    first, second = received(cast), received(cast)
    client = signed_in(cast.receiver)
    client.get(page(first.pk))
    signed_in(cast.by_duty[Duty.HANDLE]).get(page(second.pk))
    for asked, count in (
        ({}, 2),
        ({"code": first.code}, 1),
        ({"official": "mận"}, 1),
        ({"official": cast.by_duty[Duty.HANDLE].username}, 1),
        ({"person": "son van mau"}, 2),
        ({"person": "0900000001"}, 2),
        ({"person": "ai khac"}, 0),
        ({"what": "file"}, 0),
        ({"first_day": clock.today() + dt.timedelta(days=1)}, 0),
        ({"last_day": clock.today()}, 2),
        ({"last_day": clock.today() - dt.timedelta(days=1)}, 0),
    ):
        assert readings(SYSTEM, **asked).count() == count, asked
    inspector = signed_in(cast.by_duty[Duty.INSPECT])
    shown = inspector.get(reverse("access_log"), {"ho_so": first.code})
    assert cast.receiver.full_name in text(shown)
    assert second.code not in text(shown)
    assert set(LogFilters().fields) == {"nguoi_dan", "ho_so", "nguoi_xem", "cach", "tu", "den"}
    elsewhere = signed_in(cast.other).get(reverse("access_log"))
    assert first.code not in text(elsewhere)
    with max_queries(8):
        inspector.get(reverse("access_log"), {"nguoi_dan": "son van"})


def test_the_log_cannot_be_changed_and_what_is_taken_out_is_missed(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    for _ in range(3):
        client.get(page(dossier.pk))
    for harm in (
        lambda: AccessView.objects.update(reason="x"),
        lambda: AccessView.objects.all().delete(),
        lambda: AccessSeal.objects.all().delete(),
    ):
        access.seal(clock.now() + dt.timedelta(days=2))
        with pytest.raises(IntegrityError), transaction.atomic():
            harm()
    assert AccessSeal.objects.get(day=clock.today()).views == 3
    assert access.seal(clock.now() + dt.timedelta(days=2)) == "", "a day is sealed once"
    assert not list(access.check())
    with connection.cursor() as cursor:
        for statement in drop_append_only_sql(connection.vendor, "parties_accessview"):
            cursor.execute(statement)
    assert any("bẫy" in fault for fault in access.check())
    AccessView.objects.order_by("pk").last().delete()
    assert any("niêm 3 lượt, nay còn 2" in fault for fault in access.check())
    with connection.cursor() as cursor:
        for statement in drop_append_only_sql(connection.vendor, "parties_accessseal"):
            cursor.execute(statement)
    AccessSeal.objects.filter(day=clock.today()).update(views=2)
    assert any("đã bị sửa" in fault for fault in access.check())


def test_acts_on_a_person_by_their_pages(cast, signed_in):
    dossier = received(cast)
    pk = dossier.applicant_id
    client = signed_in(cast.receiver)
    edit = reverse("person_act", args=[pk, "sua"])
    form = client.get(edit).context["form"]
    typed = {"request_key": form["request_key"].value(), "name": "Sơn Văn Sửa", "kind": "person", "reason": "Gõ nhầm"}
    assert client.post(edit, typed)["Location"] == reverse("person", args=[pk])
    assert client.post(edit, typed)["Location"] == reverse("person", args=[pk]), "a second sending changes nothing"
    party = Party.objects.get(pk=pk)
    assert (party.name, party.changes.count()) == ("Sơn Văn Sửa", 1)
    shown = text(client.get(reverse("person", args=[pk])))
    assert "0******001" in shown, "what it said before is masked"
    assert reverse("person_act", args=[pk, "han-che"]) not in shown, "a leader's act"
    refused = client.post(reverse("person_act", args=[pk, "han-che"]), {"basis": "Đơn"})
    assert refused.status_code == 400
    assert "không có nhiệm vụ" in text(refused)
    assert client.get(reverse("person_act", args=[pk, "bay"])).status_code == 404
    consent = {"purpose": "notices", "given": "yes", "method": "spoken"}
    assert client.post(reverse("person_act", args=[pk, "dong-y"]), consent).status_code == 302
    chair = signed_in(cast.chair)
    assert reverse("retention") in text(chair.get(reverse("access_log")))
    assert chair.post(reverse("person_act", args=[pk, "han-che"]), {"basis": "Đơn 12/8"}).status_code == 302
    assert "Chưa đến hạn" in text(chair.post(reverse("person_act", args=[pk, "xoa"]), {"basis": "QĐ 1"}))


def test_doubles_are_offered_and_merged_by_page(cast, signed_in):
    first, second = received(cast), received(cast)  # one name and phone, no number: two records
    client = signed_in(cast.receiver)
    url = reverse("person_act", args=[first.applicant_id, "gop"])
    offered = [pk for pk, _ in client.get(url).context["form"].fields["double"].choices]
    assert offered == [second.applicant_id]
    assert client.post(url, {"double": second.applicant_id, "reason": "Một người"}).status_code == 302
    shown = text(client.get(reverse("person", args=[second.applicant_id])))
    assert first.code in shown
    assert second.code in shown
    assert "Gộp bản ghi trùng" in shown
    assert client.post(url, {"double": 999999, "reason": "Không có"}).status_code == 400


def test_a_register_that_leaves_the_house_is_a_reading_of_each_in_it(cast, signed_in):
    first, second = received(cast), received(cast)
    client = signed_in(cast.receiver)
    assert client.get(reverse("register_view")).status_code == 200
    assert not AccessView.objects.exists()
    assert client.get(reverse("register_view"), {"tep": "xlsx"}).status_code == 200
    kept = AccessView.objects.order_by("dossier").values_list("what", "dossier", "code", "party", "about_unit")
    assert list(kept) == [("export", d.pk, d.code, d.applicant_id, cast.xa_cau_ke.pk) for d in (first, second)]
