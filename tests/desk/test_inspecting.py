"""The inspector's pages: who entered what late and why, what was taken back or set right, chains and checkpoints."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.db import connection
from python_calamine import CalamineWorkbook

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import State
from motcua.ledger import checkpoint
from motcua.ledger.models import Item
from motcua.org.models import Duty
from tests.desk.counting import at, received
from tests.support.cast import Cast
from tests.support.sql import max_queries

NOW = "21/08/2025 16:30"


def page(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def story(cast: Cast) -> dict[str, Dossier]:
    """One dossier entered late, one whose acceptance was voided, one set right, one of another unit entered late."""
    handler, chair = cast.by_duty[Duty.HANDLE], cast.chair
    late, voided, wrong = (received(cast, f"{day}/08/2025 09:00") for day in (18, 19, 20))
    with clock.at(at("21/08/2025 10:00")):
        actions.resolve(
            actor=handler, dossier=late.pk, occurred_at=at("20/08/2025 16:00"), reason="Máy chủ hỏng hôm 20/8",
            approver=chair,
        )  # fmt: skip
        actions.void_event(actor=cast.receiver, dossier=voided.pk, seq=1, reason="Nhập hai lần", approver=chair)
        actions.correct_acceptance(
            actor=cast.receiver, dossier=wrong.pk, reason="Nhầm hình thức", channel="online_assisted", approver=chair
        )
    return {"late": late, "voided": voided, "wrong": wrong}


@pytest.fixture
def look(cast: Cast, on: Any, story: dict[str, Dossier]) -> Any:
    def get(url: str, who: Any = None, queries: int = 20) -> Any:
        with on(NOW, who or cast.by_duty[Duty.INSPECT]) as client:
            client.get("/toi/")
            with max_queries(queries):
                return client.get(url)

    return get


def test_late_entries_are_counted_by_person_and_reason_and_listed(cast: Cast, story: Any, look: Any) -> None:
    html = page(look("/kiem-tra/", queries=14))
    assert story["late"].code in html
    assert story["wrong"].code not in html
    for words in ("Ghi lùi ngày", "Máy chủ hỏng hôm 20/8", cast.by_duty[Duty.HANDLE].full_name, cast.chair.full_name):
        assert words in html
    assert "1 Máy chủ hỏng" in html
    # Recorded on the 21st, whatever day it says it happened.
    assert story["late"].code not in page(look("/kiem-tra/?tu=01/08/2025&den=20/08/2025"))


def test_voids_and_corrections_have_their_lists(cast: Cast, story: Any, look: Any) -> None:
    voids = page(look("/kiem-tra/?loai=huy"))
    assert story["voided"].code in voids
    assert "Hủy việc đã ghi: Tiếp nhận" in voids
    assert "Nhập hai lần" in voids
    corrections = page(look("/kiem-tra/?loai=sua"))
    assert story["wrong"].code in corrections
    assert "Nhầm hình thức" in corrections
    assert story["voided"].code not in corrections
    assert "không có việc nào như vậy" in page(look("/kiem-tra/?loai=gia-han"))
    assert look("/kiem-tra/?tu=hom-qua").status_code == 400


def test_another_units_acts_are_out_of_sight(cast: Cast, story: Any, look: Any) -> None:
    html = page(look("/kiem-tra/", cast.other))
    assert story["late"].code not in html
    assert "Máy chủ hỏng" not in html
    assert look(f"/kiem-tra/chuoi/?ma={story['late'].code}", cast.other).status_code == 400


def test_the_chain_of_one_dossier_is_proved_on_demand(cast: Cast, story: Any, look: Any) -> None:
    url = f"/kiem-tra/chuoi/?ma={story['late'].code}"
    html = page(look(url, queries=40))
    assert "toàn vẹn" in html
    assert Item.objects.get(dossier=story["late"]).head[:12] in html
    # Somebody with power over the database turns the head.
    Item.objects.filter(dossier=story["late"]).update(head="0" * 64)
    html = page(look(url, queries=40))
    assert "chỗ sai" in html
    assert "toàn vẹn" not in html


def test_the_state_of_a_dossier_that_was_touched_is_found(cast: Cast, story: Any, look: Any) -> None:
    Dossier.objects.filter(pk=story["late"].pk).update(time_class="early", state=State.PROCESSING)
    assert "chỗ sai" in page(look(f"/kiem-tra/chuoi/?ma={story['late'].code}", queries=40))


def test_checkpoints_are_shown_with_signature_and_link(cast: Cast, story: Any, look: Any) -> None:
    assert "Chưa có bản chốt nào" in page(look("/kiem-tra/ban-chot/"))
    for day in (21, 22, 24):
        with clock.at(at(f"{day}/08/2025 00:30")):
            made = checkpoint.make_daily()
            assert made is not None
    html = page(look("/kiem-tra/ban-chot/"))
    assert made.root[:16] in html
    assert "Sai" not in html
    assert "Đứt" not in html
    assert "có ngày không lập" in html
    table, forged = connection.ops.quote_name("ledger_checkpoint"), "ab" * 32
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER ledger_checkpoint_no_update")
        cursor.execute(f"UPDATE {table} SET root = %s WHERE id = %s", [forged, made.pk])
    assert "Sai" in page(look("/kiem-tra/ban-chot/"))


def test_the_register_shows_voided_codes_and_goes_to_excel(cast: Cast, story: Any, look: Any) -> None:
    url = "/so-theo-doi/xem/?don_vi=29308&tu=18/08/2025&den=20/08/2025"
    answer = look(url, cast.receiver, queries=16)
    html = page(answer)
    assert "3 mã, 0 đã trả kết quả, 1 mã đã hủy" in html
    assert all(d.code in html for d in story.values())
    content = look(f"{url}&tep=xlsx", cast.receiver)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content.content)).get_sheet_by_index(0).to_python()
    told = {row[1]: row[-1] for row in rows if row and row[0] in (1, 2, 3)}
    assert set(told) == {d.code for d in story.values()}
    assert told[story["voided"].code] == "Đã hủy"
    assert look(url.replace("den=20/08/2025", "den=01/08/2025"), cast.receiver).status_code == 400
    assert look("/so-theo-doi/xem/", cast.receiver).status_code == 200
    assert story["late"].code not in page(look(url.replace("29308", "29317"), cast.other))


def test_the_statement_page_leads_an_inspector_here(cast: Cast, on: Any, story: Any) -> None:
    with on(NOW, cast.by_duty[Duty.INSPECT]) as client:
        assert 'href="/kiem-tra/"' in client.get("/bieu-tong-hop/").content.decode()
    assert dt.date(2025, 8, 21) == clock.local_date(at(NOW))
