"""The administrator's page of calendars and rule sets: everything by a new row, nothing behind anybody's back."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.org.models import TWO_TIER_DAY, Assignment, Duty
from motcua.worktime import lunar, models, proposals, queries, vietnam
from motcua.worktime.calendar import DayKind
from tests.desk.counting import at
from tests.support.sql import max_queries

MORNING = "21/11/2026 09:00"


@pytest.fixture
def now(cast):
    with clock.at(at(MORNING)):
        yield
    queries.forget_compiled()  # years added here are rolled back


@pytest.fixture
def commune(cast, now, signed_in):
    """The administrator of xã Cầu Kè, who keeps its own calendar but not the country's."""
    return signed_in(cast.admin)


@pytest.fixture
def top(cast, now, signed_in):
    """An administrator at the highest unit."""
    Assignment.objects.create(user=cast.stranger, unit=cast.vinh_long, duty=Duty.ADMIN, valid_from=TWO_TIER_DAY)
    return signed_in(cast.stranger)


def page(client, **asked) -> str:
    answer = client.get(reverse("settings"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def change(client, kind: str, place: str, **typed):
    return client.post(reverse("change_calendar", args=[kind]), {"don_vi": place, **typed})


def calendar(unit=None):
    return queries.compiled(queries.calendar_version_for(unit, clock.today()).pk)


def test_the_page_shows_days_hours_basis_and_what_is_not_confirmed(commune):
    html = page(commune, nam="2027")
    assert "Xã Cầu Kè tính theo «Lịch công chức, viên chức cả nước», lịch của cấp trên" in html
    assert "15 ngày của năm 2027 là dự kiến" in html
    assert "thứ Bảy 06/02/2027" in html
    assert "Bộ luật Lao động 2019, Điều 112" in html
    assert "Thứ Hai đến thứ Sáu" in html
    assert "07:30–11:30, 13:00–17:00" in html
    assert "Thứ Bảy đến Chủ nhật" in html
    assert html.count("Đang áp dụng") == 1
    assert "Nghị định 118/2025/NĐ-CP" in html
    assert "Lập bộ quy tắc mới" not in html  # kept at the highest unit


def test_it_is_asked_for_in_few_statements(commune):
    page(commune)
    with max_queries(8):
        page(commune)


def test_a_closure_is_the_units_own_and_new_rows_only(commune, cast):
    before = list(models.CalendarVersion.objects.values())
    typed = {"first_day": "25/11/2026", "last_day": "26/11/2026", "name": "Bão số 9", "legal_basis": "CĐ 12/CĐ-UBND"}
    assert change(commune, "nghi", "29308", **typed).status_code == 302
    assert [row for row in models.CalendarVersion.objects.values() if row in before] == before
    assert not calendar(cast.xa_cau_ke).is_working(dt.date(2026, 11, 25))
    assert calendar(cast.xa_an_phu_tan).is_working(dt.date(2026, 11, 25))
    html = page(commune)
    assert "Bão số 9" in html
    assert "riêng của đơn vị" in html
    assert "Đỗ Thị Khế" in html


def test_an_exchange_other_hours_and_a_mistake_said_beside_its_field(commune, cast):
    swap = {"off": "23/11/2026", "work": "28/11/2026", "name": "Ngày Văn hóa", "legal_basis": "TB 9", "confirmed": "on"}
    assert change(commune, "hoan-doi", "29308", **swap).status_code == 302
    hours = {
        "weekdays": ["5"], "morning_from": "07:30", "morning_to": "11:00", "valid_from": "01/12/2026",
        "legal_basis": "TB 10",
    }  # fmt: skip
    assert change(commune, "gio", "29308", **hours).status_code == 302
    found = calendar(cast.xa_cau_ke)
    assert (found.is_working(dt.date(2026, 11, 23)), found.is_working(dt.date(2026, 11, 28))) == (False, True)
    assert found.hours_on(dt.date(2026, 12, 5)) == ((dt.time(7, 30), dt.time(11)),)
    assert not found.is_working(dt.date(2026, 12, 5))
    wrong = change(commune, "hoan-doi", "29308", **(swap | {"off": "22/11/2026"}))
    assert wrong.status_code == 400
    assert "đã là ngày nghỉ, không hoán đổi được" in wrong.content.decode()
    assert 'value="22/11/2026"' in wrong.content.decode()
    assert change(commune, "gio", "29308", **(hours | {"morning_to": ""})).status_code == 400


def test_twice_sent_is_once_written(commune):
    form = commune.get(reverse("change_calendar", args=["nghi"])).context["form"]
    typed = {
        "request_key": form["request_key"].value(), "first_day": "25/11/2026", "name": "Bão", "legal_basis": "CĐ 12",
    }  # fmt: skip
    for _ in range(2):
        assert change(commune, "nghi", "29308", **typed).status_code == 302
    assert models.CalendarVersion.objects.filter(calendar__unit__code="29308").count() == 2  # founded, then changed


def test_the_countrys_calendar_is_kept_at_the_top(commune, cast):
    for kind, typed in (
        ("nghi", {"first_day": "25/11/2026", "name": "Bão", "legal_basis": "x"}),
        ("nam", {"days": "", "legal_basis": "x"}),
    ):
        refused = change(commune, kind, "ca-nuoc", **typed)
        assert refused.status_code == 400
        assert "đơn vị cao nhất" in refused.content.decode()
    assert change(commune, "nghi", "29317", first_day="25/11/2026", name="x", legal_basis="x").status_code == 404
    assert models.CalendarVersion.objects.count() == 1


def test_a_provisional_day_is_confirmed_with_its_document(top):
    html = page(top, don_vi="ca-nuoc", nam="2027")
    link = f"{reverse('change_calendar', args=['xac-nhan'])}?don_vi=ca-nuoc&amp;ngay=2027-04-16"
    assert link in html
    assert "16/04/2027" in top.get(link.replace("&amp;", "&")).content.decode()
    assert change(top, "xac-nhan", "ca-nuoc", day="16/04/2027", legal_basis="TB 5034/TB-BNV").status_code == 302
    html = page(top, don_vi="ca-nuoc", nam="2027")
    assert "TB 5034/TB-BNV" in html
    assert "14 ngày của năm 2027 là dự kiến" in html
    again = change(top, "xac-nhan", "ca-nuoc", day="16/04/2027", legal_basis="TB 1")
    assert "không có gì đang chờ xác nhận" in again.content.decode()


def test_the_next_year_is_loaded_from_a_proposal_set_right(top, cast):
    url = reverse("change_calendar", args=["nam"])
    offered = top.get(url).context["form"]["days"].value()
    assert "03/01/2028; nghỉ bù; Nghỉ bù Tết Dương lịch" in offered
    lines = offered.replace("01/09/2028; nghỉ lễ; Quốc khánh", "03/09/2028; nghỉ lễ; Quốc khánh")
    bad = change(top, "nam", "ca-nuoc", days=lines + "\n31/02/2028; nghỉ lễ; Không có", legal_basis="TB 1")
    assert bad.status_code == 400
    assert "không phải ngày dạng" in bad.content.decode()
    done = change(top, "nam", "ca-nuoc", days=lines, legal_basis="TB 1/TB-BNV", confirmed="on")
    assert done.status_code == 302, done.content.decode()
    found = calendar(cast.xa_cau_ke)
    assert (found.last_day, found.is_working(dt.date(2028, 9, 1))) == (dt.date(2028, 12, 31), True)
    assert "lịch của cấp trên; có đến hết 31/12/2028" in page(top, don_vi="29308")


def test_a_rule_set_is_proposed_from_a_date_and_confirmed_by_another_row(top):
    before = {row.pk: row.name for row in queries.rule_sets()}
    url = reverse("add_rule_set")
    form = top.get(url).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {k: v for k, v in typed.items() if v not in (None, False)}
    typed |= {"valid_from": "01/01/2027", "supplement_effect": "restart", "appointment_time": "16:30"}
    assert top.post(url, typed).status_code == 302
    new = queries.rule_set_for(dt.date(2027, 1, 4))
    assert (new.code, new.supplement_effect, new.appointment_time) == ("HAI-CAP-2026-2", "restart", dt.time(16, 30))
    assert queries.rule_set_for(clock.today()).code == "HAI-CAP-2026"
    confirm = f"{url}?theo=HAI-CAP-2026-2&xac_nhan=1"
    form = top.get(confirm).context["form"]
    assert form["confirmed"].value() is True
    typed |= {"code": form["code"].value(), "confirmed": "on", "legal_basis": "Nghị định 309/2026/NĐ-CP, Điều 5"}
    assert top.post(confirm, {k: v for k, v in typed.items() if k != "request_key"}).status_code == 302
    assert queries.rule_set_for(dt.date(2027, 1, 4)).confirmed
    assert before.items() <= {row.pk: row.name for row in queries.rule_sets()}.items()
    taken = top.post(url, typed | {"request_key": "x"})
    assert taken.status_code == 400
    assert top.get(url, {"theo": "KHONG-CO"}).status_code == 404


def test_rule_sets_are_not_a_communes_to_change(commune):
    url = reverse("add_rule_set")
    form = commune.get(url).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    typed |= {"valid_from": "01/01/2027", "appointment_time": "17:00"}
    refused = commune.post(url, typed)
    assert refused.status_code == 400
    assert "đơn vị cao nhất" in refused.content.decode()
    assert queries.rule_set_for(dt.date(2027, 1, 4)).code == "HAI-CAP-2026"


def test_in_an_installation_of_one_commune_its_administrator_keeps_the_rules(commune, cast):
    """Nobody sits at the province of the imported tree: then what lies above the commune is the commune's to keep."""
    refused = change(commune, "xac-nhan", "ca-nuoc", day="16/04/2027", legal_basis="TB 1")
    assert refused.status_code == 400
    Assignment.objects.filter(duty=Duty.ADMIN).exclude(user=cast.admin).delete()
    assert "Lập bộ quy tắc mới" in page(commune)
    assert change(commune, "xac-nhan", "ca-nuoc", day="16/04/2027", legal_basis="TB 1").status_code == 302
    # A neighbour's administrator appears: neither speaks for the other.
    Assignment.objects.create(user=cast.stranger, unit=cast.xa_an_phu_tan, duty=Duty.ADMIN, valid_from=TWO_TIER_DAY)
    assert change(commune, "xac-nhan", "ca-nuoc", day="30/04/2027", legal_basis="TB 1").status_code == 400


# ---- what is proposed ------------------------------------------------------------------------------------------------


def test_the_moons_days_are_those_of_the_shipped_years():
    shipped = [row for row in vietnam.shipped_layer().days if row.kind is DayKind.HOLIDAY]
    for year in range(2021, 2028):
        tet = [row.day for row in shipped if row.day.year == year and row.name == "Tết Nguyên đán"]
        assert tet[0] <= lunar.lunar_new_year(year) <= tet[-1]
        (king,) = [row.day for row in shipped if row.day.year == year and row.name == "Giỗ Tổ Hùng Vương"]
        assert lunar.hung_kings_day(year) == king
    assert lunar.lunar_new_year(1985) == dt.date(1985, 1, 21)  # a month before Beijing's
    assert lunar.lunar_new_year(2033) == dt.date(2033, 1, 31)
    assert lunar.lunar_new_year(2034) == dt.date(2034, 2, 19)  # after the leap month of 2033


def test_a_proposed_year_gives_every_holiday_on_a_rest_day_a_working_one():
    for year in range(2024, 2060):
        days = proposals.proposed_year(year)
        assert len({row.day for row in days}) == len(days)
        holidays = [row for row in days if row.kind is DayKind.HOLIDAY]
        given = [row for row in days if row.kind is DayKind.COMPENSATORY]
        assert len(holidays) == 13 - (13 - len({row.day for row in holidays}))
        assert len(given) == sum(row.day.weekday() >= 5 for row in holidays)
        assert not any(row.day.weekday() >= 5 or row.confirmed for row in given)
        read = proposals.read_lines(proposals.as_lines(days), legal_basis="TB", confirmed=True)
        assert [(r.day, r.kind, r.name) for r in read] == [(r.day, r.kind, r.name) for r in days]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2028-01-03; nghỉ bù; x", "không phải ngày"),
        ("03/01/2028 nghỉ bù x", "phải có ngày; loại; tên"),
        ("03/01/2028; đi chơi; x", "loại phải là"),
        ("03/01/2028; nghỉ bù; a\n03/01/2028; nghỉ lễ; b", "đã có ở dòng trên"),
        ("03/01/2028; nghỉ bù; " + "x" * 121, "quá 120"),
        ("\n".join(["03/01/2028; nghỉ bù; a"] * 61), "nhiều nhất 60"),
    ],
)
def test_lines_that_cannot_be_read_are_named(typed, said):
    with pytest.raises(Invalid, match=said):
        proposals.read_lines(typed, legal_basis="TB", confirmed=False)


def test_whoever_keeps_the_machine_can_load_the_year_too(now, tmp_path, capsys):
    call_command("add_year")
    said = capsys.readouterr().out
    assert "Dự kiến năm 2028" in said
    assert calendar().last_day == dt.date(2027, 12, 31)
    file = tmp_path / "2028.txt"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(Invalid, match="căn cứ"):
        call_command("add_year", "--days", str(file))
    call_command("add_year", "--days", str(file), "--basis", "TB 1/TB-BNV", "--confirmed")
    assert calendar().last_day == dt.date(2028, 12, 31)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="Unicode"):
        call_command("add_year", "--days", str(file), "--basis", "x")
