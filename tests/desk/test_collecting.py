"""Results nobody has collected: on which shelf, since when, reminded at 7 and 30 days, collected with a paper."""

import datetime as dt
import re
from typing import Any

import pytest

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid, NotAllowed
from motcua.core.models import Outbox
from motcua.dossiers import actions, shelf
from motcua.dossiers.models import CollectionReminder, Dossier, Note, ShelfPlace
from motcua.ledger import ticking
from motcua.org.models import Duty
from motcua.parties.actions import Particulars
from tests.desk.counting import at, ended, received
from tests.support.cast import Cast
from tests.support.sql import max_queries

URL = "/ket-qua-chua-nhan/"
NOW = "21/08/2025 09:00"


def page(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def waiting(cast: Cast) -> dict[int, Dossier]:
    """Results by how many days they have waited on 21/8: 3, 8, 36 days; and one still in work (0)."""
    found = {}
    for days, day in ((36, "16/07"), (8, "13/08"), (3, "18/08")):
        made = received(cast, f"{day}/2025 08:00")
        ended(cast, made, f"{day}/2025 15:00")
        found[days] = Dossier.objects.get(pk=made.pk)
    found[0] = received(cast, "20/08/2025 08:00")
    return found


def test_the_list_says_who_since_when_and_where_it_lies(cast: Cast, on: Any, waiting: Any) -> None:
    with on(NOW, cast.receiver) as client:
        client.get("/toi/")
        with max_queries(14):
            html = page(client.get(URL))
        assert html.index(waiting[36].code) < html.index(waiting[8].code) < html.index(waiting[3].code)
        assert waiting[0].code not in html
        assert "Kết quả chưa nhận: 3" in html
        assert waiting[3].code not in page(client.get(URL + "?cho=7"))
        assert waiting[8].code not in page(client.get(URL + "?cho=30"))
        assert waiting[36].code in page(client.get(URL + "?cho=30"))
        # Code and place, Enter; the place stays for the next one.
        sent = client.post(URL, {"ma": waiting[8].code, "ke": "A3-12", "request_key": "k1"})
        assert sent["Location"] == f"{URL}?ke=A3-12"
        html = client.get(sent["Location"]).content.decode()
        assert 'value="A3-12"' in html
        assert "A3-12" in page(client.get(URL + "?tim=A3-12"))
        assert waiting[36].code not in page(client.get(URL + "?tim=a3-12"))
        assert waiting[8].code not in page(client.get(URL + "?chua_xep=on"))
        # By the last figures of the code; an empty place takes it off.
        client.post(URL, {"ma": waiting[8].code, "ke": "", "request_key": "k2"})
        assert not ShelfPlace.objects.exists()
        for bad in ({"ma": "KHONG-CO", "ke": "A"}, {"ma": waiting[0].code, "ke": "A"}, {"ma": "", "ke": "A"}):
            assert client.post(URL, bad).status_code == 400
    with on(NOW, cast.other) as client:
        assert not any(d.code in page(client.get(URL)) for d in waiting.values())
        assert client.post(URL, {"ma": waiting[8].code, "ke": "A"}).status_code == 400


def test_only_who_hands_over_may_shelve_and_only_what_waits(cast: Cast, waiting: Any) -> None:
    with clock.at(at(NOW)):
        with pytest.raises(NotAllowed):
            shelf.place_result(actor=cast.other, dossier=waiting[8].pk, place="A")
        with pytest.raises(IllegalAct):
            shelf.place_result(actor=cast.receiver, dossier=waiting[0].pk, place="A")
        with pytest.raises(Invalid):
            shelf.place_result(actor=cast.receiver, dossier=waiting[8].pk, place="A" * 41)
        shelf.place_result(actor=cast.receiver, dossier=waiting[8].pk, place="B1")
        shelf.place_result(actor=cast.receiver, dossier=waiting[8].pk, place=" B2 ")
        assert ShelfPlace.objects.get().place == "B2"
        actions.hand_over_result(actor=cast.receiver, dossier=waiting[8].pk)
        with pytest.raises(IllegalAct):
            shelf.place_result(actor=cast.receiver, dossier=waiting[8].pk, place="B3")


def reminders() -> set[tuple[str, int]]:
    return {(r.dossier.code, r.days) for r in CollectionReminder.objects.select_related("dossier")}


def queued() -> list[dict[str, Any]]:
    return list(Outbox.objects.filter(topic=shelf.TOPIC).order_by("pk").values_list("payload", flat=True))


def test_reminders_are_queued_once_at_7_and_at_30_days(cast: Cast, waiting: Any) -> None:
    long, old, new = waiting[8], waiting[36], waiting[3]
    assert "xếp hàng 2 lời nhắc" in shelf.remind(at(NOW))
    # Who has waited five weeks is told so once, not both at once.
    assert reminders() == {(long.code, 7), (old.code, 30)}
    assert queued() == [{"dossier": old.pk, "days": 30}, {"dossier": long.pk, "days": 7}]
    assert shelf.remind(at(NOW)) == ""
    assert shelf.remind(at("24/08/2025 23:59")) == ""
    assert "1 lời nhắc" in shelf.remind(at("25/08/2025 00:01"))
    assert (new.code, 7) in reminders()
    # Collected meanwhile: no second reminder. The other one comes at thirty days.
    with clock.at(at("26/08/2025 09:00")):
        actions.hand_over_result(actor=cast.receiver, dossier=new.pk)
    assert shelf.remind(at("11/09/2025 09:00")) == ""
    assert "1 lời nhắc" in shelf.remind(at("12/09/2025 09:00"))
    assert reminders() == {(long.code, 7), (long.code, 30), (old.code, 30), (new.code, 7)}
    assert all(set(payload) == {"dossier", "days"} for payload in queued())


def test_what_waited_for_months_before_is_listed_and_not_written_to(cast: Cast, waiting: Any) -> None:
    assert shelf.remind(at("21/12/2025 09:00")) == ""
    assert queued() == []


def test_tick_does_it(cast: Cast, waiting: Any, on: Any) -> None:
    told = {name: did for name, did, _ in ticking.tick(at(NOW))}
    assert told["Nhắc nhận kết quả"] == "xếp hàng 2 lời nhắc nhận kết quả"
    with on(NOW, cast.receiver) as client:
        assert "21/08/2025 (sau 7 ngày)" in page(client.get(URL))


def test_a_result_that_came_back_is_counted_anew(cast: Cast, waiting: Any) -> None:
    shelf.remind(at(NOW))
    with clock.at(at(NOW)):
        actions.void_event(
            actor=cast.by_duty[Duty.HANDLE], dossier=waiting[8].pk, seq=2, reason="Sai kết quả", approver=cast.chair
        )
        assert not shelf.uncollected(shelf_scope(cast), words=waiting[8].code, today=dt.date(2025, 8, 21)).exists()
    ended(cast, waiting[8], "22/08/2025 09:00")
    assert "1 lời nhắc" in shelf.remind(at("25/08/2025 09:00"))  # the one of 18/8
    shelf.remind(at("29/08/2025 09:00"))
    mine = CollectionReminder.objects.filter(dossier=waiting[8])
    assert sorted(mine.values_list("since", "days")) == [(dt.date(2025, 8, 13), 7), (dt.date(2025, 8, 22), 7)]


def shelf_scope(cast: Cast) -> Any:
    from motcua.org import queries as org

    return org.scope(cast.receiver, None, dt.date(2025, 8, 21))


def test_an_authorised_person_collects_with_name_number_and_paper(cast: Cast, on: Any, waiting: Any) -> None:
    row = waiting[8]
    with on(NOW, cast.receiver) as client:
        url = f"/ho-so/{row.pk}/viec/hand_over/"
        given = {
            "method": "counter", "collector_name": "Kim Thị Hộ", "collector_id": "084123456789", "authority": "",
            "note": "Đã xem thẻ", "request_key": "k",
        }  # fmt: skip
        refused = client.post(url, given)
        assert refused.status_code == 400
        assert "Chưa ghi giấy ủy quyền" in page(refused)
        assert Dossier.objects.get(pk=row.pk).handed_over_at is None
        sent = client.post(url, {**given, "authority": "số 15/2025, UBND xã Cầu Kè chứng thực"})
        assert sent["Location"] == f"/ho-so/{row.pk}/"
    row = Dossier.objects.get(pk=row.pk)
    assert row.collector is not None
    assert (row.collector.name, row.collector.id_number) == ("Kim Thị Hộ", "084123456789")
    assert row.handed_over_at == at(NOW)
    said = Note.objects.filter(dossier=row).latest("pk").text
    assert said == "Giấy ủy quyền: số 15/2025, UBND xã Cầu Kè chứng thực. Đã xem thẻ"


def test_authority_needs_a_person_with_a_number(cast: Cast, waiting: Any) -> None:
    with clock.at(at(NOW)):
        with pytest.raises(Invalid, match="họ tên"):
            actions.hand_over_result(actor=cast.receiver, dossier=waiting[8].pk, authority="số 1")
        with pytest.raises(Invalid, match="số giấy tờ"):
            actions.hand_over_result(
                actor=cast.receiver, dossier=waiting[8].pk, authority="số 1", collector=Particulars(name="Kim Thị Hộ")
            )
    assert Dossier.objects.get(pk=waiting[8].pk).handed_over_at is None
