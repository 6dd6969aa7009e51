"""The queue of what imported procedures leave to a person."""

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.org.models import TWO_TIER_DAY, Duty
from motcua.procedures import queue
from motcua.procedures.actions import adopt, confirm_review, create_procedure
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Doubt, Draft, Head, TermDraft
from tests.dossiers.conftest import START
from tests.support.sql import max_queries


def unclear(code: str, name: str, trouble: str = "number_without_unit"):
    draft = Draft(
        Head(name=name, field="Đất đai"),
        terms=(TermDraft(Stated.UNCLEAR, published="7"),),
        doubts=(Doubt(trouble, "term", 1, "7"),),
    )
    return create_procedure(code=code, draft=draft, valid_from=START, basis="Nạp thử")


@pytest.fixture
def waiting(cast):
    made = {code: unclear(code, f"Thủ tục {code}") for code in ("1.007001", "1.007002")}
    made["1.007003"] = unclear("1.007003", "Thủ tục ba", "zero_term")
    for unit in (cast.xa_cau_ke, cast.xa_an_phu_tan):
        adopt(unit=unit, procedure=made["1.007001"].procedure, valid_from=TWO_TIER_DAY)
    adopt(unit=cast.xa_cau_ke, procedure=made["1.007003"].procedure, valid_from=TWO_TIER_DAY)
    return made


def shown(client, **asked) -> list[str]:
    answer = client.get(reverse("review_queue"), asked)
    assert answer.status_code == 200
    return [version.procedure.code for version, _ in answer.context["rows"]]


def test_the_units_own_come_first_and_those_most_used_before_others(cast, waiting, signed_in):
    client = signed_in(cast.by_duty[Duty.CONTROL])
    assert shown(client) == ["1.007001", "1.007003"]
    assert set(shown(client, pham_vi="het")) >= {"1.007001", "1.007002", "1.007003"}
    assert shown(client, pham_vi="het")[0] == "1.007001"
    assert shown(client, ly_do="zero_term") == ["1.007003"]
    assert shown(client, ly_do="no-such", xep="x", trang="-1") == ["1.007001", "1.007003"]
    html = client.get(reverse("review_queue")).content.decode()
    assert "Thời hạn chỉ có con số, không có đơn vị tính" in html
    assert shown(signed_in(cast.other)) == ["1.007001"]


def test_what_a_person_has_settled_leaves_the_queue(cast, waiting, signed_in):
    confirm_review(
        version=waiting["1.007001"],
        place="term",
        position=1,
        value={"state": "stated", "value": 7, "unit": "working_day"},
        basis="QĐ 1/QĐ-BTNMT",
    )
    assert shown(signed_in(cast.by_duty[Duty.CONTROL])) == ["1.007003"]
    assert queue.review_counts(clock.today(), used_in=None).get("number_without_unit") == 1


def test_the_queue_is_read_in_few_statements(cast, waiting, signed_in):
    client = signed_in(cast.by_duty[Duty.CONTROL])
    shown(client)
    with max_queries(8):
        shown(client)
