"""Chép sang: the fields in another system's order, an office's own orders, and the code pasted back."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed
from motcua.dossiers import copying
from motcua.dossiers.models import Dossier, Note
from motcua.parties.actions import Particulars
from tests.desk.filing import received
from tests.support.cast import Cast
from tests.support.sql import max_queries

OWN = """
name = "Phần mềm hộ kinh doanh"
confirmed = true
code_pattern = "HKD-\\\\d{4}"
code_example = "HKD-0001"
[[field]]
label = "Loại"
fixed = "Cấp mới"
[[field]]
label = "Chủ hộ"
from = ["applicant.name", "applicant.phone"]
[[field]]
label = "Người nộp"
from = "submitter.name"
[[field]]
label = "Giấy tờ"
from = "papers"
[[field]]
label = "Ngày nhận"
from = "received"
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "ho-kinh-doanh.toml").write_text(OWN, encoding="utf-8")
    return tmp_path / "orders"


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    papers = [{"name": "Đơn đề nghị"}, {"name": "Bản sao hợp đồng"}]
    made = received(cast, papers=papers, submitter=Particulars(name="Kim Thị Nộp", id_number="084100000009"))
    return Dossier.objects.get(pk=made.pk)


def fields(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<label for="chep-\d+">([^<]+)</label>\s*<input[^>]*value="([^"]*)"', html)


def test_the_fields_stand_in_the_systems_order_with_a_copy_key_each(
    cast: Cast, signed_in: Any, dossier: Dossier, own: Path
) -> None:
    client = signed_in(cast.receiver)
    client.get("/toi/")
    with max_queries(16):
        html = client.get(f"/ho-so/{dossier.pk}/chep-sang/?he-thong=ho-kinh-doanh").content.decode()
    today = f"{clock.local_date(clock.now()):%d/%m/%Y}"
    assert fields(html) == [
        ("Loại", "Cấp mới"),
        ("Chủ hộ", "Sơn Văn Mẫu, 0900000001"),
        ("Người nộp", "Kim Thị Nộp"),
        ("Giấy tờ", "Đơn đề nghị; Bản sao hợp đồng"),
        ("Ngày nhận", today),
    ]
    assert html.count("data-copy=") == 5
    assert "chưa đối chiếu" not in html
    # The system used last is the one next time.
    assert "Chép sang Phần mềm hộ kinh doanh" in client.get(f"/ho-so/{dossier.pk}/chep-sang/").content.decode()
    shipped = client.get(f"/ho-so/{dossier.pk}/chep-sang/?he-thong=mot-cua-tinh").content.decode()
    assert "chưa đối chiếu" in shipped
    assert "Không có trong hồ sơ" in shipped


def test_the_code_of_the_other_system_is_pasted_back_and_checked(
    cast: Cast, signed_in: Any, dossier: Dossier, own: Path
) -> None:
    client, url = signed_in(cast.receiver), f"/ho-so/{dossier.pk}/chep-sang/?he-thong=ho-kinh-doanh"
    refused = client.post(url, {"code": "HKD-12", "request_key": "a"})
    assert refused.status_code == 400
    assert "không đúng mẫu của Phần mềm hộ kinh doanh, ví dụ HKD-0001" in refused.content.decode()
    assert client.post(url, {"code": " HKD-0012 ", "request_key": "b"})["Location"] == f"/ho-so/{dossier.pk}/"
    assert Dossier.objects.get(pk=dossier.pk).external_code == "HKD-0012"
    # It is found by that code from now on.
    assert client.get("/ho-so/ma/?ma=HKD-0012")["Location"] == f"/ho-so/{dossier.pk}/"
    client.post(url, {"code": "HKD-0013", "request_key": "c"})
    notes = list(Note.objects.filter(dossier=dossier, kind="external_code").values_list("text", flat=True))
    assert notes == [
        "Mã ở Phần mềm hộ kinh doanh: HKD-0012",
        "Mã ở Phần mềm hộ kinh doanh: HKD-0013 (trước: HKD-0012)",
    ]


def test_a_code_of_two_dossiers_our_own_or_somebody_elses_is_refused(cast: Cast, dossier: Dossier, own: Path) -> None:
    other = received(cast)
    give = copying.record_external_code
    give(actor=cast.receiver, dossier=dossier.pk, code="HKD-0001")
    with pytest.raises(Conflict, match=str(dossier.code)):
        give(actor=cast.receiver, dossier=other.pk, code="hkd-0001")
    with pytest.raises(Invalid, match="chính hồ sơ này"):
        give(actor=cast.receiver, dossier=other.pk, code=str(other.code))
    with pytest.raises(Invalid, match="chỉ gồm"):
        give(actor=cast.receiver, dossier=other.pk, code="<script>")
    with pytest.raises(NotAllowed):
        give(actor=cast.other, dossier=other.pk, code="HKD-0002")
    assert give(actor=cast.receiver, dossier=dossier.pk, code="").external_code == ""


def test_a_shipped_order_is_replaced_by_an_offices_own_of_that_name(own: Path) -> None:
    shipped, wrong = copying.orders()
    assert wrong == []
    assert {"mot-cua-tinh", "cong-quoc-gia", "ho-tich", "ho-kinh-doanh"} == {order.key for order in shipped}
    assert not any(order.confirmed for order in shipped if not order.own)
    for order in shipped:
        assert not order.code_example or re.fullmatch(order.code_pattern, order.code_example)
    (own / "ho-tich.toml").write_text(OWN, encoding="utf-8")
    mine = next(order for order in copying.orders()[0] if order.key == "ho-tich")
    assert mine.own
    assert mine.name == "Phần mềm hộ kinh doanh"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cú pháp"),
        ("name = 'x'", "[[field]]"),
        ("[[field]]\nfrom = 'code'", "thiếu label"),
        ("[[field]]\nlabel = 'A'\nfrom = 'applicant.password'", "applicant.password"),
        ("[[field]]\nlabel = 'A'", "from và fixed"),
        ("code_pattern = '('\n[[field]]\nlabel = 'A'\nfrom = 'code'", "biểu thức"),
        ("field = 3", "[[field]]"),
        ("field = [3]", "thiếu label"),
    ],
)
def test_a_broken_order_is_named(text: str, said: str) -> None:
    with pytest.raises(copying.BrokenOrder, match=re.escape(said)):
        copying.parsed("cua-toi", text)


def test_a_broken_order_does_not_close_the_page(cast: Cast, signed_in: Any, dossier: Dossier, own: Path) -> None:
    (own / "hong.toml").write_bytes(b"\xff\xfe")
    (own / "sai.toml").write_text("name = ", encoding="utf-8")
    html = signed_in(cast.receiver).get(f"/ho-so/{dossier.pk}/chep-sang/").content.decode()
    assert "Không đọc được tệp hong.toml" in html
    assert "sai.toml" in html
    assert "data-copy=" in html
