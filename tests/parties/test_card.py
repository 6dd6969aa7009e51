"""The QR text of a citizen card at the counter: anybody can print one, so nothing it says is believed unseen."""

import datetime as dt

import pytest

from motcua.core.errors import Invalid
from motcua.parties.card import looks_like_card, read_card

TODAY = dt.date(2025, 8, 4)
GOOD = "084195000001|334567890|Thạch Thị Mẫu|05061995|Nữ|Ấp 1, Hòa Tân, Cầu Kè, Trà Vinh|10052021"


def changed(place: int, said: str) -> str:
    parts = GOOD.split("|")
    parts[place] = said
    return "|".join(parts)


def test_a_card_fills_what_it_says():
    card = read_card(GOOD, today=TODAY)
    assert (card.number, card.name, card.birth_date) == ("084195000001", "Thạch Thị Mẫu", dt.date(1995, 6, 5))
    assert card.address == "Ấp 1, Hòa Tân, Cầu Kè, Trà Vinh"
    assert (card.gender, card.old_number, card.issued_on) == ("Nữ", "334567890", dt.date(2021, 5, 10))
    assert card.doubts == []


@pytest.mark.parametrize(
    "scanned",
    [
        changed(1, ""),  # never had an old number
        GOOD + "|Sơn Văn Cha|Kim Thị Mẹ|",  # the newer card says more
        "  " + GOOD + "\r\n",  # what a scanner adds
        GOOD.replace("ạ", "a\u0323"),  # letters in pieces
        GOOD.replace("|", " | "),
    ],
)
def test_what_real_cards_and_scanners_vary_in_changes_nothing(scanned):
    card = read_card(scanned, today=TODAY)
    assert (card.number, card.name, card.birth_date, card.doubts) == (
        "084195000001", "Thạch Thị Mẫu", dt.date(1995, 6, 5), [],
    )  # fmt: skip


@pytest.mark.parametrize(
    "scanned",
    [
        "",
        "084195000001",
        "||||||",
        "|".join(GOOD.split("|")[:6]),
        changed(0, "08419500000"),
        changed(0, "0841950000011"),
        changed(0, "08419500000A"),
        changed(0, "０８４１９５００００01"),  # digits of another script
        changed(0, "٠٨٤١٩٥٠٠٠٠٠١"),
        changed(0, "<script>|"),
        changed(0, "1' OR '1'='1"),
        changed(0, "084195\x00000001"),
        "https://evil.example/|a|b|c|d|e|f",
        GOOD + "x" * 3000,
        "|" * 1_000_000,
        "00020101021138540010A00000072701240006970407011003865776720208QRIBFTTA530370454061000005802VN6304A322",
    ],
)
def test_what_is_no_card_fills_nothing(scanned):
    with pytest.raises(Invalid, match="không phải mã QR của thẻ căn cước"):
        read_card(scanned, today=TODAY)


@pytest.mark.parametrize(
    ("place", "said", "lost"),
    [
        (2, "", "name"),
        (2, "<img src=x onerror=alert(1)>", "name"),
        (2, "'); DROP TABLE parties_party; --", "name"),
        (2, '=HYPERLINK("http://evil.example")', "name"),
        (2, "Nguy\ufffdn V\ufffdn A", "name"),
        (2, "Thach Thi Mau 5", "name"),
        (2, "-", "name"),
        (2, "Đ" * 251, "name"),
        (3, "31021995", "birth_date"),
        (3, "00000000", "birth_date"),
        (3, "05062095", "birth_date"),
        (3, "05061895", "birth_date"),
        (3, "05061994", "birth_date"),  # the number says 1995
        (3, "5/6/1995", "birth_date"),
        (3, "٠٥٠٦١٩٩٥", "birth_date"),
        (5, "x" * 301, "address"),
        (5, "\u1ea4p 1\ufffd", "address"),
    ],
)
def test_a_field_that_cannot_be_true_is_left_empty_and_told(place, said, lost):
    card = read_card(changed(place, said), today=TODAY)
    assert not getattr(card, lost)
    assert len(card.doubts) == 1
    assert card.number == "084195000001"


def test_invisible_characters_do_not_get_in():
    card = read_card(changed(2, "Thạch\u202eThị\u200b\x07Mẫu"), today=TODAY)
    assert card.name == "Thạch Thị Mẫu"


def test_an_issue_before_the_birth_is_told():
    assert read_card(changed(6, "10051990"), today=TODAY).issued_on is None


def test_only_a_text_with_bars_is_taken_for_a_card():
    assert looks_like_card(GOOD)
    assert not looks_like_card("084195000001")
