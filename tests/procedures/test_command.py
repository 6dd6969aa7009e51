"""``motcua import-procedures`` as typed: what it prints, and its exit status."""

import datetime as dt

import pytest

from motcua.config import cli
from motcua.core import clock
from motcua.procedures.catalogue import newest
from tests.procedures.made import CODE, method, record, write

pytestmark = pytest.mark.usefixtures("real_database")


def run(capsys, *arguments):
    code = cli.main(["import-procedures", *map(str, arguments)])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_command_tells_what_it_did(tmp_path, capsys):
    path = write(tmp_path / "c.jsonl", record(), record("9.900002", methods=[method(1, None)]))
    code, out, _ = run(capsys, path, "--from", "2026-07-01")
    assert code == 0
    assert "Đã thêm 2 thủ tục, lập phiên bản mới cho 0; 0 không đổi. Cần rà soát: 1 thủ tục." in out
    assert "1  Thời hạn chỉ có con số, không có đơn vị tính" in out
    code, out, _ = run(capsys, path, "--from", "2026-07-01")
    assert (code, out) == (0, "Không có gì thay đổi: 2 thủ tục đã đúng như nguồn.\n")
    write(path, record(methods=[method(2)]), record("9.900002", methods=[method(1, None)]))
    code, out, _ = run(capsys, path, "--from", "2026-08-01", "--dry-run")
    assert "    thời hạn: 5 ngày làm việc → 2 ngày làm việc" in out
    assert "Chưa ghi gì" in out
    assert newest([CODE])[CODE].number == 1


def test_the_first_catalogue_is_used_from_the_two_tier_day_and_later_ones_from_today(tmp_path, capsys):
    path = write(tmp_path / "c.jsonl", record())
    code, out, _ = run(capsys, path)
    assert code == 0
    assert "dùng từ ngày 01/07/2025" in out
    assert newest([CODE])[CODE].valid_from == dt.date(2025, 7, 1)
    write(path, record(), record("9.900002"))
    run(capsys, path)
    assert newest(["9.900002"])["9.900002"].valid_from == clock.today()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.jsonl"], "Không đọc được tệp"),
        ([], "Cho biết một trong hai"),
        (["c.jsonl", "--starter"], "Cho biết một trong hai"),
        (["c.jsonl", "--from", "31/12/2026"], "Ngày «31/12/2026» không đúng"),
    ],
)
def test_the_command_says_plainly_what_is_wrong(tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert says in err
    assert "Traceback" not in err
