"""Vietnamese text: one spelling, a form to search by, the dictionary's order."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from motcua.core.text import clean, fold, nfc, sort_key

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
WORDS = st.text(LETTERS + " ", min_size=1, max_size=8).map(lambda t: " ".join(t.split())).filter(bool)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Nguyễn   Văn\tA \n", "Nguyễn Văn A"),
        (nfd("Nguyễn Thị Đào"), "Nguyễn Thị Đào"),
        ("Nguyễn\x00Văn", "Nguyễn Văn"),
        ("\ufeffHồ\u200b sơ\u00a0mới\u2028", "Hồ sơ mới"),
        ("\u202eađảo", "ađảo"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_typed_text_is_made_one_clean_line(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.pure
@given(st.text())
def test_cleaning_twice_changes_nothing_and_leaves_nothing_invisible(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert nfc(once) == once
    assert all(c == " " or unicodedata.category(c)[0] not in "ZC" for c in once)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đức", "duc"),
        ("duc", "duc"),
        (nfd("ĐỨC"), "duc"),
        ("Giấy  khai SINH", "giay khai sinh"),
        ("Ưng Ươm ơ ư ă â ê ô", "ung uom o u a a e o"),
        ("Xã Cầu Kè", "xa cau ke"),
        ("QĐ 766/QĐ-TTg", "qd 766/qd-ttg"),
    ],
)
def test_folded_text_finds_what_was_typed_without_marks(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.pure
@given(st.text())
def test_folding_does_not_care_how_a_letter_was_composed(text: str) -> None:
    assert fold(nfd(text)) == fold(nfc(text))


@pytest.mark.pure
def test_the_dictionarys_order() -> None:
    in_order = [
        "a", "à", "ả", "ã", "á", "ạ", "ai", "ăn", "ân", "ba", "bà", "bá", "ca", "cha", "da", "đa", "em", "êm", "lan",
        "làn", "lân", "ma", "mà", "mả", "mã", "má", "mạ", "on", "ôn", "ơn", "tam", "tâm", "tứ", "ung", "ưng", "xa", "ý",
    ]  # fmt: skip
    keys = [sort_key(word) for word in in_order]
    assert keys == sorted(set(keys))


@pytest.mark.pure
def test_tones_part_only_texts_whose_letters_are_alike() -> None:
    """The last letters of the whole text come before the first tone: «Má An» before «Ma Bình»."""
    assert sorted(["Ma Bình", "Má An", "Mà An"], key=sort_key) == ["Mà An", "Má An", "Ma Bình"]
    assert sorted(["Cầu Kè 10", "cầu kè", "Cẩu Kè"], key=sort_key) == ["cầu kè", "Cẩu Kè", "Cầu Kè 10"]
    assert sorted(["Anh", "An Bình", "An"], key=sort_key) == ["An", "An Bình", "Anh"]


@pytest.mark.pure
@given(WORDS)
def test_sorting_does_not_care_about_composition_or_case(text: str) -> None:
    assert sort_key(nfd(text)) == sort_key(text) == sort_key(text.upper())


@pytest.mark.django_db
@given(st.lists(WORDS, min_size=2, max_size=12, unique=True))
def test_the_order_is_the_one_postgresql_gives(words: list[str]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("compares with PostgreSQL's own Vietnamese order")
    with connection.cursor() as cursor:
        cursor.execute('SELECT w FROM unnest(%s::text[]) AS w ORDER BY w COLLATE "vi-x-icu"', [words])
        assert [row[0] for row in cursor.fetchall()] == sorted(words, key=sort_key)


@pytest.mark.django_db
@given(st.lists(WORDS, min_size=2, max_size=12, unique=True))
def test_the_database_sorts_keys_as_python_does(words: list[str]) -> None:
    """The key is stored and the database compares it: byte by byte, in both."""
    keys = [sort_key(word) for word in words]
    order = 'w COLLATE "C"' if connection.vendor == "postgresql" else "w COLLATE BINARY"
    values = ", ".join(["(%s)"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH t(w) AS (VALUES {values}) SELECT w FROM t ORDER BY {order}", keys)
        assert [row[0] for row in cursor.fetchall()] == sorted(keys)
