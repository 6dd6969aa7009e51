"""Chốt số liệu on the desk: confirmed as seen, done once, continued by the next period, and what changed since."""

import pytest

from motcua.core import clock
from motcua.dossiers import actions
from motcua.ledger.models import Event
from motcua.ledger.totals_models import Cutoff
from motcua.org.models import Duty, UnitPlace
from tests.desk.counting import AUGUST, FREEZE, NOW, STATEMENT, asked, at, freeze, main_of, received, text_of, total
from tests.support import worlds


@pytest.fixture
def world(db, august_told):
    return worlds.copy_of(august_told)


@pytest.fixture
def cast(world):
    return world[0]


@pytest.fixture
def told(world):
    return world[1]


@pytest.fixture(autouse=True)
def _now():
    with clock.at(at(NOW)):
        yield


def test_freezing_gives_a_number_and_the_figures_stay(cast, told, reform, on):
    done, _, _ = freeze(reform, cast)
    frozen = Cutoff.objects.get()
    assert frozen.number == "CS-2025-0001"
    assert frozen.created_by == cast.by_duty[Duty.REFORM]
    page = reform.get(done["Location"])
    assert "Đã chốt số liệu, số CS-2025-0001." in text_of(page)
    assert "đúng như đã chốt" in text_of(page)
    assert frozen.digest[:12] in text_of(page)
    with on("22/08/2025 09:00") as reform:
        end = Event.objects.get(item=told["C"].item, verb="resolve")
        actions.void_event(
            actor=cast.by_duty[Duty.HANDLE],
            dossier=told["C"].pk,
            seq=end.seq,
            reason="Nhầm hồ sơ",
            approver=cast.by_duty[Duty.HEAD],
        )
        again = reform.get(done["Location"])
        assert total(again) == AUGUST
        assert "đúng như đã chốt" in text_of(again)
        listed = text_of(reform.get("/bieu-tong-hop/da-chot/"))
    for expected in ("CS-2025-0001", "Xã Cầu Kè", "Từ ngày 01/08/2025", "Võ Thị Me", "Chính thức", frozen.digest[:12]):
        assert expected in listed


def test_a_double_click_freezes_once(cast, told, reform):
    done, form, url = freeze(reform, cast)
    again = reform.post(url, form)
    assert again["Location"] == done["Location"]
    assert Cutoff.objects.count() == 1


def test_what_has_changed_since_it_was_shown_is_not_frozen(cast, told, reform):
    page = reform.get(FREEZE, asked(cast))
    form = {"request_key": page.context["form"]["request_key"].value(), "seen": page.context["seal"]}
    with clock.at(at("20/08/2025 15:00")):
        received(cast, "20/08/2025 15:00")
    url = FREEZE + "?" + page.wsgi_request.GET.urlencode()
    refused = reform.post(url, form)
    assert refused.status_code == 400
    assert "Số liệu đã đổi từ lúc mở trang này" in text_of(refused)
    assert not Cutoff.objects.exists()
    done = reform.post(url, form | {"seen": refused.context["seal"]})
    assert done.status_code == 302


def test_the_same_period_is_not_published_twice(cast, told, reform):
    freeze(reform, cast)
    refused, _, _ = freeze(reform, cast)
    assert refused.status_code == 400
    assert "đã chốt chính thức ở CS-2025-0001" in text_of(refused)
    assert Cutoff.objects.count() == 1


def test_only_what_is_known_now_can_be_frozen(cast, told, reform):
    refused, _, _ = freeze(reform, cast, biet="21/08/2025")
    assert refused.status_code == 400
    assert "những gì biết lúc này" in text_of(refused)
    assert "statement_freeze" not in text_of(reform.get(STATEMENT, asked(cast, biet="21/08/2025")))
    assert not Cutoff.objects.exists()


def test_an_estimate_is_completed_not_restated(cast, told, reform, on):
    done, _, _ = freeze(reform, cast, den="2025-08-31", uoc="2025-08-15")
    assert "SỐ ƯỚC, tính đến hết ngày 15/08/2025" in text_of(reform.get(done["Location"]))
    with on("01/09/2025 09:00") as reform:
        page = reform.get(FREEZE, asked(cast, den="2025-08-31"))
        assert "hoàn tất số ước CS-2025-0001" in text_of(page)
        freeze(reform, cast, den="2025-08-31")
    second = Cutoff.objects.latest("pk")
    assert (second.number, second.kind, second.completes.number) == ("CS-2025-0002", "official", "CS-2025-0001")


def test_who_reads_does_not_freeze(cast, told, signed_in):
    inspector = signed_in(cast.by_duty[Duty.INSPECT])
    page = inspector.get(STATEMENT, asked(cast))
    assert total(page) == AUGUST
    assert page.context["freeze_url"] == ""
    assert inspector.get(FREEZE, asked(cast)).status_code == 403
    assert inspector.post(FREEZE, {"seen": "x"}).status_code == 403
    assert not Cutoff.objects.exists()


# ---- continuing what was frozen --------------------------------------------------------------------------------------


def test_the_next_period_continues_it_and_lists_what_changed(cast, told, reform, on):
    freeze(reform, cast, den="2025-08-14")
    # On the 22nd it turns out that C had been ready on the 11th: voided, and entered anew by a leader with evidence.
    with on("22/08/2025 09:00") as reform:
        end = Event.objects.get(item=told["C"].item, verb="resolve")
        handler, head = cast.by_duty[Duty.HANDLE], cast.by_duty[Duty.HEAD]
        actions.void_event(actor=handler, dossier=told["C"].pk, seq=end.seq, reason="Ghi nhầm ngày", approver=head)
        query = asked(cast, tu="2025-08-15", den="2025-08-21", noi="chot")
        page = reform.get(STATEMENT, query)
        assert total(page)[0] == str(int(total(page)[4]) + int(total(page)[8]))
        full = reform.get(STATEMENT, query | {"mau": "full"})
        figures = dict(zip([c.title for c in full.context["sheet"].columns], total(full), strict=True))
        assert figures["Điều chỉnh kỳ trước"] == "1"
        listed = reform.get(page.context["changes_url"])
        # An address made later says which frozen statement it continues.
        assert "noi=CS-2025-0001" in page.context["changes_url"]
    html = main_of(listed)
    assert told["C"].code in html
    assert "đang giải quyết +1, giải quyết quá hạn −1" in html
    assert "Hủy việc đã ghi: kết quả về một cửa" in html
    assert "Thạch Văn Ổi" in html
    [row] = listed.context["rows"]
    assert [entry.event.verb for entry in row.entries] == ["void"]


def test_freezing_goes_on_from_the_last_one_by_itself(cast, told, reform):
    freeze(reform, cast, den="2025-08-14")
    page = reform.get(STATEMENT, asked(cast, tu="2025-08-15"))
    assert "noi=CS-2025-0001" in page.context["freeze_url"]
    confirm = reform.get(page.context["freeze_url"])
    assert "Nối tiếp bản chốt CS-2025-0001" in text_of(confirm)
    restated = reform.get(FREEZE + confirm.context["restated_url"])
    assert "Nối tiếp bản chốt đó" in text_of(restated)
    freeze(reform, cast, tu="2025-08-15", noi="CS-2025-0001")
    assert Cutoff.objects.latest("pk").chained_from.number == "CS-2025-0001"
    assert "nối tiếp CS-2025-0001" in text_of(reform.get("/bieu-tong-hop/da-chot/"))


def test_without_a_frozen_one_there_is_nothing_to_adjust(cast, told, reform):
    page = reform.get("/bieu-tong-hop/dieu-chinh/", asked(cast))
    assert "không nối tiếp bản chốt nào" in text_of(page)
    freeze(reform, cast, den="2025-08-14")
    page = reform.get("/bieu-tong-hop/dieu-chinh/", asked(cast, tu="2025-08-15", noi="chot"))
    assert "không có việc nào ghi thêm" in text_of(page)
    assert "Chưa chốt số liệu kỳ nào" not in text_of(reform.get("/bieu-tong-hop/da-chot/"))


@pytest.mark.parametrize("by", ["unit", "procedure"])
def test_a_frozen_statement_reads_as_it_did_whatever_the_tree_says_since(cast, told, signed_in, on, by):
    """Xã Cầu Kè is said to have stood beneath another province since July: the August of Vĩnh Long stays said."""
    done, _, _ = freeze(signed_in(cast.above), cast, don_vi=cast.vinh_long.key, theo=by)
    with on("22/08/2025 09:00", cast.above) as above:
        before = above.get(done["Location"])
        UnitPlace.objects.filter(unit=cast.xa_cau_ke).delete()
        UnitPlace.objects.create(
            unit=cast.xa_cau_ke,
            parent=cast.unit("01"),
            path=f"/{cast.unit('01').pk}/{cast.xa_cau_ke.pk}/",
            valid_from=cast.xa_cau_ke.valid_from,
        )
        again = above.get(done["Location"])
        assert total(before) == total(again) == AUGUST
        assert "đúng như đã chốt" in text_of(again)
        assert [row.row.label for row in again.context["rows"]] == [row.row.label for row in before.context["rows"]]
        url = next(cell.url for cell in again.context["total"].cells if cell.url)
        assert len(above.get(url).context["rows"]) == 7
        # Asked anew, or divided otherwise, it says what is so now; never half of each.
        anew = above.get(STATEMENT, asked(cast, don_vi=cast.vinh_long.key))
        assert total(anew)[0] == "0"
        other = "procedure" if by == "unit" else "unit"
        divided = above.get(STATEMENT, asked(cast, don_vi=cast.vinh_long.key, biet="CS-2025-0001", theo=other))
        assert total(divided) == AUGUST
