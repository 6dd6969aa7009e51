"""The papers as text: what stands on each, that it is Vietnamese as typed, and that nothing typed is ever obeyed."""

import dataclasses
import datetime as dt
import io
import re
import unicodedata

import pypdf
import pytest

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.papers import engine, forms, qr, words

pytestmark = pytest.mark.pure

OLD, NEW = dt.date(2023, 6, 1), dt.date(2026, 10, 8)
AT = clock.local_moment(NEW, dt.time(8, 5))
CODE = "H61.29308-261008-0975"
DESK = "Trung tâm Phục vụ hành chính công xã Cầu Kè"
SLIP = forms.Head(
    above="Ủy ban nhân dân xã Cầu Kè",
    agency="Trung tâm Phục vụ hành chính công",
    number="0975",
    place="Cầu Kè",
    date=NEW,
)
LETTER = forms.Head(agency="Ủy ban nhân dân xã Cầu Kè", place="Cầu Kè", date=dt.date(2026, 2, 3))
OWNER = forms.Owner(
    name="Thạch Thị Sà Rươne Đẹt", address="Khóm 4, xã Cầu Kè", phone="0900 000 123", id_text="CCCD 084190000123"
)
REQUEST = "Đăng ký biến động quyền sử dụng đất (1.012756)"
ITEMS = ["Đơn đăng ký: chưa khai mục 5", "Giấy chứng nhận: bản chụp mờ"]


def every() -> dict[str, forms.Paper]:
    common = {"code": CODE, "link": f"https://vidu.vn/ma/{CODE}"}
    of = {**common, "owner": OWNER, "request": REQUEST}
    later = AT + dt.timedelta(days=12)
    return {
        "receipt": forms.Receipt(
            head=SLIP,
            desk=DESK,
            **of,
            parts=[forms.PartLine(name="Đơn đăng ký theo Mẫu số 18", kind="Bản chính", copies="1", note="đã số hóa")],
            sets="1",
            term="10 ngày làm việc",
            promised="8 ngày làm việc",
            received=AT,
            appointed=clock.local_moment(dt.date(2026, 10, 20), dt.time(17)),
            result_method="Nhận tại một cửa",
            fees="50.000 đồng",
            book="2026",
            book_number="0975",
            officer="Lâm Thị Mận",
            copies=("Liên 1: Lưu", "Liên 2: Giao"),
        ),
        "supplement": forms.Supplement(
            head=SLIP,
            **of,
            items=ITEMS,
            reason="Hồ sơ chưa đủ.",
            round=2,
            basis="Điều 9",
            reply_by=dt.date(2026, 11, 9),
            contact="Lâm Thị Mận",
            phone="0294 3834 000",
            officer="Lâm Thị Mận",
        ),
        "refusal": forms.Refusal(head=SLIP, desk=DESK, **of, reason="Thửa đất đang tranh chấp.", officer="Lâm Thị Mận"),
        "apology": forms.Apology(
            head=LETTER,
            **of,
            received=AT,
            appointed=later,
            reason="Mưa lũ kéo dài.",
            new_date=dt.date(2026, 10, 28),
            authority=["TM. Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"],
            officer="Nguyễn Văn Xoài",
            term="10 ngày làm việc",
            extension="5 ngày làm việc",
            limit="1 lần",
            history=["01/10/2026: hẹn lại"],
        ),
        "stop": forms.Stop(
            head=LETTER,
            desk=DESK,
            **of,
            received=AT,
            stopped=later,
            reason="Theo đơn đề nghị.",
            authority=["TM. Ủy ban nhân dân", "Chủ tịch"],
            officer="Nguyễn Văn Xoài",
        ),
        "expired": forms.Expired(
            head=LETTER,
            desk=DESK,
            **of,
            round=1,
            asked=AT,
            waited=40,
            items=ITEMS,
            reply_by=dt.date(2026, 11, 9),
            authority=["TM. Ủy ban nhân dân", "Chủ tịch"],
            officer="Nguyễn Văn Xoài",
        ),
        "control": forms.Control(
            head=SLIP,
            **of,
            received=AT,
            appointed=later,
            agency="Ủy ban nhân dân xã Cầu Kè",
            partners="Thuế cơ sở 5",
            rows=[
                forms.ControlRow(
                    giver="Lâm Thị Mận", taker="Thạch Văn Ổi", at=AT, result="Trước hạn", note="Chuyển bước"
                )
            ],
        ),
        "register": forms.Register(
            head=SLIP,
            span="Ngày 08/10/2026",
            returned=1,
            voided=1,
            officer="Lâm Thị Mận",
            rows=[
                forms.RegisterRow(
                    number=str(n),
                    code=f"{CODE[:-1]}{n}",
                    procedure=REQUEST,
                    sets=1,
                    name="Sơn Văn Mẫu",
                    contact="Khóm 4; 0900",
                    agency="Ủy ban nhân dân xã Cầu Kè",
                    received="08/10/2026",
                    appointed="20/10/2026",
                    returned="09/10/2026",
                    method="Qua bưu chính",
                    note="Đã hủy",
                )
                for n in range(3, 43)
            ],
        ),
        "handover": forms.HandOver(
            head=LETTER,
            at=AT,
            unit="Ủy ban nhân dân xã Cầu Kè",
            giver="Lâm Thị Mận, công chức",
            giver_name="Lâm Thị Mận",
            taker="Thạch Văn Ổi",
            taker_name="Thạch Văn Ổi",
            reason="Nghỉ thai sản",
            maker="Nguyễn Văn Xoài",
            rows=[
                forms.HandOverRow(
                    code=CODE, name="Sơn Văn Mẫu", procedure=REQUEST, due="20/10/2026", state="Chờ bổ sung"
                )
            ],
        ),
        "cash": forms.CashList(
            head=SLIP,
            span="Ngày 08 tháng 10 năm 2026",
            collector="Sơn Thị Cam",
            collector_name="Sơn Thị Cam",
            counted=110_000,
            rows=[
                forms.CashRow(
                    receipt="00012/2026",
                    code=CODE,
                    payer="Sơn Văn Mẫu",
                    what="Chứng thực",
                    method="Tiền mặt",
                    amount=105_000,
                ),
                forms.CashRow(
                    receipt="00013/2026",
                    code=CODE,
                    payer="Kim Thị Mẫu",
                    what="Hộ tịch",
                    method="Chuyển khoản",
                    amount=8_000,
                ),
                forms.CashRow(
                    receipt="00013/2026",
                    code=CODE,
                    payer="Kim Thị Mẫu",
                    what="Hủy",
                    method="Chuyển khoản",
                    amount=-8_000,
                ),
            ],
        ),
    }


PAPERS = every()


def read(content: bytes) -> tuple[str, pypdf.PdfReader]:
    """The text of a PDF, with line breaks as spaces."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


def text(kind: str, day: dt.date, **more) -> str:
    return read(forms.render(PAPERS[kind], accepted=day, at=AT, **more))[0]


# What must be read on each, besides quốc hiệu, tiêu ngữ, agency, place and date.
SAID = {
    "receipt": [
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Liên 1: Lưu",
        "Liên 2: Giao",
        CODE,
        DESK,
        "Thạch Thị Sà Rươne Đẹt",
        "Địa chỉ: Khóm 4, xã Cầu Kè",
        "Số điện thoại: 0900 000 123",
        REQUEST,
        "Đơn đăng ký theo Mẫu số 18",
        "Bản chính",
        "Số lượng hồ sơ: 1 (bộ)",
        "theo quy định là: 10 ngày làm việc",
        "08 giờ 05 phút, ngày 08 tháng 10 năm 2026",
        "17 giờ 00 phút, ngày 20 tháng 10 năm 2026",
        "Đăng ký nhận kết quả tại: Nhận tại một cửa",
        "Quyển số: 2026",
        "Số thứ tự: 0975",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
        "Lâm Thị Mận",
    ],
    "supplement": [
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        "(Lần 2)",
        "1. Đơn đăng ký: chưa khai mục 5",
        "2. Giấy chứng nhận: bản chụp mờ",
        "Lý do: Hồ sơ chưa đủ.",
        "Điều 9",
        "đến hết ngày 09 tháng 11 năm 2026",
        "0294 3834 000",
        "NGƯỜI HƯỚNG DẪN",
    ],
    "refusal": ["PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ", "Thửa đất đang tranh chấp.", "CÁN BỘ TIẾP NHẬN"],
    "apology": [
        "Kính gửi: Thạch Thị Sà Rươne Đẹt",
        "Mưa lũ kéo dài.",
        "xin lỗi Ông/Bà",
        "ngày 28 tháng 10 năm 2026",
        "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
        "Nơi nhận: - Như kính gửi;",
        "Nguyễn Văn Xoài",
    ],
    "stop": [
        "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
        "Theo đơn đề nghị.",
        "chưa có quyết định",
        "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH",
    ],
    "expired": ["THÔNG BÁO", "Về việc hết thời hạn bổ sung", "đến hết ngày 09 tháng 11 năm 2026", "2. Giấy chứng nhận"],
    "control": [
        "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
        "Kèm theo hồ sơ của",
        "1. Giao: Lâm Thị Mận",
        "2. Nhận: Thạch Văn Ổi",
        "Người giao ký",
        "Trước hạn",
        "Cơ quan phối hợp giải quyết hồ sơ: Thuế cơ sở 5",
    ],
    "register": [
        "SỔ THEO DÕI HỒ SƠ",
        "Phương thức nhận kết quả",
        "Ký nhận",
        "Qua bưu chính",
        "Đã hủy",
        "Cộng: 40 hồ sơ, trong đó 1 mã đã hủy; 1 hồ sơ đã trả kết quả.",
    ],
    "handover": [
        "BIÊN BẢN BÀN GIAO",
        "1. Người giao: Lâm Thị Mận, công chức",
        "2. Người nhận: Thạch Văn Ổi",
        "3. Người lập biên bản: Nguyễn Văn Xoài",
        "Nghỉ thai sản",
        "không thay đổi",
        "NGƯỜI GIAO",
        "NGƯỜI NHẬN",
    ],
    "cash": [
        "BẢNG KÊ THU PHÍ, LỆ PHÍ TRONG NGÀY",
        "105.000",
        "−8.000",
        "Tiền mặt: 1 lượt, 105.000 đồng",
        "Chuyển khoản: 2 lượt, 0 đồng",
        "Một trăm lẻ năm nghìn đồng",
        "thực kiểm: 110.000 đồng; chênh lệch: 5.000 đồng",
        "NGƯỜI THU",
    ],
}


@pytest.mark.parametrize("day", [OLD, NEW])
@pytest.mark.parametrize("kind", sorted(PAPERS))
def test_each_paper_says_all_it_must_in_composed_vietnamese(kind, day):
    if not forms.has_form(kind, day):
        assert (kind, day) == ("stop", OLD)
        return
    said, reader = read(forms.render(PAPERS[kind], accepted=day, at=AT))
    assert unicodedata.is_normalized("NFC", said)
    head = PAPERS[kind].head
    wanted = [*SAID[kind], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", head.agency.upper()]
    wanted.append(f"Cầu Kè, {words.long_day(head.date)}")
    assert [w for w in wanted if w not in said] == []
    fonts = {str(font).rsplit("+", 1)[-1] for page in reader.pages for font in _fonts(page)}
    assert fonts
    assert all(font.startswith("LiberationSerif") for font in fonts)


def _fonts(page) -> list[str]:
    return [f.get_object()["/BaseFont"] for f in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("receipt", "Số: 0975/BPTNTKQ", "Số: 0975/TTPVHCC"),
        ("receipt", "Mẫu số 01, TT 01/2018/TT-VPCP", "Mẫu số 01, TT 03/2025/TT-VPCP"),
        (
            "apology",
            "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
            "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT",
        ),
        ("control", "Mẫu số 05, TT 01/2018", "Mẫu số 06, TT 03/2025"),
        ("register", "Mẫu số 06, TT 01/2018", "Mẫu số 07, TT 03/2025"),
    ],
)
def test_the_day_of_acceptance_chooses_the_circular(kind, old, new):
    first, second = text(kind, OLD), text(kind, NEW)
    assert old in first
    assert new not in first
    assert new in second
    assert old not in second


def test_the_2025_letter_of_apology_adds_what_is_known_to_be_new():
    added = "Thời hạn giải quyết ban đầu: 10 ngày làm việc"
    assert added in text("apology", NEW)
    assert "01/10/2026: hẹn lại" in text("apology", NEW)
    assert added not in text("apology", OLD)


def test_the_circular_changes_on_one_day_and_each_knows_its_forms():
    change = next(g.valid_from for g in forms.generations() if g.code == "2025")
    assert forms.generation_for(change - dt.timedelta(days=1)).code == "2018"
    assert forms.generation_for(change).code == "2025"
    assert forms.generation_for(dt.date(2010, 1, 1)).code == "2018"
    by = {g: {f.kind for f in forms.forms() if f.generation == g} for g in ("2018", "2025")}
    assert (len(by["2018"]), len(by["2025"])) == (6, 7)
    assert by["2025"] - by["2018"] == {"stop"}
    with pytest.raises(NotFound):
        forms.render(PAPERS["stop"], accepted=OLD)


def test_every_form_says_where_it_comes_from_and_nothing_unread_is_called_confirmed():
    for form in forms.forms():
        assert form.source
        assert form.confirmed is False or form.generation == "2018"
        assert (engine.SHIPPED / form.template).is_file()


def test_pages_are_of_the_size_of_the_form_or_the_one_asked_for():
    def size(content: bytes) -> tuple[int, int]:
        box = read(content)[1].pages[0].mediabox
        return round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)

    assert size(forms.render(PAPERS["receipt"], accepted=NEW)) == (148, 210)
    assert size(forms.render(PAPERS["receipt"], accepted=NEW, page="a4")) == (210, 297)
    assert size(forms.render(PAPERS["register"], accepted=NEW)) == (297, 210)
    with pytest.raises(Invalid):
        forms.render(PAPERS["receipt"], accepted=NEW, page="a0")


def test_a_long_register_repeats_its_head_and_numbers_its_pages():
    _, reader = read(forms.render(PAPERS["register"], accepted=NEW, at=AT))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert len(pages) > 2
    assert all("Tên thủ tục hành chính" in page for page in pages)
    assert [re.search(r"Trang (\d+)/(\d+)", page).groups() for page in pages] == [
        (str(n), str(len(pages))) for n in range(1, len(pages) + 1)
    ]


def test_a_large_register_is_set_apart_and_complete(tmp_path, settings):
    rows = [dataclasses.replace(PAPERS["register"].rows[0], number=str(n), code=f"MÃ-{n:04d}") for n in range(400)]
    paper = dataclasses.replace(PAPERS["register"], rows=rows)
    said, reader = read(forms.render(paper, accepted=NEW, at=AT))
    assert all(f"MÃ-{n:04d}" in said for n in range(400))
    assert "Cộng: 400 hồ sơ" in said
    assert len(reader.pages) > 20
    settings.HOME = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "register.typ").write_text("#khong-co")
    with pytest.raises(engine.BrokenTemplate, match=r"register\.typ"):
        forms.render(paper, accepted=NEW)


def test_two_copies_of_a_slip_are_counted_each_for_itself():
    _, reader = read(forms.render(PAPERS["receipt"], accepted=NEW, at=AT))
    assert ["Trang 1/1" in page.extract_text() for page in reader.pages] == [True, True]


def test_empty_fields_are_lines_to_write_on():
    blank = forms.Receipt(head=SLIP, code=CODE, desk=DESK, owner=forms.Owner())
    said, _ = read(forms.render(blank, accepted=NEW))
    assert re.search(r"Địa chỉ: ?[. ]{20,}", said)
    assert re.search(r"Thời gian nhận hồ sơ: ?[. ]{20,}", said)


# ---- hostile input ----------------------------------------------

HOSTILE = [
    '#read("/etc/passwd")',
    '#import "official.typ": *',
    '#eval("1+1") #panic()',
    "*đậm* _nghiêng_ $x^2$ `mã` = Đề mục - gạch + số / điều khoản: @nhãn <nhãn> // chú thích /* */ \\ ~",
    '"; DROP TABLE dossiers; -- \' " ”',
    "{{ form.title }} {% include 'x' %} <script>alert(1)</script> &amp;",
    "C:\\tệp\\u{41} \\#x",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_markup_typed_by_anybody_is_printed_as_typed(typed):
    owner = forms.Owner(name=typed, address=typed, phone=typed, email=typed, id_text=typed, submitter=typed)
    paper = forms.Supplement(head=SLIP, owner=owner, request=typed, items=[typed], reason=typed, officer=typed)
    said, _ = read(forms.render(paper, accepted=NEW))
    assert "root:" not in said
    bare = "".join(typed.split())
    # A line may break anywhere; letters and signs are all there, as often as they were given.
    assert "".join(said.split()).count(bare) >= 5


def test_control_and_direction_characters_are_not_printed_and_break_nothing():
    name = "Nguyễn\x00 Văn\u202e gnaD\u200b \u2066Mẫu\u2069\ufeff\x07"
    said, _ = read(
        forms.render(
            forms.Refusal(
                head=SLIP, desk=DESK, owner=forms.Owner(name=name), request="Thử", reason="a\x00b\u202ec\n\nd"
            ),
            accepted=NEW,
        )
    )
    assert "Nguyễn Văn gnaD Mẫu" in said
    assert "abc d" in said


def test_decomposed_and_strange_text_is_printed_composed():
    said, _ = read(
        forms.render(
            forms.Refusal(
                head=SLIP,
                desk=DESK,
                owner=forms.Owner(name=unicodedata.normalize("NFD", "Trần Thị Bưởi")),
                request="宋 😀 مرحبا שלום",
                reason="ok",
            ),
            accepted=NEW,
        )
    )
    assert "Trần Thị Bưởi" in said


def test_very_long_names_and_lists_fill_pages_without_losing_a_word():
    long = " ".join(f"chữ{n}" for n in range(1500))
    unbroken = "A" * 2000
    paper = forms.Receipt(
        head=SLIP,
        code=CODE,
        desk=DESK,
        owner=forms.Owner(name=long, address=unbroken),
        parts=[forms.PartLine(name=f"Giấy thứ {n}") for n in range(300)],
    )
    said, reader = read(forms.render(paper, accepted=NEW))
    assert len(reader.pages) > 5
    assert all(f"chữ{n}" in said for n in (0, 777, 1499))
    assert "Giấy thứ 299" in said


def test_templates_cannot_leave_their_folder(tmp_path, settings):
    settings.HOME = tmp_path
    own = tmp_path / "templates"
    own.mkdir()
    for bad in ('#read("/etc/passwd")', '#read("../../../../etc/passwd")'):
        (own / "refusal.typ").write_text(bad)
        with pytest.raises(engine.BrokenTemplate, match=r"refusal\.typ"):
            forms.render(PAPERS["refusal"], accepted=NEW)
    (own / "refusal.typ").write_text('#import "@preview/tablex:0.0.9": *')
    with pytest.raises(engine.BrokenTemplate, match="gói ngoài"):
        forms.render(PAPERS["refusal"], accepted=NEW)


# ---- an office's own templates ----------------------------------------------


def test_an_office_overrides_a_template_and_a_row_and_takes_them_away_again(tmp_path, settings):
    settings.HOME = tmp_path
    own = tmp_path / "templates"
    own.mkdir()
    (own / "refusal.typ").write_text('#import "official.typ": *\n#show: paper\nMẪU RIÊNG CỦA XÃ: #d.owner.name')
    (own / "forms.toml").write_text(
        '[[form]]\nkind = "refusal"\ngeneration = "2025"\nnumber = "Mẫu số 03"\ntitle = "Phiếu từ chối"\n'
        'template = "refusal.typ"\npage = "a4"\nsymbol = "TTPVHCC"\nconfirmed = true\nsource = "Đối chiếu 01/10"\n'
    )
    said, _ = read(forms.render(PAPERS["refusal"], accepted=NEW))
    assert "MẪU RIÊNG CỦA XÃ: Thạch Thị Sà Rươne Đẹt" in said
    form = forms.form_for("refusal", NEW)
    assert (form.page, form.confirmed, form.own_template) == ("a4", True, True)
    (own / "refusal.typ").write_text("#show: khong_co")
    with pytest.raises(engine.BrokenTemplate, match="bỏ tệp đó"):
        forms.render(PAPERS["refusal"], accepted=NEW)
    (own / "refusal.typ").unlink()
    (own / "forms.toml").unlink()
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN" in read(forms.render(PAPERS["refusal"], accepted=NEW))[0]


@pytest.mark.parametrize("row", ["[[form]]\nkind = 1", "khong phai toml", '[[form]]\nkind = "refusal"\npage = "a9"'])
def test_a_broken_row_is_said(tmp_path, settings, row):
    settings.HOME = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "forms.toml").write_text(row)
    with pytest.raises(engine.BrokenTemplate):
        forms.render(PAPERS["refusal"], accepted=NEW)


# ---- QR, words -------------------------------------------------------------------------------------------------------


def test_the_same_paper_is_the_same_bytes():
    assert forms.render(PAPERS["receipt"], accepted=NEW, at=AT) == forms.render(PAPERS["receipt"], accepted=NEW, at=AT)


def test_the_link_of_a_code_is_read_back_by_the_scanner():
    from motcua.dossiers.routine import scanned_code

    for address in ("", "https://mc.vidu.vn/ho-so/ma/?ma={code}", "https://mc.vidu.vn/tra-cuu/{code}"):
        assert scanned_code(qr.link(CODE, address)) == CODE
    assert qr.link("A&B=#1 /x", "https://v.vn/?ma={code}") == "https://v.vn/?ma=A%26B%3D%231%20%2Fx"
    drawn = qr.svg(qr.link(CODE, "https://mc.vidu.vn/tra-cuu/{code}"))
    assert drawn.startswith("<svg")
    assert CODE not in drawn


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105_000, "Một trăm lẻ năm nghìn đồng"),
        (2_000, "Hai nghìn đồng"),
        (1_002_003, "Một triệu không trăm lẻ hai nghìn không trăm lẻ ba đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (3_200_050_010, "Ba tỷ hai trăm triệu không trăm năm mươi nghìn không trăm mười đồng"),
        (-7_500, "Âm bảy nghìn năm trăm đồng"),
    ],
)
def test_sums_in_words(value, said):
    assert words.amount_words(value) == said


def test_dates_are_written_as_the_decree_says():
    assert words.long_day(dt.date(2023, 2, 5)) == "ngày 05 tháng 02 năm 2023"
    assert words.long_day(dt.date(2023, 6, 15)) == "ngày 15 tháng 6 năm 2023"
    assert words.amount(22318) == "22.318"
