"""The working pages as the people at the desk use them: my work, the office, acts on many, scanning, signing, the
day's end."""

import datetime as dt
import re

import pytest
from django.db import OperationalError
from django.urls import reverse

from motcua.core import clock
from motcua.desk import many as pages
from motcua.desk.frame import NAVIGATION
from motcua.desk.templatetags.working import TABS
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier, Note
from motcua.dossiers.routine import MANY_ACTS
from motcua.dossiers.states import Act, State
from motcua.ledger.models import Event
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from tests.desk.counting import at
from tests.desk.filing import received, usable
from tests.support.cast import PASSWORD, give_password
from tests.support.sql import max_queries


def handler(cast):
    return cast.by_duty[Duty.HANDLE]


def proposed(cast, n=1, **more):
    """Dossiers drafted by the handler and waiting for the chairman."""
    made = [received(cast, holder=handler(cast)) for _ in range(n)]
    for dossier in made:
        actions.propose(actor=handler(cast), dossier=dossier.pk, to=cast.chair, note="Đủ điều kiện", **more)
        dossier.refresh_from_db()
    return made


def due_today(dossier):
    """As if this were its last day: not every day the tests run on is a working day."""
    midnight = clock.local_moment(clock.today() + dt.timedelta(days=1))
    Dossier.objects.filter(pk=dossier.pk).update(crossing_at=midnight, due_at=midnight - dt.timedelta(hours=7))
    return dossier


def text(response):
    return response.content.decode()


def test_no_key_goes_to_two_pages():
    keys = [entry.key for entry in NAVIGATION] + [tab.key for tab in TABS if tab.key]
    assert len(keys) == len(set(keys))


def test_the_working_pages_are_a_key_away_from_every_page(cast, signed_in):
    page = text(signed_in(cast.chair).get(reverse("me")))
    assert 'data-go="s"' in page
    assert 'data-go="q"' not in page, "the chairman scans nothing"


# ---- my work, the whole office ---------------------------------------------------------------------------------------


def test_my_work_stands_in_groups_of_time_left(cast, signed_in):
    person = handler(cast)
    with clock.at(at("04/08/2025 08:00")):
        made = {
            "late": received(cast, holder=person),
            "today": received(cast, holder=person),
            "waiting": received(cast, holder=person),
        }
    with clock.at(at("05/08/2025 08:00")):
        actions.request_supplement(actor=person, dossier=made["waiting"].pk, items=["Bản sao"], reason="Thiếu")
        made["tomorrow"] = received(cast, holder=person)
    Dossier.objects.filter(pk=made["late"].pk).update(crossing_at=at("09/08/2025 00:00"))
    with clock.at(at("11/08/2025 09:00")):
        page = signed_in(person).get(reverse("work"))
    groups = [
        (section.group.value, section.total, [row.dossier.code for row in section.rows])
        for section in page.context["sections"]
    ]
    assert groups == [
        ("overdue", 1, [made["late"].code]),
        ("today", 1, [made["today"].code]),
        ("tomorrow", 1, [made["tomorrow"].code]),
        ("waiting", 1, [made["waiting"].code]),
    ]
    shown = text(page)
    assert "Quá hạn" in shown
    assert "còn 1 ngày" in shown
    assert "làm việc" in shown


def test_sorted_otherwise_my_work_is_one_list(cast, signed_in):
    received(cast)
    client = signed_in(cast.receiver)
    assert client.get(reverse("work"), {"xep": "chu"}).context["sections"] == []
    assert client.get(reverse("work"), {"xep": "-han"}).context["sections"] == []
    assert len(client.get(reverse("work"), {"xep": "khong-co"}).context["sections"]) == 1


def test_the_offices_figures_lead_to_their_lists(cast, signed_in):
    received(cast)
    received(cast, holder=handler(cast))
    proposed(cast, 2)
    client = signed_in(cast.chair)
    page = client.get(reverse("office"))
    rows = {row.load.name: row for row in page.context["rows"]}
    assert {name: row.load.total for name, row in rows.items()} == {
        str(cast.receiver): 1,
        str(handler(cast)): 1,
        str(cast.chair): 2,
    }
    assert page.context["total"].load.total == 4
    for row in [*rows.values(), page.context["total"]]:
        for cell in row.cells:
            if cell.url:
                assert client.get(cell.url).context["list"].total == cell.n, cell.url


def test_by_step_the_figures_lead_to_their_lists_too(cast, signed_in):
    from motcua.procedures.actions import define_process
    from motcua.procedures.flow import Step

    steps = [Step("Tiếp nhận", Duty.RECEIVE), Step("Thẩm định & soạn", Duty.HANDLE)]
    define_process(procedure=usable(cast), steps=steps, valid_from=cast.xa_cau_ke.valid_from, decision="QĐ 1")
    received(cast)
    client = signed_in(cast.chair)
    page = client.get(reverse("office"), {"theo": "buoc"})
    (row,) = page.context["rows"]
    assert (row.load.name, row.load.total) == ("Tiếp nhận", 1)
    found = client.get(row.cells[-1].url)
    assert found.context["list"].total == 1
    assert "Bước: <strong>Tiếp nhận</strong>" in text(found)


def test_working_pages_cost_eight_statements(cast, signed_in):
    proposed(cast, 3)
    due_today(received(cast, holder=handler(cast)))
    client = signed_in(cast.chair)
    for name, query in [
        ("work", {}),
        ("office", {}),
        ("office", {"theo": "buoc"}),
        ("dossiers", {"giu": handler(cast).pk}),
        ("day_closing", {"ai": "tat-ca"}),
        ("signing", {}),
    ]:
        client.get(reverse(name), query)
        with max_queries(8):
            client.get(reverse(name), query)


@pytest.mark.parametrize("value", ["x", "-1", "99999999999999999999", "1e9", "%00", "<script>"])
def test_odd_filters_find_nothing_and_break_nothing(cast, signed_in, value):
    received(cast)
    client = signed_in(cast.receiver)
    for name in ("giu", "buoc", "don_vi", "theo", "ai"):
        for page in ("dossiers", "work", "office", "day_closing"):
            found = client.get(reverse(page), {name: value})
            assert found.status_code == 200
            assert "<script>" not in text(found).split("<main", 1)[1]


# ---- acts on many ----------------------------------------------------------------------------------------------------


def preview(client, act, ids, back="/viec/"):
    return client.post(reverse("many"), {"viec": act, "ho_so": ids, "ve": back})


def fields(page):
    """The hidden fields of a preview, as a browser would send them."""
    found = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)"[^>]*value="([^"]*)"', text(page)):
        found.setdefault(name, []).append(value)
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_every_act_on_many_has_its_form_and_verb():
    assert tuple(pages.MANY) == MANY_ACTS


def test_many_are_looked_at_first_then_done_one_by_one(cast, signed_in):
    fine = [received(cast), received(cast)]
    waiting = proposed(cast)[0]
    client = signed_in(cast.receiver)
    page = preview(client, "forward", [d.pk for d in (*fine, waiting)])
    assert {v.row.dossier for v in page.context["can"]} == set(fine)
    assert [(v.row.dossier, v.refusal) for v in page.context["cannot"]] == [
        (waiting, "Đang ở trạng thái «Đã trình, chờ ký».")
    ]
    assert Event.objects.filter(verb="forward").count() == 0, "looking does nothing"
    sent = {**fields(page), "holder": handler(cast).pk, "note": "Làm giúp"}
    done = client.post(reverse("many"), sent)
    assert {r.dossier for r in done.context["done"]} == set(fine)
    assert not done.context["refused"]
    assert set(Dossier.objects.filter(holder=handler(cast), state=State.PROCESSING)) == set(fine)
    again = client.post(reverse("many"), sent)
    assert {r.dossier for r in again.context["done"]} == set(fine), "sent twice, told the same"
    assert Event.objects.filter(verb="forward").count() == 2


def test_what_was_typed_wrongly_comes_back_and_nothing_is_done(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    page = preview(client, "forward", [dossier.pk])
    wrong = client.post(reverse("many"), {**fields(page), "holder": "", "note": "Đừng mất câu này"})
    assert wrong.status_code == 400
    assert "Đừng mất câu này" in text(wrong)
    assert fields(wrong)["ho_so"] == [str(dossier.pk)]
    dossier.refresh_from_db()
    assert dossier.state == State.RECEIVED


def test_one_that_changed_meanwhile_is_told_and_the_rest_is_done(cast, signed_in):
    one, two = received(cast), received(cast)
    client = signed_in(cast.receiver)
    page = preview(client, "forward", [one.pk, two.pk])
    actions.forward(actor=cast.receiver, dossier=two.pk, holder=cast.owner)
    done = client.post(reverse("many"), {**fields(page), "holder": handler(cast).pk})
    assert [r.dossier for r in done.context["done"]] == [one]
    ((refused,)) = done.context["refused"]
    assert refused.dossier == two
    assert "vừa được người khác cập nhật" in refused.refusal
    two.refresh_from_db()
    assert two.holder == cast.owner


def test_the_machine_fails_halfway_and_the_rest_is_done_later(cast, signed_in, monkeypatch):
    made = [received(cast) for _ in range(3)]
    client = signed_in(cast.receiver)
    page = preview(client, "forward", [d.pk for d in made])
    calls = []
    real = pages.MANY[Act.FORWARD].verb

    def failing(**given):
        calls.append(given["dossier"])
        if len(calls) == 2:
            raise OperationalError("database is locked")
        return real(**given)

    spec = pages.MANY[Act.FORWARD]
    monkeypatch.setitem(pages.MANY, Act.FORWARD, pages.Spec(spec.form, failing, spec.done))
    sent = {**fields(page), "holder": handler(cast).pk}
    done = client.post(reverse("many"), sent)
    assert (len(done.context["done"]), len(done.context["again"])) == (2, 1)
    assert Dossier.objects.filter(state=State.PROCESSING).count() == 2
    retry = client.post(reverse("many"), sent)  # the browser's own «send again»
    assert len(retry.context["done"]) == 3
    assert Event.objects.filter(verb="forward").count() == 3


def test_only_my_units_and_duties(cast, signed_in):
    dossier = received(cast)
    foreign = signed_in(cast.other)
    page = preview(foreign, "forward", [dossier.pk])
    assert (page.context["can"], page.context["cannot"], page.context["unseen"]) == ([], [], 1)
    forged = {"viec": "forward", "ho_so": [dossier.pk], "lam": "1", f"ban_{dossier.pk}": "1", "request_key": "k"}
    foreign.post(reverse("many"), {**forged, "holder": cast.other.pk})
    assert preview(signed_in(cast.receiver), "approve", [dossier.pk]).status_code == 400
    dossier.refresh_from_db()
    assert dossier.state == State.RECEIVED


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 30], range(1, 102)])
def test_nothing_ticked_or_too_much_is_said(cast, signed_in, ids):
    assert preview(signed_in(cast.receiver), "forward", list(ids)).status_code == 400


def test_nobody_is_sent_elsewhere_by_a_crafted_form(cast, signed_in):
    dossier = received(cast)
    page = preview(signed_in(cast.receiver), "forward", [dossier.pk], back="https://evil.example/")
    assert "evil.example" not in text(page)


def test_a_refusal_and_an_authorised_collector_need_their_own_page(cast, signed_in):
    (dossier,) = proposed(cast, proposal="refused")
    actions.approve(actor=cast.chair, dossier=dossier.pk)
    other = received(cast, collector=record_party(actor=None, name="Kim Thị Nhận", invented=True))
    actions.resolve(actor=handler(cast), dossier=other.pk)
    client = signed_in(cast.receiver)
    assert "từ chối" in preview(client, "resolve", [dossier.pk]).context["cannot"][0].refusal
    assert "ủy quyền" in preview(client, "hand_over", [other.pk]).context["cannot"][0].refusal


# ---- scanning --------------------------------------------------------------------------------------------------------


def beep(client, dossier, duty="receive", key="a", **more):
    return client.post(reverse("scan_act"), {"ma": dossier.code, "vai": duty, "khoa": key, **more})


def test_a_beep_answers_what_was_done_and_to_whom(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver)
    refused = beep(client, dossier)
    assert (refused.status_code, refused.json()["code"]) == (409, "choice")
    told = beep(client, dossier, key="b", cho=handler(cast).pk).json()
    assert told["ok"]
    assert told["did"] == "Chuyển bước"
    assert told["to"] == str(handler(cast))
    assert told["code"] == dossier.code
    assert told["undo"] == {"dossier": dossier.pk, "seq": 2}
    assert beep(client, dossier, key="b", cho=handler(cast).pk).json() == told
    assert dossier.item.events.count() == 2


def test_what_was_scanned_is_taken_back_with_a_leader_beside(cast, signed_in):
    dossier = received(cast)
    give_password(cast.chair)
    client = signed_in(cast.receiver)
    told = beep(client, dossier, cho=handler(cast).pk).json()
    typed = {"ho_so": told["undo"]["dossier"], "so": told["undo"]["seq"], "ly_do": "Quét nhầm", "khoa": "u1"}
    alone = client.post(reverse("scan_undo"), typed)
    assert (alone.status_code, alone.json()["ok"]) == (403, False)
    wrong = client.post(reverse("scan_undo"), {**typed, "nguoi_duyet": "chair", "mat_khau": "sai"})
    assert "không đúng" in wrong.json()["message"]
    approver = {"nguoi_duyet": cast.chair.username, "mat_khau": PASSWORD}
    assert client.post(reverse("scan_undo"), {**typed, **approver, "khoa": "u2"}).json()["ok"]
    dossier.refresh_from_db()
    assert (dossier.state, dossier.holder) == (State.RECEIVED, cast.receiver)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"ma": "x"},
        {"ma": "x", "vai": "admin", "khoa": "k"},
        {"ma": "x", "vai": "receive", "khoa": "k" * 41},
        {"ma": "x", "vai": "receive", "khoa": "k", "cho": "abc"},
        {"ma": "x", "vai": "receive", "khoa": "k", "cho": "9" * 18},
        {"ma": "\x00", "vai": "receive", "khoa": "k"},
        {"ma": "x", "vai": "receive", "khoa": "có dấu"},
    ],
)
def test_odd_scans_are_refused_in_words(cast, signed_in, typed):
    response = signed_in(cast.receiver).post(reverse("scan_act"), typed)
    assert response.status_code in (400, 404)
    assert response.json()["message"]


def test_the_page_offers_the_duties_one_holds(cast, signed_in):
    page = signed_in(cast.other).get(reverse("scan"), {"vai": "handle"})
    assert page.context["duty"] is Duty.HANDLE
    assert len(page.context["duties"]) == 5
    assert signed_in(cast.receiver).get(reverse("scan"), {"vai": "handle"}).context["duty"] is Duty.RECEIVE


# ---- signing ---------------------------------------------------------------------------------------------------------


def test_a_leader_sees_what_waits_and_signs_several_at_once(cast, signed_in):
    made = proposed(cast, 3)
    client = signed_in(cast.chair)
    page = client.get(reverse("signing"))
    assert {card.draft.dossier for card in page.context["cards"]} == set(made)
    assert "Đủ điều kiện" in text(page)
    look = preview(client, "approve", [d.pk for d in made[:2]], back=reverse("signing"))
    assert "Trong đó" not in text(look)
    done = client.post(reverse("many"), fields(look))
    assert {r.dossier for r in done.context["done"]} == set(made[:2])
    assert {card.draft.dossier for card in client.get(reverse("signing")).context["cards"]} == {made[2]}


def test_one_goes_back_to_be_mended_with_a_reason(cast, signed_in):
    (dossier,) = proposed(cast)
    client = signed_in(cast.chair)
    typed = {"ho_so": dossier.pk, "ban": 2, "sua-request_key": "k", "sua-to": handler(cast).pk, "sua-reason": ""}
    empty = client.post(reverse("signing"), typed)
    assert empty.status_code == 400
    assert dossier.code in text(empty)
    assert client.post(reverse("signing"), {**typed, "ban": 1, "sua-reason": "Sai số thửa"}).status_code == 400
    assert client.post(reverse("signing"), {**typed, "sua-reason": "Sai số thửa"}).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.state, dossier.holder) == (State.PROCESSING, handler(cast))


def test_a_proposed_refusal_stands_out_and_others_drafts_are_a_click_away(cast, signed_in):
    (dossier,) = proposed(cast, proposal="refused")
    head = signed_in(cast.by_duty[Duty.HEAD])
    assert head.get(reverse("signing")).context["cards"] == []
    everybody = head.get(reverse("signing"), {"ai": "tat-ca"})
    assert [card.draft.dossier for card in everybody.context["cards"]] == [dossier]
    assert "Đề xuất từ chối giải quyết" in text(everybody)
    look = preview(signed_in(cast.chair), "approve", [dossier.pk])
    assert "1 hồ sơ được trình từ chối giải quyết" in text(look), "signing a refusal is never a surprise"
    assert signed_in(cast.other).get(reverse("signing"), {"ai": "tat-ca"}).context["cards"] == []


# ---- the day's end ---------------------------------------------------------------------------------------------------


def test_the_day_closes_with_one_key_each(cast, signed_in):
    person = handler(cast)
    done, late = (due_today(received(cast, holder=person)) for _ in range(2))
    received(cast, holder=person)  # due on another day
    client = signed_in(person)
    page = client.get(reverse("day_closing"))
    assert page.context["coming"] == 2
    (mine,) = page.context["holders"]
    assert {row.line.dossier for row in mine.rows} == {done, late}
    common = {"ban": 1, "request_key": "k1"}
    assert client.post(reverse("day_closing"), {**common, "ho_so": done.pk, "viec": "xong"}).status_code == 302
    done.refresh_from_db()
    assert done.state == State.RESULT_READY
    empty = client.post(reverse("day_closing"), {**common, "ho_so": late.pk, "viec": "why_late", "request_key": "k2"})
    assert empty.status_code == 400
    said = {**common, "ho_so": late.pk, "viec": "why_late", "text": "Chờ bản đồ", "request_key": "k3"}
    for _ in range(2):
        assert client.post(reverse("day_closing"), said).status_code == 302
    assert Note.objects.filter(kind="why_late").count() == 1
    after = client.get(reverse("day_closing"))
    assert after.context["coming"] == 1
    assert "Chờ bản đồ" in text(after)
    dossier = text(client.get(reverse("dossier", args=[late.pk])))
    assert f"{person}. Lý do chậm: Chờ bản đồ" in dossier


def test_somebody_was_faster_is_told_at_the_days_end_too(cast, signed_in):
    dossier = due_today(received(cast, holder=handler(cast)))
    client = signed_in(handler(cast))
    actions.forward(actor=cast.receiver, dossier=dossier.pk, holder=cast.owner)
    told = client.post(reverse("day_closing"), {"ho_so": dossier.pk, "viec": "xong", "ban": 1, "request_key": "k"})
    assert told.status_code == 400
    assert "vừa được người khác cập nhật" in text(told)
    dossier.refresh_from_db()
    assert dossier.state == State.PROCESSING


@pytest.mark.parametrize(
    "typed", [{}, {"ho_so": "x", "viec": "xong"}, {"ho_so": "1", "viec": "void"}, {"ho_so": "9" * 20}]
)
def test_odd_closings_do_nothing(cast, signed_in, typed):
    assert signed_in(cast.receiver).post(reverse("day_closing"), typed).status_code == 400


def test_another_units_day_is_not_closed_from_here(cast, signed_in):
    dossier = due_today(received(cast))
    client = signed_in(cast.other)
    for kind in ("xong", "why_late"):
        typed = {"ho_so": dossier.pk, "viec": kind, "text": "x", "ban": 1, "request_key": kind}
        assert client.post(reverse("day_closing"), typed).status_code == 400
    assert not Note.objects.exists()
    assert client.get(reverse("day_closing"), {"ai": "tat-ca"}).context["total"] == 0
