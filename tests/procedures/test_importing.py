"""The catalogue's file: whole or not at all, twice without change, changes shown, and nothing hostile gets in."""

import datetime as dt
import gzip
import json

import pytest
from django.db import transaction

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.procedures import actions, importing, queries
from motcua.procedures.importing import read_catalogue
from motcua.procedures.models import Procedure, ProcedureVersion, Review, TermLine
from tests.procedures.made import CODE, method, paper, record, write
from tests.support.sql import max_queries

FIRST = dt.date(2026, 7, 1)
LATER = dt.date(2026, 8, 1)
pytestmark = pytest.mark.django_db


def load(path, day=FIRST):
    return actions.import_catalogue(records=read_catalogue(path), valid_from=day)


def refused(path):
    with pytest.raises(Invalid) as error:
        load(path)
    assert not Procedure.objects.exists()
    return error.value.message


# ---- the file -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["catalogue.jsonl", "catalogue.jsonl.gz"])
def test_a_catalogue_comes_in(tmp_path, name):
    outcome = load(write(tmp_path / name, record(), b"", record("9.900002")))
    assert (outcome.added, outcome.unchanged) == ([CODE, "9.900002"], 0)
    version = queries.in_force(CODE, FIRST)
    assert (version.number, version.sealed, version.effect, version.source) == (1, True, "unknown", "national")
    assert version.name_folded == "dang ky nuoi rong tai nha"
    regulation, cut = queries.term(version, None, "direct")
    assert (str(regulation), cut) == ("5 ngày làm việc", None)


def test_broken_lines_are_named_and_nothing_is_half_imported(tmp_path):
    path = write(tmp_path / "c.jsonl", record(), b"{not json", record("9.900002", levels=["Cấp thôn"]), record())
    message = refused(path)
    assert "dòng 2: không phải JSON (ký tự thứ 2)" in message
    assert "dòng 3: cấp thực hiện «Cấp thôn»" in message
    assert f"dòng 4: mã {CODE} đã có ở dòng 1" in message
    assert "chưa nạp gì" in message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"[1]", "đối tượng JSON, không phải danh sách"),
        (b"null", "không phải trống"),
        (b"\xff\xfe", "không phải chữ UTF-8"),
        (b"[" * 100_000, "lồng nhau quá sâu"),
        (b'{"code": "9.900001", "code": "9.900002"}', "«code» ghi hai lần"),
        (b'{"code": NaN}', "«NaN»"),
        (b'{"code": ' + b"9" * 5000 + b"}", "không phải JSON"),
        (json.dumps(record(name="<img src=x onerror=alert(1)>")).encode(), "mã HTML"),
        (json.dumps(record(name="a\x00b")).encode(), "NUL"),
        (b"x" * (importing.LONGEST_LINE + 1), "dài quá"),
    ],
)
def test_hostile_lines_are_refused(tmp_path, line, says):
    assert says in refused(write(tmp_path / "c.jsonl", record("9.900009"), line))


def test_only_ten_wrong_lines_are_told(tmp_path):
    message = refused(write(tmp_path / "c.jsonl", *([b"x"] * 50)))
    assert message.count("không phải JSON") == 10
    assert "còn nữa" in message


def test_a_gzip_bomb_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_BYTES", 1_000_000)
    bomb = tmp_path / "c.jsonl.gz"
    bomb.write_bytes(gzip.compress(b"\n" * 5_000_000))
    assert bomb.stat().st_size < 10_000
    assert "mở ra lớn quá 1 MB" in refused(bomb)


def test_a_bomb_of_one_endless_line_is_stopped(tmp_path):
    bomb = tmp_path / "c.jsonl.gz"
    bomb.write_bytes(gzip.compress(b"a" * 50_000_000))
    assert "dòng 1: dài quá" in refused(bomb)


def test_a_cut_or_corrupt_gzip_is_refused(tmp_path):
    whole = gzip.compress(json.dumps(record()).encode() * 50)
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    assert "nén hỏng hoặc bị cắt" in refused(tmp_path / "cut.gz")
    (tmp_path / "bad.gz").write_bytes(whole[:20] + b"\x00" * 40 + whole[60:])
    assert "nén hỏng" in refused(tmp_path / "bad.gz")


def test_too_many_records_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_RECORDS", 2)
    assert "quá 2 thủ tục" in refused(write(tmp_path / "c.jsonl", *(record(f"9.90000{i}") for i in range(3))))


def test_no_file_an_empty_one_a_folder(tmp_path):
    assert "Không đọc được tệp" in refused(tmp_path / "none.jsonl")
    assert "Không đọc được tệp" in refused(tmp_path)
    assert "không có thủ tục nào" in refused(write(tmp_path / "c.jsonl"))


def test_decomposed_letters_are_composed_and_recorded(tmp_path):
    load(write(tmp_path / "c.jsonl", record(name="Đăng ky\u0301 kê\u0301t hôn")))
    version = queries.in_force(CODE, FIRST)
    assert version.name == "Đăng ký kết hôn"
    assert Review.objects.filter(version=version, code="not_composed").exists()


def test_a_lone_surrogate_does_no_harm(tmp_path):
    load(write(tmp_path / "c.jsonl", json.dumps(record(name="Nuôi \ud800 rồng")).encode()))
    assert queries.in_force(CODE, FIRST).name == "Nuôi rồng"


# ---- again, and changed ---------------------------------------------------------------------------------------------
def test_a_second_import_changes_nothing_and_says_so(tmp_path):
    path = write(tmp_path / "c.jsonl", record(), record("9.900002"))
    load(path)
    before = list(ProcedureVersion.objects.values_list("pk", "digest"))
    outcome = load(path, LATER)
    assert (outcome.added, outcome.changed, outcome.unchanged) == ([], [], 2)
    assert list(ProcedureVersion.objects.values_list("pk", "digest")) == before


def test_a_changed_file_makes_new_versions_and_says_what_changed(tmp_path):
    load(write(tmp_path / "c.jsonl", record(), record("9.900002")))
    changed = record(methods=[method(3)], name="Đăng ký nuôi rồng", documents=[paper(), paper("Ảnh rồng", 2)])
    outcome = load(write(tmp_path / "d.jsonl", changed, record("9.900002")), LATER)
    (change,) = outcome.changed
    assert (change.code, outcome.unchanged) == (CODE, 1)
    assert "tên: Đăng ký nuôi rồng tại nhà → Đăng ký nuôi rồng" in change.lines
    assert "thời hạn: 5 ngày làm việc → 3 ngày làm việc" in change.lines
    assert "thành phần hồ sơ: (không có) → Ảnh rồng (2 bản chính)" in change.lines
    assert queries.in_force(CODE, LATER).number == 2
    old = queries.in_force(CODE, LATER - dt.timedelta(days=1))
    assert (old.number, old.name) == (1, "Đăng ký nuôi rồng tại nhà")
    assert str(queries.term(old, None, "direct")[0]) == "5 ngày làm việc"


def test_only_showing_writes_nothing(tmp_path):
    records = read_catalogue(write(tmp_path / "c.jsonl", record()))
    outcome = actions.import_catalogue(records=records, valid_from=FIRST, only_show=True)
    assert outcome.added == [CODE]
    assert not Procedure.objects.exists()


def test_a_version_is_never_used_before_the_one_it_follows(tmp_path):
    load(write(tmp_path / "c.jsonl", record()), LATER)
    with pytest.raises(Invalid) as error, transaction.atomic():
        load(write(tmp_path / "d.jsonl", record(name="Khác"), record("9.900002")), FIRST)
    assert "dùng từ 01/08/2026" in error.value.message
    assert Procedure.objects.count() == 1


def test_vanished_procedures_are_only_reported(tmp_path):
    load(write(tmp_path / "c.jsonl", record(), record("9.900002")))
    outcome = load(write(tmp_path / "d.jsonl", record()), LATER)
    assert outcome.missing == ["9.900002"]
    assert queries.in_force("9.900002", LATER).number == 1


# ---- corrections live on --------------------------------------------------------------------------------------------
def corrected(tmp_path):
    """A procedure whose unclear term the office has confirmed as three working days."""
    load(write(tmp_path / "c.jsonl", record(methods=[method(3, None)])))
    with clock.at(clock.local_moment(FIRST)):
        return actions.confirm_review(
            version=queries.in_force(CODE, FIRST),
            place="term",
            position=1,
            value={"value": 3, "unit": "working_day"},
            basis="Quyết định số 5/QĐ-UBND",
        )


def test_a_correction_survives_the_same_file_and_a_change_elsewhere(tmp_path):
    version = corrected(tmp_path)
    assert (version.number, version.needs_review, version.confirmed) == (2, False, True)
    assert load(write(tmp_path / "c.jsonl", record(methods=[method(3, None)])), LATER).unchanged == 1
    outcome = load(write(tmp_path / "d.jsonl", record(methods=[method(3, None)], result="Thẻ rồng")), LATER)
    assert outcome.changed[0].lines == [
        "kết quả: Giấy chứng nhận nuôi rồng → Thẻ rồng",
        "loại kết quả: Giấy chứng nhận → Thẻ, biển số",
    ]
    now = queries.in_force(CODE, LATER)
    assert str(queries.term(now, None, "direct")[0]) == "3 ngày làm việc"
    assert not now.needs_review


def test_where_the_source_changed_the_same_part_it_wins_and_is_marked(tmp_path):
    corrected(tmp_path)
    outcome = load(write(tmp_path / "d.jsonl", record(methods=[method(4)])), LATER)
    assert outcome.changed[0].conflicts == ["terms"]
    now = queries.in_force(CODE, LATER)
    assert str(queries.term(now, None, "direct")[0]) == "4 ngày làm việc"
    assert [r.code for r in now.reviews.all()] == ["changed_on_both_sides"]


def test_what_the_source_leaves_open_never_replaces_what_is_in_use(tmp_path):
    corrected(tmp_path)
    load(write(tmp_path / "d.jsonl", record(methods=[method(6, None)])), LATER)
    now = queries.in_force(CODE, LATER)
    assert str(queries.term(now, None, "direct")[0]) == "3 ngày làm việc"
    (doubt,) = now.reviews.all()
    assert doubt.code == "kept_over_open_source"
    assert "6 (không ghi đơn vị)" in doubt.published


def test_a_cut_term_is_kept_through_an_import(tmp_path):
    load(write(tmp_path / "c.jsonl", record()))
    version = queries.in_force(CODE, FIRST)
    actions.confirm_review(
        version=version,
        place="term",
        position=1,
        value={"promised_value": 3, "promised_unit": "working_day"},
        basis="QĐ 9",
    )
    load(write(tmp_path / "d.jsonl", record(agency="UBND xã")), LATER)
    assert [str(t) for t in queries.term(queries.in_force(CODE, LATER), None, "post")] == [
        "5 ngày làm việc",
        "3 ngày làm việc",
    ]


# ---- cost -----------------------------------------------------------------------------------------------------------
def test_statements_do_not_grow_with_the_file(tmp_path):
    records = read_catalogue(write(tmp_path / "c.jsonl", *(record(f"9.9{i:05}") for i in range(60))))
    with max_queries(20):
        actions.import_catalogue(records=records, valid_from=FIRST)
    assert TermLine.objects.count() == 60
