"""Thủ tục on the desk: what a unit uses, what a procedure says for certain, adopting, reviewing, processes."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.dossiers.accepting import terms_for
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.procedures import actions, queries
from motcua.procedures.drafts import Draft, Head, TermDraft
from motcua.procedures.flow import Branch, Step
from motcua.procedures.models import Adoption, ProcedureVersion, Process
from motcua.procedures.published import read_record
from tests.desk.filing import received
from tests.procedures.made import method, record
from tests.support.sql import max_queries

START = dt.date(2025, 7, 1)
LIST, ADOPT = "/thu-tuc/", "/thu-tuc/ap-dung/"
CLEAR, UNCLEAR, EMPTY = "9.900001", "9.900002", "9.900003"


def page(response):
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def text(response):
    """What is read on the page: without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def day(offset=0):
    return f"{clock.today() + dt.timedelta(days=offset):%d/%m/%Y}"


def form_of(client, url):
    """The hidden fields a form came with."""
    found = client.get(url).content.decode()
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found)
        if name != "csrfmiddlewaretoken"
    }


@pytest.fixture
def books(cast):
    """A catalogue of three procedures: one clear, one whose term has no unit of time, one without any term."""
    actions.import_catalogue(
        records=[
            read_record(record(CLEAR)),
            read_record(
                record(
                    UNCLEAR,
                    name="Cấp giấy phép thả diều",
                    domain="Diều sáo",
                    methods=[method(3, None, note="8.000 VNĐ(Mức thu: 8.000 đồng hoặc 16.000 đồng)")],
                )
            ),
            read_record(record(EMPTY, name="Xác nhận hộ nuôi đom đóm", domain="Đom đóm", methods=[])),
        ],
        valid_from=START,
    )
    return cast


def used(unit, codes=(CLEAR, UNCLEAR, EMPTY), **more):
    for code in codes:
        actions.adopt(unit=unit, procedure=newest(code).procedure, valid_from=START, **more)


def newest(code):
    return ProcedureVersion.objects.filter(procedure__code=code).order_by("-number").first()


@pytest.fixture
def keeper(books, signed_in):
    """The clerk of procedure control, at her desk."""
    return signed_in(books.by_duty[Duty.CONTROL])


def receivable(unit, code, case=None, channel=Channel.DIRECT):
    """Whether the verb behind the counter takes it; any other refusal than an unclear term fails the test."""
    try:
        terms_for(procedure=newest(code).procedure, case=case, channel=channel, unit=unit, at=clock.now())
    except Invalid as error:
        if error.code != "term_unclear":
            raise
        return False
    return True


# ---- the list -------------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_promised_and_what_is_open(books, keeper):
    used(books.xa_cau_ke, [CLEAR], service_level="toan_trinh")
    used(books.xa_cau_ke, [UNCLEAR, EMPTY])
    shown = text(keeper.get(LIST))
    assert "Xã Cầu Kè áp dụng hôm nay: 3 thủ tục" in shown
    assert "1 toàn trình 2 chưa rõ mức độ 2 cần rà soát 2 chưa tiếp nhận được" in shown
    assert "5 ngày làm việc" in shown
    assert "Chưa tiếp nhận được thời hạn chưa rõ" in shown
    assert "Chưa tiếp nhận được thời hạn không công bố" in shown


def test_a_cut_term_is_the_one_promised(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    version = newest(CLEAR)
    line = queries.contents((version.pk,))[version.pk].terms[0]
    cut = TermDraft(
        line.state,
        value=line.value,
        unit=line.unit,
        start_rule=line.start_rule,
        promised_value=Decimal("3"),
        promised_unit="working_day",
    )
    actions.new_version(version=version, changes={"terms": [cut]}, basis="QĐ 1", valid_from=clock.today())
    assert "3 ngày làm việc" in text(keeper.get(LIST))
    assert "5 ngày làm việc" not in text(keeper.get(LIST))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"tim": "nuoi rong"}, [CLEAR]),
        ({"tim": "tha dieu"}, [UNCLEAR]),
        ({"tim": "giay con rong"}, [CLEAR]),
        ({"tim": UNCLEAR}, [UNCLEAR]),
        ({"tim": "khong he co"}, []),
        ({"linh_vuc": "Diều sáo"}, [UNCLEAR]),
        ({"linh_vuc": "Lĩnh vực đã bỏ"}, []),
        ({"muc_do": "toan_trinh"}, [CLEAR]),
        ({"ra_soat": "can"}, [UNCLEAR, EMPTY]),
        ({"ra_soat": "chua-tiep-nhan"}, [UNCLEAR, EMPTY]),
        ({"ra_soat": "xong"}, []),
        ({"ra_soat": "sai", "muc_do": "sai"}, [CLEAR, UNCLEAR, EMPTY]),
        ({"xep": "ma"}, [CLEAR, UNCLEAR, EMPTY]),
        ({"xep": "-ma"}, [EMPTY, UNCLEAR, CLEAR]),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(books, keeper, query, found):
    used(books.xa_cau_ke, [CLEAR], service_level="toan_trinh")
    used(books.xa_cau_ke, [UNCLEAR, EMPTY])
    actions.add_synonym(procedure=newest(CLEAR).procedure, words="giấy con rồng")
    shown = page(keeper.get(LIST, query))
    codes = re.findall(r'scope="row"><a href="/thu-tuc/([^/]+)/', shown)
    assert sorted(codes) == sorted(found)
    if "xep" in query:
        assert codes == found
    if not found:
        assert "khớp với điều kiện lọc" in shown
        assert "Bỏ lọc" in shown


def test_another_unit_is_chosen_within_ones_own(books, signed_in):
    used(books.xa_cau_ke, [CLEAR])
    used(books.xa_an_phu_tan, [UNCLEAR])
    above = signed_in(books.above)
    # the province itself uses nothing: the first unit beneath it that does is shown
    shown = page(above.get(LIST))
    assert "Đang áp dụng thủ tục" in shown
    assert "Chưa áp dụng thủ tục nào" in shown
    first = page(above.get(LIST, {"don_vi": "29317"}))
    assert "Cấp giấy phép thả diều" in first
    assert "nuôi rồng" not in first
    other = signed_in(books.other).get(LIST, {"don_vi": "29308"})
    assert "nuôi rồng" not in page(other)
    refused = page(signed_in(books.above).get(LIST, {"don_vi": "99999"}))
    assert "Không có đơn vị «99999» trong phạm vi của bạn." in refused


def test_who_has_nothing_yet_is_told_what_to_do(books, keeper, signed_in):
    shown = page(keeper.get(LIST))
    assert "chưa áp dụng thủ tục nào" in shown
    assert f'href="{ADOPT}?don_vi=29308"' in shown
    receiver = page(signed_in(books.receiver).get(LIST))
    assert "Đầu mối KSTTHC" in receiver
    assert ADOPT not in receiver


def test_the_list_keeps_its_budget(books, signed_in):
    used(books.xa_cau_ke)
    for who in (books.by_duty[Duty.CONTROL], books.above, books.receiver):
        client = signed_in(who)
        client.get("/toi/")
        with max_queries(3):
            client.get("/toi/mau-khong-co/")  # the frame alone
        with max_queries(8 + 3):
            client.get(LIST, {"tim": "rong", "don_vi": "29308"})


# ---- one procedure --------------------------------------------------------------------------------------------------


def test_a_clear_procedure(books, keeper):
    used(books.xa_cau_ke, [CLEAR], decision="QĐ 15/QĐ-UBND")
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    for words in (
        "Đăng ký nuôi rồng tại nhà",
        "Tiếp nhận được",
        "Thời hạn chưa ai xác nhận theo văn bản; phiếu hẹn vẫn tính theo thời hạn này.",
        "5 ngày làm việc từ ngày tiếp theo",
        "Chưa xác nhận, vẫn dùng được",
        "Không thu",
        "Tờ khai theo mẫu 1 bản chính",
        "01/2020/NĐ-CP",
        "Giấy chứng nhận nuôi rồng",
        "Bước 1: Nộp hồ sơ.",
        "QĐ 15/QĐ-UBND",
        "Phiên bản 1",
    ):
        assert words in shown, words
    assert "điểm cần rà soát" not in shown


def test_an_unclear_procedure_says_why_and_what_was_published(books, keeper, signed_in):
    used(books.xa_cau_ke, [UNCLEAR, EMPTY])
    shown = text(keeper.get(f"{LIST}{UNCLEAR}/"))
    assert "Chưa tiếp nhận được" in shown
    assert "Chưa rõ thời hạn giải quyết; cần rà soát theo văn bản trước." in shown
    assert "Thời hạn chỉ có con số, không có đơn vị tính" in shown
    assert "Trực tiếp: 3 (không ghi đơn vị)" in shown
    assert "Có nhiều mức phí, chưa rõ áp dụng khi nào" in shown
    assert "8.000 đồng hoặc 16.000 đồng" in shown
    assert "3 ngày làm việc" not in shown  # nothing is made up
    assert f"{LIST}{UNCLEAR}/ra-soat/term/1/?don_vi=29308" in page(keeper.get(f"{LIST}{UNCLEAR}/"))
    # who only reads is told who settles it
    reader = page(signed_in(books.receiver).get(f"{LIST}{UNCLEAR}/"))
    assert "ra-soat/" not in reader
    assert "Đầu mối KSTTHC hoặc quản trị hệ thống rà soát theo văn bản." in reader
    assert "Danh mục không ghi thời hạn nào, nên chưa tiếp nhận được." in text(keeper.get(f"{LIST}{EMPTY}/"))


def test_what_the_page_says_can_be_received_is_what_the_counter_receives(cast, signed_in):
    """Every line of the whole starter catalogue, asked of the verb behind the counter."""
    actions.load_starter(valid_from=START)
    rows = queries.catalogue_rows(clock.today())
    actions.adopt_many(unit=cast.xa_cau_ke, procedures=[v.procedure for v in rows], valid_from=START)
    client, seen = signed_in(cast.receiver), set()
    for version in rows:
        shown = text(client.get(f"{LIST}{version.procedure.code}/"))
        lines = queries.term_lines([version.pk])[version.pk]
        opens = []
        for line in lines:
            code = version.procedure.code
            opens.append(receivable(cast.xa_cau_ke, code, line.case, line.channel or Channel.DIRECT))
            assert opens[-1] == (line.value is not None)
        closed_words = shown.count("Chưa rõ, chưa tiếp nhận được") + shown.count("Không quy định, chưa tiếp nhận được")
        assert closed_words == opens.count(False)
        seen |= set(opens)
        head = shown[: shown.index("Thời hạn giải quyết Áp dụng cho")]
        assert ("Chưa tiếp nhận được" in head) == (not any(opens))
        assert ("Tiếp nhận được một phần" in head) == (any(opens) and not all(opens))
    assert seen == {True, False}
    closed = page(client.get(LIST, {"ra_soat": "chua-tiep-nhan"}))
    codes = set(re.findall(r'scope="row"><a href="/thu-tuc/([^/]+)/', closed))
    assert codes == {
        v.procedure.code for v in rows if not receivable(cast.xa_cau_ke, v.procedure.code) and not v.cases.exists()
    }


def test_every_version_with_its_dates_and_differences(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    first = newest(CLEAR)
    actions.new_version(
        version=first,
        changes={"result_name": "Giấy phép nuôi rồng"},
        basis="QĐ 77/QĐ-BTP",
        valid_from=clock.today() + dt.timedelta(days=30),
        actor=books.by_duty[Duty.CONTROL],
    )
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert "kết quả: Giấy chứng nhận nuôi rồng → Giấy phép nuôi rồng" in shown
    assert "Căn cứ: QĐ 77/QĐ-BTP" in shown
    assert f"Chưa đến ngày dùng từ {day(30)}" in shown
    assert "Đặng Văn Mít" in shown
    assert f"Đã có phiên bản 2 , dùng từ {day(30)}" in shown
    coming = text(keeper.get(f"{LIST}{CLEAR}/", {"phien_ban": 2}))
    assert "Đang xem phiên bản 2" in coming
    assert "Hôm nay dùng phiên bản 1" in coming
    assert keeper.get(f"{LIST}{CLEAR}/", {"phien_ban": 3}).status_code == 404


def test_abolished_ended_and_unknown(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    actions.abolish(version=newest(CLEAR), last_day=clock.today() - dt.timedelta(days=1), decision="QĐ 5")
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert "Đã bãi bỏ" in shown
    assert f"Thủ tục bãi bỏ từ {day()}." in shown
    assert "Tiếp nhận hồ sơ" not in shown
    for code in ("1.2.3", "x" * 300, "%00", "ap-dungx"):
        response = keeper.get(f"{LIST}{code}/")
        assert response.status_code == 404
    assert "Danh mục không có thủ tục nào mang mã «1.2.3»." in page(keeper.get(f"{LIST}1.2.3/"))


def test_another_units_adoption_is_nobody_elses_business(books, signed_in):
    used(books.xa_cau_ke, [CLEAR], decision="QĐ mật 01")
    assert signed_in(books.other).get(f"{LIST}{CLEAR}/", {"don_vi": "29308"}).status_code == 404
    own = page(signed_in(books.other).get(f"{LIST}{CLEAR}/"))
    assert "Chưa áp dụng lần nào." in own
    assert "QĐ mật 01" not in own
    assert "QĐ mật 01" in page(signed_in(books.above).get(f"{LIST}{CLEAR}/", {"don_vi": "29308"}))


def test_one_procedure_keeps_its_budget(books, keeper, signed_in):
    used(books.xa_cau_ke, [CLEAR])
    define(books)
    keeper.get(f"{LIST}{CLEAR}/")  # what sealed versions say is read once
    with max_queries(6 + 3):
        keeper.get(f"{LIST}{CLEAR}/")
    above = signed_in(books.above)
    above.get("/toi/")
    with max_queries(6 + 3 + 1):  # a unit beneath one's own has to be found first
        above.get(f"{LIST}{CLEAR}/", {"don_vi": "29308"})


# ---- adopting -------------------------------------------------------------------------------------------------------


def tick(codes, **more):
    return {"don_vi": "29308", "chon": list(codes), **more}


def test_choosing_by_several_searches_keeps_what_was_ticked(books, keeper):
    found = page(keeper.get(ADOPT))
    assert "danh mục 3 thủ tục" in found
    step = page(keeper.post(ADOPT, tick([CLEAR], tim="tha dieu", viec="tim")))
    assert re.findall(r'name="chon" value="([^"]+)" id="chon-\d+" checked', step) == [CLEAR]
    assert re.findall(r'name="chon" value="([^"]+)" id="chon-\d+">', step) == [UNCLEAR]
    assert "Tiếp tục với 1 đã chọn" in step
    step = page(keeper.post(ADOPT, tick([CLEAR], tim="tha dieu", viec="ca")))
    assert "Tiếp tục với 2 đã chọn" in step
    last = page(keeper.post(ADOPT, tick([CLEAR, UNCLEAR], viec="tiep")))
    assert "Áp dụng 2 thủ tục" in last
    assert not Adoption.objects.exists()


def test_adopting_with_decision_level_and_competence(books, keeper):
    two, one = newest(CLEAR).procedure_id, newest(UNCLEAR).procedure_id
    sent = tick(
        [CLEAR, UNCLEAR],
        viec="ap-dung",
        valid_from="01/08/2025",
        decision="QĐ 15/QĐ-UBND",
        competence="receives",
        service_level="mot_phan",
        request_key="k-1",
        **{f"muc_{two}": "toan_trinh", f"muc_{one}": ""},
    )
    done = keeper.post(ADOPT, sent)
    assert (done.status_code, done["Location"]) == (302, f"{LIST}?don_vi=29308")
    rows = Adoption.objects.order_by("procedure__code")
    assert [(a.unit, a.valid_from, a.decision, a.competence, a.service_level) for a in rows] == [
        (books.xa_cau_ke, dt.date(2025, 8, 1), "QĐ 15/QĐ-UBND", "receives", "toan_trinh"),
        (books.xa_cau_ke, dt.date(2025, 8, 1), "QĐ 15/QĐ-UBND", "receives", "mot_phan"),
    ]
    told = text(keeper.get(LIST))
    assert "Xã Cầu Kè áp dụng 2 thủ tục từ 01/08/2025." in told
    assert "1 thủ tục chưa rõ thời hạn nên chưa tiếp nhận được hồ sơ cho tới khi được rà soát." in told
    # the same page sent again does nothing more and is no error
    assert keeper.post(ADOPT, sent).status_code == 302
    assert Adoption.objects.count() == 2
    # what is in use can no longer be ticked
    again = page(keeper.get(ADOPT))
    assert re.findall(r'name="chon" value="([^"]+)"', again) == [EMPTY]
    assert "Áp dụng từ 01/08/2025" in again


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"valid_from": "31/02/2026"}, "Ngày chưa đúng"),
        ({"valid_from": ""}, "Áp dụng từ ngày:"),
        ({"valid_from": "01/01/2020"}, "không áp dụng thủ tục ngoài thời gian đó"),
        ({"competence": "sai"}, "Thẩm quyền của đơn vị:"),
        ({"decision": "x" * 201}, "Quyết định công bố áp dụng:"),
        ({"chon": [UNCLEAR, CLEAR]}, "Xã Cầu Kè đã áp dụng thủ tục 9.900001 từ 01/07/2025."),
    ],
)
def test_refusals_come_back_at_the_form_with_everything_typed(books, keeper, changes, says):
    used(books.xa_cau_ke, [CLEAR])
    sent = tick([UNCLEAR], viec="ap-dung", valid_from=day(), decision="QĐ giữ lại", competence="receives")
    level = f"muc_{newest(UNCLEAR).procedure_id}"
    response = keeper.post(ADOPT, {**sent, level: "mot_phan", **changes})
    shown = page(response)
    assert response.status_code == 400
    assert says in shown
    assert f'value="{(changes.get("decision") or "QĐ giữ lại")}"' in shown
    assert '<option value="mot_phan" selected' in shown
    assert f'name="chon" value="{UNCLEAR}" id="chon-{newest(UNCLEAR).pk}" checked' in shown
    assert Adoption.objects.count() == 1


def test_going_back_to_choose_more_loses_nothing(books, keeper):
    level = f"muc_{newest(UNCLEAR).procedure_id}"
    typed = tick([UNCLEAR], viec="them", valid_from="09/09/2026", decision="QĐ 9", competence="receives")
    back = page(keeper.post(ADOPT, {**typed, level: "mot_phan"}))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', back))
    assert hidden["valid_from"] == "09/09/2026"
    again = page(keeper.post(ADOPT, {**hidden, **tick([UNCLEAR, CLEAR], viec="tiep")}))
    assert 'value="09/09/2026"' in again
    assert 'value="QĐ 9"' in again
    assert '<option value="receives" selected' in again
    assert '<option value="mot_phan" selected' in again


def test_wrong_choices(books, keeper, monkeypatch):
    none = keeper.post(ADOPT, tick([], viec="tiep"))
    assert none.status_code == 400
    assert "Chưa chọn thủ tục nào" in page(none)
    gone = keeper.post(ADOPT, tick([CLEAR, "9.777777"], viec="tiep"))
    assert gone.status_code == 400
    assert "Danh mục không còn dùng thủ tục mang mã: 9.777777" in page(gone)
    assert "Tiếp tục với 1 đã chọn" in page(gone)
    monkeypatch.setattr("motcua.desk.adopting.MOST", 1)
    many = keeper.post(ADOPT, tick([CLEAR, UNCLEAR], viec="tiep"))
    assert many.status_code == 400
    assert "Đã chọn 2 thủ tục, mỗi lần nhiều nhất 1." in page(many)


@pytest.mark.parametrize("code", ["29317", "86", "khong-co"])
def test_nobody_adopts_for_a_unit_that_is_not_theirs(books, keeper, code):
    sent = {**tick([CLEAR], viec="ap-dung", valid_from=day(), competence="resolves"), "don_vi": code}
    response = keeper.post(ADOPT, sent)
    assert response.status_code == 400
    assert f"Không có đơn vị «{code}» trong phạm vi của bạn." in page(response)
    assert not Adoption.objects.exists()


def test_an_administrator_of_the_province_adopts_for_a_commune(books, signed_in):
    sent = {**tick([CLEAR], viec="ap-dung", valid_from=day(), competence="resolves"), "don_vi": "29317"}
    assert signed_in(books.above).post(ADOPT, sent).status_code == 302
    assert Adoption.objects.get().unit == books.xa_an_phu_tan


def test_an_empty_catalogue_says_how_to_fill_it(cast, signed_in):
    assert "motcua import-procedures --starter" in page(signed_in(cast.admin).get(ADOPT))


def test_the_catalogue_is_searched_by_everyday_words_field_and_level(books, keeper):
    actions.add_synonym(procedure=newest(CLEAR).procedure, words="giấy con rồng")

    def found(**query):
        return re.findall(r'name="chon" value="([^"]+)"', page(keeper.post(ADOPT, tick([], viec="tim", **query))))

    assert found(tim="con rong") == [CLEAR]
    assert found(linh_vuc="Diều sáo") == [UNCLEAR]
    assert found(cap="province") == []
    assert sorted(found(cap="commune")) == [CLEAR, UNCLEAR, EMPTY]
    assert found(tim="khong he co") == []


def test_choosing_keeps_the_budget_of_a_list(books, keeper):
    version = newest(EMPTY)  # one that nobody doubts any more is drawn otherwise
    actions.new_version(
        version=version,
        changes={"terms": [TermDraft("none", confirmed=True)]},
        basis="QĐ",
    )
    keeper.get(ADOPT)
    with max_queries(8 + 3):
        assert "Đã xác nhận" in page(keeper.get(ADOPT, {"tim": "dom dom"}))


def test_an_adopted_procedure_can_be_received_the_same_day(books, keeper):
    keeper.post(ADOPT, tick([CLEAR], viec="ap-dung", valid_from=day(), competence="resolves"))
    assert receivable(books.xa_cau_ke, CLEAR)


# ---- ending ---------------------------------------------------------------------------------------------------------


def test_ending_an_adoption(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    adoption = Adoption.objects.get()
    url = reverse("end_adoption", args=[adoption.pk])
    wrong = keeper.post(url, {"last_day": "01/01/2025", "decision": "QĐ giữ lại"})
    assert wrong.status_code == 400
    assert "ngày thôi phải từ ngày đó trở đi" in page(wrong)
    assert 'value="QĐ giữ lại"' in page(wrong)
    sent = {"last_day": day(5), "decision": "QĐ 20/QĐ-UBND", "request_key": "e-1"}
    assert keeper.post(url, sent)["Location"] == f"{LIST}{CLEAR}/?don_vi=29308"
    assert keeper.post(url, sent).status_code == 302
    adoption.refresh_from_db()
    assert (adoption.valid_to, adoption.end_decision) == (clock.today() + dt.timedelta(days=5), "QĐ 20/QĐ-UBND")
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert f"đến hết {day(5)}" in shown
    assert "thôi áp dụng theo QĐ 20/QĐ-UBND" in shown


def test_nobody_ends_what_is_not_theirs(books, signed_in):
    used(books.xa_cau_ke, [CLEAR])
    url = reverse("end_adoption", args=[Adoption.objects.get().pk])
    assert signed_in(books.other).post(url, {"last_day": day()}).status_code == 404
    assert signed_in(books.receiver).post(url, {"last_day": day()}).status_code == 403
    assert Adoption.objects.get().valid_to is None


# ---- reviewing ------------------------------------------------------------------------------------------------------


def review_url(code, place, position):
    return reverse("review_procedure", args=[code, place, position])


def test_an_unclear_term_is_settled_and_can_be_received_from_then(books, keeper):
    used(books.xa_cau_ke, [UNCLEAR])
    assert not receivable(books.xa_cau_ke, UNCLEAR)
    url = review_url(UNCLEAR, "term", 1)
    shown = page(keeper.get(url))
    assert "Thời hạn chỉ có con số, không có đơn vị tính" in shown
    assert "Trực tiếp: 3 (không ghi đơn vị)" in shown
    assert "(hôm nay 1 đơn vị)" in shown
    sent = form_of(keeper, url) | {"state": "stated", "value": "3", "unit": "working_day", "basis": "NĐ 99/2025, Đ5"}
    assert keeper.post(url, sent)["Location"] == f"{LIST}{UNCLEAR}/?don_vi=29308"
    assert receivable(books.xa_cau_ke, UNCLEAR)
    version = newest(UNCLEAR)
    assert (version.number, version.basis, version.created_by) == (2, "NĐ 99/2025, Đ5", books.by_duty[Duty.CONTROL])
    line = version.terms.get()
    assert (line.value, line.unit, line.start_rule, line.confirmed) == (3, "working_day", "next_day", True)
    assert version.needs_review  # the fee still is
    # the same page sent again writes nothing more
    assert keeper.post(url, sent).status_code == 302
    assert newest(UNCLEAR).number == 2
    history = text(keeper.get(f"{LIST}{UNCLEAR}/"))
    assert "thời hạn: cần rà soát → 3 ngày làm việc" in history
    assert "Căn cứ: NĐ 99/2025, Đ5" in history


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"value": "3", "unit": "", "basis": "NĐ"}, "ngày làm việc hay ngày theo lịch là khác nhau"),
        ({"value": "", "unit": "working_day", "basis": "NĐ"}, "Ghi con số của thời hạn."),
        ({"value": "ba", "unit": "working_day", "basis": "NĐ"}, "Ghi một con số"),
        ({"value": "0", "unit": "working_day", "basis": "NĐ"}, "Thời hạn phải lớn hơn 0"),
        ({"value": "2,5", "unit": "working_day", "basis": "NĐ"}, "phải là số nguyên"),
        ({"value": "9000", "unit": "working_day", "basis": "NĐ"}, "quá dài"),
        ({"value": "NaN", "unit": "working_day", "basis": "NĐ"}, "Ghi một con số"),
        ({"value": "3", "unit": "working_day", "basis": ""}, "Căn cứ:"),
        ({"value": "3", "unit": "tuần", "basis": "NĐ"}, "Đơn vị tính:"),
    ],
)
def test_a_wrong_confirmation_changes_nothing_and_keeps_what_was_typed(books, keeper, typed, says):
    url = review_url(UNCLEAR, "term", 1)
    response = keeper.post(url, form_of(keeper, url) | {"state": "stated", **typed})
    shown = page(response)
    assert response.status_code == 400
    assert says in shown
    assert f'value="{typed["value"]}"' in shown or not typed["value"]
    assert newest(UNCLEAR).number == 1


def test_a_same_day_term_needs_no_number_and_hours_may_have_a_comma(books, keeper):
    url = review_url(UNCLEAR, "term", 1)
    keeper.post(url, form_of(keeper, url) | {"state": "stated", "value": "", "unit": "same_day", "basis": "NĐ 1"})
    line = newest(UNCLEAR).terms.get()
    assert (line.value, line.unit, line.start_rule) == (0, "same_day", "same_day_15h")
    sent = {"state": "stated", "value": "3,5", "unit": "working_hour", "start_rule": "immediately", "basis": "NĐ 2"}
    keeper.post(url, form_of(keeper, url) | sent)
    assert newest(UNCLEAR).terms.get().value == Decimal("3.5")


def test_no_term_at_all_is_an_answer_too_and_the_page_says_what_follows(books, keeper):
    used(books.xa_cau_ke, [UNCLEAR])
    url = review_url(UNCLEAR, "term", 1)
    keeper.post(url, form_of(keeper, url) | {"state": "none", "value": "3", "basis": "NĐ 3"})
    line = newest(UNCLEAR).terms.get()
    assert (line.state, line.value, line.confirmed) == ("none", None, True)
    assert receivable(books.xa_cau_ke, UNCLEAR)
    shown = text(keeper.get(f"{LIST}{UNCLEAR}/"))
    assert "Đã xác nhận, tiếp nhận không hẹn ngày" in shown
    assert "không hẹn ngày, không tính quá hạn" in shown


def test_a_procedure_without_any_term_gets_one(books, keeper):
    used(books.xa_cau_ke, [EMPTY])
    assert review_url(EMPTY, "term", 0) in page(keeper.get(f"{LIST}{EMPTY}/"))
    url = review_url(EMPTY, "term", 0)
    sent = form_of(keeper, url) | {"state": "stated", "value": "7", "unit": "working_day", "basis": "QĐ 7"}
    assert keeper.post(url, sent).status_code == 302
    assert keeper.post(url, sent).status_code == 302
    assert newest(EMPTY).number == 2
    assert not newest(EMPTY).needs_review
    assert receivable(books.xa_cau_ke, EMPTY)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"state": "amount", "amount": "8.000", "per": "bản", "from_quantity": "1"}, ("amount", 8000, "bản")),
        ({"state": "amount", "amount": "12000", "from_quantity": "1"}, ("amount", 12000, "")),
        ({"state": "free", "amount": "9", "from_quantity": "1"}, ("free", 0, "")),
        ({"state": "none", "from_quantity": "1"}, ("none", None, "")),
    ],
)
def test_a_fee_is_settled(books, keeper, typed, kept):
    url = review_url(UNCLEAR, "fee", 1)
    assert "8.000 đồng hoặc 16.000 đồng" in page(keeper.get(url))
    assert keeper.post(url, form_of(keeper, url) | typed | {"basis": "NQ 5/NQ-HĐND"}).status_code == 302
    line = newest(UNCLEAR).fees.get()
    assert (line.state, line.amount, line.per) == kept
    assert line.confirmed
    assert not newest(UNCLEAR).reviews.filter(place="fee").exists()


@pytest.mark.parametrize("amount", ["", "0", "8.00", "-5", "8,5", "9" * 15, "tám nghìn"])
def test_a_wrong_fee_is_refused(books, keeper, amount):
    url = review_url(UNCLEAR, "fee", 1)
    sent = form_of(keeper, url) | {"state": "amount", "amount": amount, "from_quantity": "1", "basis": "NQ 5"}
    assert keeper.post(url, sent).status_code == 400
    assert newest(UNCLEAR).number == 1


def test_papers_and_texts_are_settled_as_they_stand(cast, signed_in):
    actions.import_catalogue(
        records=[
            read_record(
                record(
                    documents=[{"name": "Tờ khai", "copies": 0, "kind": "original"}],
                    steps_text="Nộp tại Ủy ban nhân dân cấp huyện.",
                )
            )
        ],
        valid_from=START,
    )
    client = signed_in(cast.admin)
    assert newest(CLEAR).needs_review
    url = review_url(CLEAR, "part", 1)
    client.post(url, form_of(client, url) | {"role": "document", "copies": "1", "kind": "copy", "basis": "QĐ 1"})
    part = newest(CLEAR).parts.get()
    assert (part.copies, part.kind) == (1, "copy")
    url = review_url(CLEAR, "steps_text", 0)
    assert "Ủy ban nhân dân cấp huyện" in page(client.get(url))
    client.post(url, form_of(client, url) | {"basis": "Đã đối chiếu QĐ 1"})
    assert not newest(CLEAR).needs_review
    assert "xác nhận nội dung, bớt 1 điểm cần xem" in text(client.get(f"{LIST}{CLEAR}/"))


def test_a_colleague_was_first(books, keeper):
    url = review_url(UNCLEAR, "term", 1)
    drawn = form_of(keeper, url)
    actions.new_version(version=newest(UNCLEAR), changes={"name": "Tên mới"}, basis="QĐ 1")
    late = keeper.post(url, drawn | {"state": "stated", "value": "3", "unit": "working_day", "basis": "NĐ 9"})
    assert late.status_code == 400
    assert "đã có phiên bản 2; bạn đang xem phiên bản 1. Hãy tải lại." in page(late)
    assert 'value="NĐ 9"' in page(late)


@pytest.mark.parametrize(
    ("place", "position"), [("term", 9), ("fee", 0), ("part", 99), ("name", 0), ("steps_text", 3), ("khong_co", 0)]
)
def test_there_is_nothing_to_settle_there(books, keeper, place, position):
    assert keeper.get(review_url(CLEAR, place, position)).status_code == 404


# ---- cutting --------------------------------------------------------------------------------------------------------


def test_a_promise_is_cut_from_a_day_and_taken_back(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    url = reverse("cut_term", args=[CLEAR, 1])
    sent = form_of(keeper, url) | {"value": "3", "unit": "working_day", "valid_from": day(10), "basis": "QĐ 33"}
    assert keeper.post(url, sent).status_code == 302
    assert keeper.post(url, sent).status_code == 302
    version = newest(CLEAR)
    assert (version.number, version.valid_from) == (2, clock.today() + dt.timedelta(days=10))
    assert (version.terms.get().promised_value, version.terms.get().value) == (3, 5)
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert "thời hạn: 5 ngày làm việc → 5 ngày làm việc, cắt giảm còn 3 ngày làm việc" in shown
    assert "như quy định" in shown  # today still
    back = form_of(keeper, url) | {"value": "", "unit": "", "valid_from": day(20), "basis": "QĐ 34"}
    assert keeper.post(url, back).status_code == 302
    assert newest(CLEAR).terms.get().promised_value is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"value": "9", "unit": "working_day"}, "không được dài hơn thời hạn theo quy định"),
        ({"value": "3", "unit": ""}, "Chọn đơn vị tính."),
        ({"value": "", "unit": "working_day"}, "Ghi con số của thời hạn."),
        ({"value": "", "unit": ""}, "Cam kết không đổi so với hiện tại."),
        ({"value": "3", "unit": "working_day", "valid_from": "01/01/2020"}, "không thể dùng từ ngày sớm hơn"),
        ({"value": "3", "unit": "working_day", "basis": ""}, "Căn cứ:"),
    ],
)
def test_a_wrong_promise_is_refused(books, keeper, typed, says):
    url = reverse("cut_term", args=[CLEAR, 1])
    response = keeper.post(url, form_of(keeper, url) | {"valid_from": day(), "basis": "QĐ giữ lại"} | typed)
    assert response.status_code == 400
    assert says in page(response)
    assert newest(CLEAR).number == 1


def test_what_has_no_term_cannot_be_cut(books, keeper):
    assert keeper.get(reverse("cut_term", args=[UNCLEAR, 1])).status_code == 404
    assert keeper.get(reverse("cut_term", args=[CLEAR, 2])).status_code == 404


# ---- internal processes ---------------------------------------------------------------------------------------------


def define(books, steps=None, unit=None):
    return actions.define_process(
        procedure=newest(CLEAR).procedure,
        unit=unit or books.xa_cau_ke,
        steps=steps
        or [
            Step("Tiếp nhận", Duty.RECEIVE, value=Decimal("0.5") * 1, unit="working_hour"),
            Step("Thẩm tra hồ sơ", Duty.HANDLE, value=Decimal(3), unit="working_day"),
            Step("Duyệt", Duty.CHAIR, value=Decimal(1), unit="working_day"),
        ],
        valid_from=START,
        decision="QĐ 40/QĐ-UBND",
    )


def rows_of(*steps, **more):
    sent = {"rows": str(len(steps)), "decision": "QĐ 41/QĐ-UBND", "decision_date": "", "valid_from": day()}
    for i, (order, name, duty, value) in enumerate(steps, start=1):
        sent |= {f"order_{i}": order, f"name_{i}": name, f"duty_{i}": duty, f"value_{i}": value}
        sent[f"unit_{i}"] = "working_day"
    return sent | more


def process_url(code=CLEAR):
    return reverse("procedure_process", args=[code])


def test_a_process_is_shown_with_its_steps(books, keeper):
    used(books.xa_cau_ke, [CLEAR])
    define(books)
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert "Của Xã Cầu Kè, QĐ 40/QĐ-UBND, dùng từ 01/07/2025." in shown
    assert "1. Tiếp nhận Tiếp nhận 0,5 giờ làm việc bước 2" in shown
    assert "3. Duyệt Lãnh đạo UBND 1 ngày làm việc kết thúc" in shown
    # and to begin a new one with
    form = page(keeper.get(process_url()))
    assert 'value="Thẩm tra hồ sơ"' in form
    assert 'value="0,5"' in form


def test_defining_in_the_order_of_the_numbers(books, keeper):
    url = process_url()
    sent = form_of(keeper, url) | rows_of(
        ("2", "Xem xét", "handle", "3"), ("", "", "", ""), ("1", "Nhận", "receive", ""), ("4", "Ký", "chair", "1")
    )
    assert keeper.post(url, sent)["Location"] == f"{LIST}{CLEAR}/?don_vi=29308#quy-trinh"
    assert keeper.post(url, sent).status_code == 302
    process = Process.objects.get()
    assert (process.unit, process.decision) == (books.xa_cau_ke, "QĐ 41/QĐ-UBND")
    assert list(process.steps.order_by("position").values_list("name", "duty", "value", "unit")) == [
        ("Nhận", "receive", None, ""),
        ("Xem xét", "handle", 3, "working_day"),
        ("Ký", "chair", 1, "working_day"),
    ]


def test_a_step_says_where_it_is_done_and_what_comes_of_it(books, keeper):
    url, desk = process_url(), Unit.objects.get(code="29308-TTPVHCC")
    sent = form_of(keeper, url) | rows_of(("1", "Nhận", "receive", "1"), ("2", "Xem xét", "handle", "2"))
    sent |= {"office_1": str(desk.pk), "result_1": "Phiếu kiểm soát", "result_2": "Dự thảo văn bản"}
    wrong = keeper.post(url, sent | {"office_2": str(books.xa_an_phu_tan.pk)})
    assert wrong.status_code == 400, "a body of another unit is not offered"
    assert 'value="Dự thảo văn bản"' in page(wrong)
    assert keeper.post(url, sent).status_code == 302
    steps = list(Process.objects.get().steps.order_by("position").values_list("office", "result"))
    assert steps == [(desk.pk, "Phiếu kiểm soát"), (None, "Dự thảo văn bản")]
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert f"Tiếp nhận {desk.name}" in shown
    assert "Sản phẩm: Dự thảo văn bản" in shown
    # Written anew, nothing of it is lost.
    form = keeper.get(url).context["form"]
    again = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
    sent = {**again, "rows": form.rows, "decision": "QĐ 42/QĐ-UBND", "valid_from": day()}
    assert keeper.post(url, sent).status_code == 302
    newest_process = Process.objects.order_by("-pk").first()
    assert list(newest_process.steps.order_by("position").values_list("office", "result")) == steps


def test_steps_beyond_the_term_are_asked_about_before_they_are_written(books, keeper):
    url = process_url()
    sent = form_of(keeper, url) | rows_of(("1", "Xem xét", "handle", "9"))
    asked = keeper.post(url, sent)
    shown = page(asked)
    assert asked.status_code == 200
    assert "vượt thời hạn 5 ngày làm việc" in shown
    assert "Vẫn ghi quy trình này" in shown
    assert not Process.objects.exists()
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    # other steps, other warnings: asked again
    other = sent | {"value_1": "8", "seen": seen}
    assert "Cần xem lại trước khi ghi" in page(keeper.post(url, other))
    assert not Process.objects.exists()
    assert keeper.post(url, sent | {"seen": seen}).status_code == 302
    assert "vượt thời hạn 5 ngày làm việc" in text(keeper.get(f"{LIST}{CLEAR}/"))


@pytest.mark.parametrize(
    ("steps", "more", "says"),
    [
        ([("1", "", "", "")], {}, "Quy trình phải có ít nhất một bước."),
        ([("1", "Nhận", "", "")], {}, "Chọn ai làm bước này."),
        ([("1", "", "handle", "2")], {}, "Ghi tên bước."),
        ([("1", "Nhận", "receive", "0")], {}, "Thời hạn phải lớn hơn 0"),
        ([("1", "Nhận", "receive", "1,5")], {}, "phải là số nguyên"),
        ([("1", "Nhận", "receive", "x")], {}, "Ghi một con số"),
        ([("1", "Nhận", "vua", "1")], {}, "Người làm, dòng 1:"),
        ([("1", "Nhận", "receive", "1")], {"decision": ""}, "Quyết định phê duyệt:"),
        ([("1", "Nhận", "receive", "1")], {"valid_from": "x"}, "Ngày chưa đúng"),
    ],
)
def test_a_wrong_process_is_refused_and_kept_on_the_page(books, keeper, steps, more, says):
    url = process_url()
    response = keeper.post(url, form_of(keeper, url) | rows_of(*steps) | more)
    shown = page(response)
    assert response.status_code == 400
    assert says in shown
    assert f'value="{steps[0][1]}"' in shown or not steps[0][1]
    assert not Process.objects.exists()


def test_more_rows_keep_what_was_typed(books, keeper):
    shown = page(keeper.post(process_url(), rows_of(("1", "Nhận hồ sơ", "receive", "1"), viec="them")))
    assert 'name="rows" value="4"' in shown
    assert 'value="Nhận hồ sơ"' in shown
    assert 'value="QĐ 41/QĐ-UBND"' in shown
    assert '<option value="receive" selected' in shown
    for silly in ("-5", "999999999999", "x", ""):
        assert keeper.post(process_url(), rows_of(viec="them", rows=silly)).status_code == 200


def test_a_branching_process_is_not_flattened_silently(books, keeper):
    define(
        books,
        [
            Step("Nhận", Duty.RECEIVE, branches=(Branch(2, "đủ"), Branch(None, "thiếu"))),
            Step("Xem", Duty.HANDLE),
        ],
    )
    shown = text(keeper.get(f"{LIST}{CLEAR}/"))
    assert "bước 2 khi đủ; kết thúc khi thiếu" in shown
    # to begin a new one with: the same, branches and all
    form = keeper.get(process_url()).context["form"]
    assert (form["name_1"].value(), form["next_1"].value(), form["next_2"].value()) == (
        "Nhận",
        "2 khi đủ; hết khi thiếu",
        "",
    )
    sent = rows_of(("1", "Nhận", "receive", ""), ("2", "Xem", "handle", ""), next_1=form["next_1"].value())
    assert keeper.post(process_url(), sent).status_code == 302
    again = Process.objects.order_by("-number").first()
    assert list(again.branches.order_by("pk").values_list("step__position", "next_step__position", "label")) == [
        (1, 2, "đủ"),
        (1, None, "thiếu"),
        (2, None, ""),
    ]


def test_branches_go_by_the_numbers_typed_whatever_the_order_of_the_rows(books, keeper):
    rows = [("30", "Ký", "chair", "1"), ("10", "Nhận", "receive", ""), ("20", "Xem", "handle", "1")]
    sent = rows_of(*rows, next_2="20 khi đủ; hết khi thiếu", next_3="30; 10 khi trả lại")
    asked = page(keeper.post(process_url(), sent))
    assert "mỗi nhánh phải ghi điều kiện" in asked
    sent["next_3"] = "30 khi đồng ý; 10 khi trả lại"
    asked = page(keeper.post(process_url(), sent))
    assert "Có vòng lặp: bước 1 → 2 → 1." in asked
    seen = re.search(r'name="seen" value="([^"]+)"', asked)[1]
    assert keeper.post(process_url(), sent | {"seen": seen}).status_code == 302
    made = Process.objects.get()
    assert [s.name for s in made.steps.order_by("position")] == ["Nhận", "Xem", "Ký"]
    assert set(made.branches.values_list("step__position", "next_step__position", "label")) == {
        (1, 2, "đủ"),
        (1, None, "thiếu"),
        (2, 3, "đồng ý"),
        (2, 1, "trả lại"),
        (3, None, ""),
    }


def test_a_step_nobody_comes_to_is_asked_about(books, keeper):
    rows = [("1", "Nhận", "receive", ""), ("2", "Bỏ quên", "handle", "1"), ("3", "Ký", "chair", "1")]
    asked = page(keeper.post(process_url(), rows_of(*rows, next_1="3")))
    assert "Bước 2 «Bỏ quên» không có đường nào dẫn đến." in asked
    assert not Process.objects.exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("7", "Không có bước nào mang thứ tự 7."),
        ("xong", "phải là số thứ tự của bước hoặc «hết»"),
        ("2 khi đủ; 2 khi thiếu", "hai nhánh đến cùng một bước"),
        ("1", "không có đường nào đến kết thúc"),
        ("²", "phải là số thứ tự"),
    ],
)
def test_a_way_that_leads_nowhere_is_said(books, keeper, typed, says):
    rows = [("1", "Nhận", "receive", ""), ("2", "Xem", "handle", "")]
    answer = keeper.post(process_url(), rows_of(*rows, next_1=typed))
    assert answer.status_code == 400
    assert says in page(answer)
    assert not Process.objects.exists()


def test_nobody_defines_another_units_process(books, signed_in):
    client = signed_in(books.other)
    sent = rows_of(("1", "Nhận", "receive", "1"), don_vi="29308")
    assert client.post(process_url(), sent).status_code == 404
    assert client.get(process_url(), {"don_vi": "29308"}).status_code == 404
    assert not Process.objects.exists()


# ---- from the catalogue to the counter ------------------------------------------------------------------------------


def test_a_dossier_keeps_what_was_promised_when_it_was_received(books, keeper):
    dossier = received(books)
    due = dossier.due_at
    code = dossier.procedure_version.procedure.code
    url = reverse("cut_term", args=[code, 1])
    keeper.post(url, form_of(keeper, url) | {"value": "1", "unit": "working_day", "valid_from": day(), "basis": "QĐ"})
    dossier.refresh_from_db()
    assert dossier.due_at == due
    assert received(books).due_at < due


def test_a_newer_version_does_not_make_an_older_day_too_early(books, keeper):
    actions.new_version(version=newest(CLEAR), changes={"name": "Tên mới"}, basis="QĐ 2", valid_from=clock.today())
    keeper.post(ADOPT, tick([CLEAR], viec="ap-dung", valid_from="01/08/2025", competence="resolves"))
    assert "trước ngày đó chưa tiếp nhận được" not in text(keeper.get(LIST))


def test_a_local_procedure_in_its_first_version_to_come(cast, signed_in):
    draft = Draft(
        Head(name="Cho mượn sân khấu", field="Văn hóa"),
        terms=(TermDraft("stated", value=Decimal(2), unit="working_day", start_rule="next_day", confirmed=True),),
    )
    start = clock.today() + dt.timedelta(days=15)
    actions.create_procedure(code="NB.VH.01", draft=draft, valid_from=start, basis="QĐ 2")
    client = signed_in(cast.admin)
    assert "Cho mượn sân khấu" in page(client.get(ADOPT))
    client.post(ADOPT, tick(["NB.VH.01"], viec="ap-dung", valid_from=day(), competence="resolves"))
    told = text(client.get(f"{LIST}NB.VH.01/"))
    assert f"1 thủ tục chỉ có trong danh mục từ {start:%d/%m/%Y}; trước ngày đó chưa tiếp nhận được." in told
    assert f"Danh mục chỉ có thủ tục này từ {start:%d/%m/%Y}." in told
    assert org.scope(cast.admin, Duty.ADMIN, clock.today()).contains(cast.xa_cau_ke.pk)
