"""Bàn giao and đợt nhập bù on their pages."""

import datetime as dt

from django.urls import reverse

from motcua.core import clock
from motcua.dossiers.models import CatchUpWindow, Dossier, HandOverRecord
from motcua.org.models import Duty
from tests.desk.filing import received


def test_everything_i_hold_goes_to_a_colleague_with_a_record(cast, signed_in):
    dossier = received(cast)
    client, taker = signed_in(cast.receiver), cast.by_duty[Duty.HANDLE]
    page = client.get(reverse("hand_over"))
    assert f"{cast.receiver.full_name} (1 hồ sơ đang giữ)" in page.content.decode()
    form = page.context["form"]
    typed = {
        "request_key": form["request_key"].value(),
        "unit": cast.xa_cau_ke.code,
        "from_user": cast.receiver.pk,
        "to_user": taker.pk,
        "reason": "Nghỉ phép",
    }
    done = client.post(reverse("hand_over"), typed)
    record = HandOverRecord.objects.get()
    assert done["Location"] == reverse("hand_over_record", args=[record.pk])
    assert Dossier.objects.get().holder == taker
    page = client.get(done["Location"]).content.decode()
    assert dossier.code in page
    assert taker.full_name in page


def test_nobody_hands_over_what_a_colleague_holds(cast, signed_in):
    received(cast)
    clerk = cast.by_duty[Duty.CLERK]
    typed = {
        "unit": cast.xa_cau_ke.code,
        "from_user": cast.receiver.pk,
        "to_user": cast.by_duty[Duty.HANDLE].pk,
        "reason": "x",
    }
    assert signed_in(clerk).post(reverse("hand_over"), typed).status_code == 400
    assert Dossier.objects.get().holder == cast.receiver


def test_a_leader_approves_a_catch_up_window(cast, signed_in):
    now = clock.local(clock.now())
    hour = dt.timedelta(hours=1)
    typed = {
        "unit": cast.xa_cau_ke.code,
        "done_from": f"{now - 3 * hour:%H:%M %d/%m/%Y}",
        "done_to": f"{now - hour:%H:%M %d/%m/%Y}",
        "enter_until": f"{now + 24 * hour:%H:%M %d/%m/%Y}",
        "reason": "Mất điện",
    }
    client = signed_in(cast.chair)
    assert client.post(reverse("catch_up"), {**typed, "done_to": typed["done_from"]}).status_code == 400
    assert client.post(reverse("catch_up"), typed).status_code == 302
    assert CatchUpWindow.objects.get().approved_by == cast.chair
    assert "Mất điện" in client.get(reverse("catch_up")).content.decode()


def test_dates_are_moved_by_decision_only_after_they_were_counted(cast, signed_in):
    dossier = received(cast)
    due = dossier.due_at
    typed = {
        "unit": cast.xa_cau_ke.code,
        "include_beneath": "on",
        "days": "2",
        "decision": "12/QĐ-UBND",
        "reason": "Bão",
        "ended_from": "",
    }
    client = signed_in(cast.chair)
    page = client.post(reverse("move_dates"), typed).content.decode()
    assert "Sẽ dời hạn 1 hồ sơ" in page
    # Nothing was counted for this question, so nothing is moved yet.
    asked = f"{cast.xa_cau_ke.pk}:True:"
    assert client.post(reverse("move_dates"), {**typed, "move": "1", "counted": "0:True:"}).status_code == 200
    dossier.refresh_from_db()
    assert dossier.due_at == due
    done = client.post(reverse("move_dates"), {**typed, "move": "1", "counted": asked}, follow=True).content.decode()
    dossier.refresh_from_db()
    assert dossier.due_at > due
    assert "Đã dời hạn 1 hồ sơ theo 12/QĐ-UBND" in done
    assert client.post(reverse("move_dates"), {**typed, "days": "0"}).status_code == 400
