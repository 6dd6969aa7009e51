"""Accounts and duties: an administrator's pages, and each person's own."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import Client

from motcua.core import clock
from motcua.desk import people
from motcua.org.models import AccessChange, Assignment, Delegation, Duty, User
from tests.desk.crew import PASSWORD, make_person, make_unit
from tests.support.sql import max_queries

NEW = {
    "full_name": "Sơn Thị  Đức",
    "username": "duc.st",
    "home": "29308",
    "title": "Công chức tư pháp, hộ tịch",
    "phone": "",
    "email": "",
    "request_key": "k-1",
}


@pytest.fixture
def admin(crew, signed_in):
    return signed_in(crew.admin)


def page(response):
    return response.content.decode()


def today(offset=0):
    return f"{clock.today() + dt.timedelta(days=offset):%d/%m/%Y}"


# ---- the list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_administrators_own_units_and_no_others(crew, admin):
    html = page(admin.get("/quan-tri/tai-khoan/"))
    for user in (crew.admin, crew.clerk, crew.chair):
        assert user.full_name in html
    assert crew.stranger.full_name not in html
    assert crew.idle.full_name not in html
    assert "Tiếp nhận, Trả kết quả" in html
    assert "3 tài khoản" in html


def test_a_person_with_a_duty_here_and_a_home_elsewhere_is_in_the_list(crew, admin):
    Assignment.objects.create(user=crew.idle, unit=crew.office, duty=Duty.HANDLE, valid_from=clock.today())
    html = page(admin.get("/quan-tri/tai-khoan/"))
    assert crew.idle.full_name in html
    assert "Xử lý hồ sơ" in html


def test_people_are_found_without_diacritics_and_listed_by_given_name(crew, admin):
    make_person("duc.st", "Sơn Thị Đức", crew.here)
    assert "Sơn Thị Đức" in page(admin.get("/quan-tri/tai-khoan/?tim=son duc"))
    found = page(admin.get("/quan-tri/tai-khoan/?tim=khong co ai"))
    assert "Không có tài khoản nào khớp" in found
    assert "Bỏ lọc" in found
    order = re.findall(r'scope="row"><a[^>]*>([^<]+)', page(admin.get("/quan-tri/tai-khoan/")))
    assert order == ["Sơn Thị Đức", "Nguyễn Thị Hoa", "Thạch Thị Lan", "Lý Văn Quân"]
    turned = re.findall(r'scope="row"><a[^>]*>([^<]+)', page(admin.get("/quan-tri/tai-khoan/?xep=-ten")))
    assert turned == order[::-1]


def test_filters_and_sorting_stay_in_the_address(crew, admin):
    html = page(admin.get("/quan-tri/tai-khoan/?nhiem_vu=receive&trang_thai=open&xep=-ten"))
    assert crew.clerk.full_name in html
    assert crew.chair.full_name not in html
    assert "nhiem_vu=receive&amp;trang_thai=open&amp;xep=ten" in html
    assert 'aria-sort="descending"' in html
    # an old or silly address is not an error
    assert admin.get("/quan-tri/tai-khoan/?nhiem_vu=bua&xep=-bua&trang=999").status_code == 200


def test_long_lists_have_pages_and_keep_their_budget(crew, admin):
    for n in range(60):
        make_person(f"nguoi.{n:02}", f"Người Thứ {n:02}", crew.here, Duty.HANDLE)
    admin.get("/toi/")
    with max_queries(8):
        html = page(admin.get("/quan-tri/tai-khoan/?xep=dang-nhap"))
    assert "1–50 trong 63 tài khoản" in html
    assert "xep=dang-nhap&amp;trang=2" in html
    assert "51–63 trong 63" in page(admin.get("/quan-tri/tai-khoan/?trang=2"))


# ---- creating -------------------------------------------------------------------------------------------------------


def test_an_account_is_created_with_a_temporary_password_shown_once(crew, admin):
    made = admin.post("/quan-tri/tai-khoan/moi/", NEW)
    user = User.objects.get(username="duc.st")
    assert made["Location"] == f"/quan-tri/tai-khoan/{user.pk}/"
    assert (user.full_name, user.home) == ("Sơn Thị Đức", crew.here)
    assert "k-1" not in str(dict(admin.session))
    html = page(admin.get(made["Location"]))
    password = re.search(r'class="one-time">([^<]+)', html)[1]
    assert "Chưa có nhiệm vụ nào" in html
    assert password not in page(admin.get(made["Location"]))

    # The person signs in with it and must choose an own one before anything else.
    client = Client()
    client.post("/dang-nhap/", {"login": "duc.st", "password": password})
    assert client.get("/toi/")["Location"] == "/doi-mat-khau/"
    assert "mật khẩu tạm" in page(client.get("/doi-mat-khau/"))
    own = {"old_password": password, "new_password": PASSWORD, "again_password": PASSWORD}
    assert client.post("/doi-mat-khau/", own)["Location"] == "/toi/"
    assert client.get("/toi/").status_code == 200


def test_sending_the_same_form_twice_makes_one_account(crew, admin):
    admin.post("/quan-tri/tai-khoan/moi/", NEW)
    again = admin.post("/quan-tri/tai-khoan/moi/", NEW, follow=True)
    assert User.objects.filter(username="duc.st").count() == 1
    assert "one-time" not in page(again) or "chỉ hiện một lần" in page(again)
    assert AccessChange.objects.filter(what="reset_password").count() == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"username": "Đức"}, "Tên đăng nhập gồm"),
        ({"username": "lan.tn"}, "đã có người dùng"),
        ({"full_name": "  "}, "Họ và tên"),
        ({"full_name": "x" * 121}, "120"),
        ({"home": "29299"}, "Không có đơn vị «29299» trong phạm vi"),
        ({"email": "khong phai thu"}, "Thư điện tử"),
        ({"phone": "gọi tôi"}, "Số điện thoại"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_above_and_nothing_is_lost(crew, admin, change, told):
    before = User.objects.count()
    response = admin.post("/quan-tri/tai-khoan/moi/", NEW | change)
    html = page(response)
    assert response.status_code == 400
    assert User.objects.count() == before
    summary, rest = html.split('class="error-summary"')[1].split("</div>", 1)
    assert told.lower() in summary.lower()
    name = next(iter(change))
    assert f'href="#id_{name}"' in summary
    assert f'id="id_{name}_error"' in rest
    assert "Công chức tư pháp, hộ tịch" in rest
    assert "k-1" in rest


def test_hostile_text_is_shown_as_text(crew, admin):
    admin.post("/quan-tri/tai-khoan/moi/", NEW | {"full_name": '<script>alert("1")</script>', "title": "a\x00b\u202ec"})
    user = User.objects.get(username="duc.st")
    assert user.title == "a b c"
    html = page(admin.get("/quan-tri/tai-khoan/"))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_with_many_units_the_unit_is_typed_by_code_or_name(crew, admin):
    for n in range(305):
        make_unit(f"X{n:03}", f"Tổ {n:03}", "point", crew.here)
    make_unit("Y1", "Phòng Kinh tế", "office", crew.here)
    make_unit("Y2", "Phòng Kinh tế", "office", crew.here)
    html = page(admin.get("/quan-tri/tai-khoan/moi/"))
    assert "<option" not in html
    two = page(admin.post("/quan-tri/tai-khoan/moi/", NEW | {"home": "phong kinh te"}))
    assert "Phòng Kinh tế (Y1); Phòng Kinh tế (Y2)" in two
    assert admin.post("/quan-tri/tai-khoan/moi/", NEW | {"home": "tổ 007"}).status_code == 302
    assert User.objects.get(username="duc.st").home.code == "X007"


# ---- one account ----------------------------------------------------------------------------------------------------


def test_information_is_corrected_without_touching_the_name_to_sign_in_with(crew, admin):
    url = f"/quan-tri/tai-khoan/{crew.clerk.pk}/sua/"
    assert 'value="Thạch Thị Lan"' in page(admin.get(url))
    changed = {"full_name": "Thạch Thị Lan Anh", "home": "29308.01", "username": "hack", "title": "Chuyên viên"}
    assert admin.post(url, changed).status_code == 302
    crew.clerk.refresh_from_db()
    assert (crew.clerk.full_name, crew.clerk.username, crew.clerk.home) == ("Thạch Thị Lan Anh", "lan.tn", crew.office)


def test_blocking_needs_a_reason_and_shows_it(crew, admin):
    url = f"/quan-tri/tai-khoan/{crew.clerk.pk}/khoa/"
    refused = admin.post(url, {"reason": " "})
    assert refused.status_code == 400
    assert 'id="khoa_reason_error"' in page(refused)
    assert '<details class="danger" open' in page(refused)
    html = page(admin.post(url, {"reason": "Nghỉ việc"}, follow=True))
    assert "Đang khóa" in html
    assert "lý do: Nghỉ việc" in html
    crew.clerk.refresh_from_db()
    assert not crew.clerk.is_active
    admin.post(f"/quan-tri/tai-khoan/{crew.clerk.pk}/mo-khoa/")
    crew.clerk.refresh_from_db()
    assert crew.clerk.is_active


def test_an_account_that_also_serves_elsewhere_is_seen_but_not_taken_over(crew, admin):
    Assignment.objects.create(user=crew.clerk, unit=crew.elsewhere, duty=Duty.HANDLE, valid_from=clock.today())
    html = page(admin.post(f"/quan-tri/tai-khoan/{crew.clerk.pk}/mat-khau/", follow=True))
    assert "ngoài phạm vi quản trị" in html
    assert "one-time" not in html
    assert "Xã Tam Ngãi" not in html.split("<aside>")[0].split("duties-title")[1]


def test_a_new_temporary_password_ends_the_persons_sessions(crew, admin, signed_in):
    clerk = signed_in(crew.clerk)
    assert clerk.get("/toi/").status_code == 200
    html = page(admin.post(f"/quan-tri/tai-khoan/{crew.clerk.pk}/mat-khau/", follow=True))
    assert "one-time" in html
    assert clerk.get("/toi/").status_code == 302


def test_one_account_keeps_its_budget(crew, admin):
    admin.get("/toi/")
    with max_queries(9):  # three for session, person and duties; six for the account
        admin.get(f"/quan-tri/tai-khoan/{crew.clerk.pk}/")


# ---- duties ---------------------------------------------------------------------------------------------------------


def test_a_duty_is_granted_and_ended_with_dates(crew, admin):
    url = f"/quan-tri/tai-khoan/{crew.clerk.pk}/giao-nhiem-vu/"
    given = {"duty": "cashier", "unit": "29308.01", "valid_from": today(), "valid_to": today(30), "basis": "QĐ 15"}
    html = page(admin.post(url, given, follow=True))
    assert "Đã giao nhiệm vụ Thu phí tại Văn phòng HĐND và UBND xã Cầu Kè" in html
    assert f"từ {today()} đến hết {today(30)}" in html
    assert "QĐ 15" in html
    held = Assignment.objects.get(user=crew.clerk, duty=Duty.CASHIER)
    again = page(admin.post(url, given))
    assert "đã có nhiệm vụ Thu phí" in again

    end = f"/quan-tri/nhiem-vu/{held.pk}/ket-thuc/"
    early = admin.post(end, {"last_day": today(-2)})
    assert early.status_code == 400
    assert 'id="id_last_day_error"' in page(early)
    assert admin.post(end, {"last_day": today(3), "reason": "Chuyển việc"}).status_code == 302
    held.refresh_from_db()
    assert held.valid_to == clock.today() + dt.timedelta(days=3)


@pytest.mark.parametrize("typed", ["31/02/2026", "2026", "mai", "05/13/2026", "1/1/0001x", "٠١/٠١/٢٠٢٦x"])
def test_dates_that_do_not_exist_are_told(crew, admin, typed):
    url = f"/quan-tri/tai-khoan/{crew.clerk.pk}/giao-nhiem-vu/"
    html = page(admin.post(url, {"duty": "cashier", "unit": "29308", "valid_from": typed}))
    assert "Gõ theo mẫu 05/06/2023" in html
    assert not Assignment.objects.filter(user=crew.clerk, duty=Duty.CASHIER).exists()


def test_one_person_mode_gives_all_duties_at_once(crew, admin):
    url = f"/quan-tri/tai-khoan/{crew.clerk.pk}/mot-nguoi/"
    assert "Tiếp nhận, Trả kết quả, Xử lý hồ sơ" in page(admin.get(url))
    html = page(admin.post(url, {"unit": "29308", "valid_from": today()}, follow=True))
    assert "Đã giao mọi nhiệm vụ" in html
    assert "một người làm mọi việc" in html
    held = set(Assignment.objects.filter(user=crew.clerk, unit=crew.here).values_list("duty", flat=True))
    assert {Duty.RECEIVE, Duty.HANDLE, Duty.CHAIR, Duty.HAND_OVER} <= held
    assert Duty.ADMIN not in held


# ---- one's own page -------------------------------------------------------------------------------------------------


def test_a_leader_delegates_an_own_duty_and_takes_it_back(crew, signed_in):
    chair = signed_in(crew.chair)
    assert "Lãnh đạo UBND" in page(chair.get("/toi/"))
    form = page(chair.get("/toi/uy-quyen/"))
    assert "Thạch Thị Lan (lan.tn)" in form
    assert "Kim Sa Sang" not in form
    given = {
        "what": f"chair:{crew.here.pk}",
        "to_user": crew.clerk.pk,
        "valid_from": today(),
        "valid_to": today(5),
        "basis": "TB 12/TB-UBND",
    }
    html = page(chair.post("/toi/uy-quyen/", given, follow=True))
    assert "Đã ủy quyền Lãnh đạo UBND tại Xã Cầu Kè cho Thạch Thị Lan" in html
    assert "Đang hiệu lực" in html
    clerk = signed_in(crew.clerk)
    mine = page(clerk.get("/toi/"))
    assert "TB 12/TB-UBND" in mine
    assert "Thu hồi" not in mine
    made = Delegation.objects.get()
    assert clerk.post(f"/uy-quyen/{made.pk}/thu-hoi/").status_code == 404
    assert "Đã thu hồi" in page(chair.post(f"/uy-quyen/{made.pk}/thu-hoi/", follow=True))
    made.refresh_from_db()
    assert made.revoked_at


def test_nobody_delegates_what_is_not_theirs(crew, signed_in):
    clerk = signed_in(crew.clerk)
    given = {
        "what": f"chair:{crew.here.pk}",
        "to_user": crew.chair.pk,
        "valid_from": today(),
        "valid_to": today(5),
        "basis": "TB 12",
    }
    assert clerk.post("/toi/uy-quyen/", given).status_code == 400
    given |= {"what": f"receive:{crew.here.pk}", "valid_to": today(-1), "basis": " "}
    html = page(clerk.post("/toi/uy-quyen/", given))
    assert 'id="id_basis_error"' in html
    assert not Delegation.objects.exists()


def test_home_is_the_first_page_of_ones_own_navigation(crew, admin, signed_in):
    assert admin.get("/")["Location"] == "/quan-tri/tai-khoan/"
    assert signed_in(crew.idle).get("/")["Location"] == "/toi/"
    assert "chưa có nhiệm vụ nào" in page(signed_in(crew.idle).get("/toi/"))


# ---- the record, and the password -----------------------------------------------------------------------------------


def test_the_record_tells_who_did_what_in_words_and_only_here(crew, admin):
    admin.post("/quan-tri/tai-khoan/moi/", NEW)
    html = page(admin.get("/quan-tri/nhat-ky/"))
    assert "Tạo tài khoản" in html
    assert "Cấp mật khẩu tạm" in html
    assert "Lý Văn Quân" in html
    assert "2 thay đổi" in html
    assert "Cấp mật khẩu tạm</td>" not in page(admin.get("/quan-tri/nhat-ky/?viec=create_account"))
    assert "Không có thay đổi nào khớp" in page(admin.get("/quan-tri/nhat-ky/?viec=block_account"))
    client = Client()
    client.force_login(crew.stranger, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_factor"] = True
    session.save()
    assert "Chưa có thay đổi nào" in page(client.get("/quan-tri/nhat-ky/"))


def test_every_kind_of_change_has_its_words():
    folder = Path(people.__file__).parents[1] / "org" / "actions"
    source = "".join(file.read_text() for file in folder.glob("*.py"))
    kinds = set(re.findall(r'note\(\s*\w+,\s*[\w.]+,\s*"(\w+)"', source)) | set(re.findall(r'what="(\w+)"', source))
    kinds |= {"take_back_duty", "end_duty"}
    assert "create_account" in kinds
    assert kinds <= set(people.WORDS)


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("sai", "câu mật khẩu mới", "câu mật khẩu mới", "old_password"),
        (PASSWORD, "câu mật khẩu mới", "khác", "again_password"),
        (PASSWORD, "ngắn", "ngắn", "new_password"),
        (PASSWORD, "12345678901234", "12345678901234", "new_password"),
        (PASSWORD, PASSWORD, PASSWORD, "new_password"),
        (PASSWORD, "thach thi lan", "thach thi lan", "new_password"),
    ],
)
def test_a_bad_new_password_is_told_in_vietnamese(crew, signed_in, old, new, again, field):
    client = signed_in(crew.clerk)
    response = client.post("/doi-mat-khau/", {"old_password": old, "new_password": new, "again_password": again})
    html = page(response)
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in html
    summary = html.split('class="error-summary"')[1].split("</div>")[0]
    assert not re.search(r"\b(password|This|too|the)\b", re.sub(r"<[^>]+>", "", summary))
    assert f'value="{new}"' not in html
    assert client.get("/toi/").status_code == 200


def test_changing_the_password_ends_the_other_sessions(crew, signed_in):
    here, there = signed_in(crew.clerk), signed_in(crew.clerk)
    new = {"old_password": PASSWORD, "new_password": "mắm bò hóc Trà Vinh", "again_password": "mắm bò hóc Trà Vinh"}
    assert here.post("/doi-mat-khau/", new).status_code == 302
    assert here.get("/toi/").status_code == 200
    assert there.get("/toi/").status_code == 302


def test_the_compiled_sentences_are_those_of_the_source(tmp_path):
    """Django reads the compiled file; people read and change the other one."""
    import gettext

    import motcua.desk

    folder = Path(motcua.desk.__file__).parent / "locale" / "vi" / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    source = (folder / "django.po").read_text()
    pairs = re.findall(r'^msgid "(.+)"\n(?:msgid_plural "(.+)"\n)?msgstr(?:\[0\])? "(.+)"$', source, re.M)
    assert len(pairs) > 15
    for one, many, told in pairs:
        assert (compiled.ngettext(one, many, 2) if many else compiled.gettext(one)) == told
