"""``motcua adopt`` as typed: what it takes into use, what it says, and its exit status."""

import datetime as dt

import pytest

from motcua.config import cli
from motcua.core import clock
from motcua.org import queries as org
from motcua.procedures import actions, queries
from motcua.procedures.models import Adoption
from motcua.procedures.published import read_record
from tests.procedures.made import method, record
from tests.support.cast import make_cast

START = dt.date(2025, 7, 1)


@pytest.fixture
def cast(real_database):
    made = make_cast()
    actions.import_catalogue(
        records=[
            read_record(record("9.900001")),
            read_record(record("9.900002", methods=[method(1, None)])),
            read_record(record("9.900003", levels=["Cấp tỉnh"])),
        ],
        valid_from=START,
    )
    return made


def run(capsys, *arguments):
    code = cli.main(["adopt", *map(str, arguments)])
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return code, out.out, out.err


def used(unit, day=None):
    return [a.code for a in queries.adopted(org.SYSTEM, unit, day or clock.today())]


def test_the_whole_catalogue_of_the_units_level_in_one_line(cast, capsys):
    code, out, err = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--all", "--decision", "12/QĐ-UBND")
    assert (code, err) == (0, "")
    assert "Xã Cầu Kè áp dụng thêm 2 thủ tục từ 01/07/2025." in out
    assert "Bỏ qua 1 thủ tục danh mục không ghi là của cấp xã" in out
    assert "1 thủ tục chưa rõ thời hạn, chưa tiếp nhận được cho tới khi rà soát ở trang Thủ tục: 9.900002." in out
    assert used(cast.xa_cau_ke) == ["9.900001", "9.900002"]
    assert set(Adoption.objects.values_list("decision", "valid_from", "valid_to")) == {("12/QĐ-UBND", START, None)}

    code, out, _ = run(capsys, "--unit", "XACAUKE", "--from", "2025-07-01", "--all")
    assert code == 0
    assert out.endswith("Không có gì thay đổi: Xã Cầu Kè đã áp dụng 2 thủ tục này.\n")
    assert Adoption.objects.count() == 2


def test_named_procedures_of_any_level(cast, capsys):
    code, out, _ = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--procedure", "9.900003", "9.900003")
    assert code == 0
    assert "áp dụng thêm 1 thủ tục" in out
    code, out, _ = run(
        capsys, "--unit", "29308", "--from", "2025-08-01", "--procedure", "9.900003", "--procedure", "9.900001"
    )
    assert code == 0
    assert "áp dụng thêm 1 thủ tục từ 01/08/2025; 1 thủ tục đã áp dụng từ trước, giữ nguyên." in out
    assert used(cast.xa_cau_ke) == ["9.900001", "9.900003"]


def test_a_day_before_the_catalogue_begins_is_told(cast, capsys):
    code, out, _ = run(capsys, "--unit", "845", "--from", "2023-01-05", "--procedure", "9.900001")
    assert code == 0
    assert "1 thủ tục chỉ có trong danh mục từ 01/07/2025 trở đi, trước ngày đó chưa tiếp nhận được: 9.900001." in out
    # a newer version does not make an older day too early
    version = queries.in_force("9.900001", START)
    actions.new_version(version=version, changes={"name": "Tên mới"}, basis="QĐ 2", valid_from=clock.today())
    _, out, _ = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--procedure", "9.900001")
    assert "chỉ có trong danh mục" not in out
    # the district is known to end, and its adoption ends with it
    assert Adoption.objects.get(unit=cast.cauke).valid_to == dt.date(2025, 6, 30)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Cho biết đơn vị và ngày"),
        (["--unit", "29308", "--all"], "Cho biết đơn vị và ngày"),
        (["--unit", "29308", "--from", "2025-07-01"], "Cho biết một trong hai"),
        (["--unit", "29308", "--from", "2025-07-01", "--all", "--procedure", "9.900001"], "Cho biết một trong hai"),
        (["--unit", "99999", "--from", "2025-07-01", "--all"], "Không có đơn vị nào mang mã «99999»"),
        (["--unit", "845", "--from", "2025-07-01", "--all"], "Ngày 01/07/2025 không có đơn vị nào mang mã «845»"),
        (["--unit", "29308", "--from", "01/07/2025", "--all"], "Ngày «01/07/2025» không đúng"),
        (
            ["--unit", "29308", "--from", "2025-07-01", "--procedure", "9.900001", "9.9", "9.8"],
            "không có thủ tục đang dùng mang mã: 9.9, 9.8. Chưa áp dụng thủ tục nào.",
        ),
        (["--unit", "845", "--from", "2024-07-01", "--all"], "Danh mục không có thủ tục nào của cấp huyện"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_adopted(cast, capsys, arguments, says):
    code, _, err = run(capsys, *arguments)
    assert code == 1
    assert says in err
    assert err.count("\n") == 1
    assert not Adoption.objects.exists()


def test_an_adoption_to_come_is_not_overlapped(cast, capsys):
    run(capsys, "--unit", "29308", "--from", "2027-01-01", "--procedure", "9.900001")
    code, out, _ = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--all")
    assert code == 0
    assert "1 thủ tục đã định áp dụng từ ngày muộn hơn (01/01/2027), giữ nguyên." in out
    assert "áp dụng thêm 1 thủ tục từ 01/07/2025.\n" in out
    assert used(cast.xa_cau_ke) == ["9.900002"]
    code, out, err = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--procedure", "9.900001")
    assert (code, out) == (1, "")
    assert "Xã Cầu Kè đã áp dụng thủ tục 9.900001 từ 01/01/2027." in err


def test_an_empty_catalogue_says_what_to_do(real_database, capsys):
    make_cast()
    code, _, err = run(capsys, "--unit", "29308", "--from", "2025-07-01", "--all")
    assert code == 1
    assert "motcua import-procedures --starter" in err
