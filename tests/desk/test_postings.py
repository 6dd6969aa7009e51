"""Niêm yết: by place, day and photo; and what is in force but hangs nowhere, or in an old version."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.org import queries as org
from motcua.org.models import TWO_TIER_DAY, Duty
from motcua.papers.models import Blob
from motcua.procedures import posting, queries
from motcua.procedures.actions import adopt, new_version
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import TermDraft
from motcua.procedures.models import Posting
from tests.desk.filing import CODE, PDF, usable
from tests.dossiers.conftest import procedure
from tests.support.sql import max_queries

BOARD = "Bảng tại trụ sở UBND xã"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 64


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path
    return tmp_path


@pytest.fixture
def keeper(cast, signed_in):
    usable(cast)
    return signed_in(cast.by_duty[Duty.CONTROL])


def send(client, *codes, place=BOARD, day=None, **more):
    day = day or clock.today()
    return client.post(
        reverse("postings"),
        {"don_vi": "29308", "chon": list(codes), "place": place, "posted_on": f"{day:%d/%m/%Y}", **more},
    )


def states(cast, day=None):
    found = posting.posted(org.SYSTEM, cast.xa_cau_ke, day or clock.today())
    return {row.adopted.code: row.state for row in found}


def test_what_is_in_force_and_hangs_nowhere_is_listed_until_it_is_posted_with_a_photo(cast, keeper):
    other = procedure("1.009993", "Cấp giấy phép cửa hàng", 3)
    adopt(unit=cast.xa_cau_ke, procedure=other, valid_from=TWO_TIER_DAY)
    html = keeper.get(reverse("postings")).content.decode()
    assert html.count("Chưa niêm yết") == 2
    done = send(keeper, CODE, photo=SimpleUploadedFile("bang.jpg", JPEG))
    assert done.status_code == 302, done.content.decode()
    made = Posting.objects.get()
    assert (made.place, made.posted_on, made.created_by) == (BOARD, clock.today(), cast.by_duty[Duty.CONTROL])
    missing = keeper.get(reverse("postings"), {"tinh_trang": "chua"}).content.decode()
    assert "Cấp giấy phép cửa hàng" in missing
    assert "Đăng ký biến động" not in missing
    ticked = keeper.get(reverse("postings"), {"tinh_trang": "chua", "chon": "het"}).content.decode()
    assert 'value="1.009993" checked' in ticked
    photo = keeper.get(reverse("posting_photo", args=[made.pk]))
    assert b"".join(photo.streaming_content) == JPEG
    assert (photo["Content-Type"], photo["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")


def test_a_new_version_makes_what_hangs_an_old_one_until_it_is_replaced(cast, keeper):
    wanted = usable(cast)
    send(keeper, CODE)
    assert states(cast)[CODE] == "posted"
    cut = TermDraft(Stated.STATED, value=4, unit="working_day", start_rule="next_day", confirmed=True)
    new_version(version=queries.in_force(CODE, clock.today()), changes={"terms": (cut,)}, basis="QĐ mới")
    assert states(cast)[CODE] == "old"
    assert "Chỉ còn bản cũ" in keeper.get(reverse("postings")).content.decode()
    send(keeper, CODE)
    assert states(cast)[CODE] == "posted"
    old, new = Posting.objects.filter(procedure=wanted).order_by("pk")
    assert (old.taken_down_on, new.taken_down_on, new.version.number) == (clock.today(), None, 2)


def test_taken_down_it_is_missing_again_and_the_record_stays(cast, keeper):
    send(keeper, CODE)
    url = reverse("take_down_posting", args=[Posting.objects.get().pk])
    assert keeper.post(url, {"don_vi": "29308"}).status_code == 302
    assert states(cast)[CODE] == "missing"
    assert Posting.objects.get().taken_down_on == clock.today()
    again = keeper.post(url, {"don_vi": "29308"}, follow=True).content.decode()
    assert "Đã gỡ ngày" in again


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"chon": []}, "Chưa chọn thủ tục nào"),
        ({"place": ""}, "Nơi niêm yết: Chưa nhập."),
        ({"posted_on": "01/01/2099"}, "Chưa đến ngày này"),
        ({"posted_on": "01/01/2020"}, "không áp dụng vào ngày 01/01/2020"),
        ({"chon": ["9.999999"]}, "9.999999"),
        ({"photo": SimpleUploadedFile("a.jpg", b"<html><script>x</script></html>")}, "Loại tệp này không nhận"),
        ({"photo": SimpleUploadedFile("a.jpg", b"")}, "Tệp rỗng"),
    ],
)
def test_what_cannot_be_recorded_is_said_and_what_was_typed_stays(cast, keeper, typed, said):
    given = {"don_vi": "29308", "chon": [CODE], "place": BOARD, "posted_on": f"{clock.today():%d/%m/%Y}", **typed}
    answer = keeper.post(reverse("postings"), given)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert said in html
    if given["chon"] == [CODE]:
        assert f'value="{CODE}" checked' in html
    assert not Posting.objects.exists()
    assert not Blob.objects.exists()


def test_the_same_thing_hangs_once_at_a_place_and_may_hang_at_many(cast, keeper):
    send(keeper, CODE)
    twice = send(keeper, CODE)
    assert twice.status_code == 400
    assert "đã niêm yết ở" in twice.content.decode()
    assert send(keeper, CODE, place="Nhà văn hóa ấp 1").status_code == 302
    (row,) = posting.posted(org.SYSTEM, cast.xa_cau_ke, clock.today())
    assert len(row.current) == 2
    assert posting.places(cast.xa_cau_ke) == ["Nhà văn hóa ấp 1", BOARD]
    same = Posting.objects.values().first() | {"id": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(**same)


def test_only_keepers_record_and_only_within_their_units(cast, keeper, signed_in):
    send(keeper, CODE, photo=SimpleUploadedFile("bang.pdf", PDF))
    made = Posting.objects.get()
    reader = signed_in(cast.receiver)
    assert 'name="place"' not in reader.get(reverse("postings")).content.decode()
    assert send(reader, CODE, place="Nơi khác").status_code == 403
    other = signed_in(cast.other)
    assert send(other, CODE, place="Nơi khác").status_code == 404
    other.post(reverse("take_down_posting", args=[made.pk]), {})
    made.refresh_from_db()
    assert made.taken_down_on is None
    with pytest.raises(NotAllowed):
        posting.take_down(posting=made.pk, day=clock.today(), actor=cast.other)
    with pytest.raises(NotFound):
        posting.open_photo(org.scope(cast.other, None, clock.today()), made.pk)
    with pytest.raises(NotFound):
        posting.take_down(posting=10**9, day=clock.today())


def test_days_stay_in_order(cast, keeper):
    send(keeper, CODE)
    made = Posting.objects.get()
    with pytest.raises(Invalid, match="Ngày gỡ"):
        posting.take_down(posting=made.pk, day=clock.today() - dt.timedelta(days=1))
    with pytest.raises(Invalid, match="Ngày gỡ"):
        posting.take_down(posting=made.pk, day=clock.today() + dt.timedelta(days=1))
    with pytest.raises(Conflict):
        posting.post(unit=cast.xa_cau_ke, procedures=[CODE], place=BOARD, posted_on=clock.today())


def test_one_photo_serves_many_and_the_list_stays_cheap(cast, keeper):
    codes = [CODE]
    for n in range(12):
        made = procedure(f"1.0088{n:02}", f"Thủ tục {n}", 3)
        adopt(unit=cast.xa_cau_ke, procedure=made, valid_from=TWO_TIER_DAY)
        codes.append(made.code)
    assert send(keeper, *codes, photo=SimpleUploadedFile("bang.jpg", JPEG)).status_code == 302
    assert (Posting.objects.count(), Blob.objects.count()) == (13, 1)
    keeper.get(reverse("postings"))
    with max_queries(8):
        keeper.get(reverse("postings"))
