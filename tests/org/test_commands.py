"""``motcua init`` and ``motcua import-units`` as typed: what they say, how they end, what they leave behind."""

import io
from typing import Any

import pytest

from motcua.config.cli import main
from motcua.core import clock
from motcua.org import queries
from motcua.org.models import TWO_TIER_DAY, AccessChange, Assignment, Duty, Unit, User
from tests.org.small_country import Write

# a command closes its connection when it ends, so each test has a database of its own
pytestmark = pytest.mark.usefixtures("real_database")
GOOD = {
    "username": "quan.tri",
    "full-name": "Đỗ Thị Khế",
    "unit-code": "29308",
    "unit-name": "Xã Cầu Kè",
    "unit-kind": "Xã",
}


def init(monkeypatch: pytest.MonkeyPatch, password: str = "Xoai-cat-2026", **changes: str | None) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    given = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    options = [f"--{name}={value}" for name, value in given.items() if value is not None]
    return main(["init", *options, "--password-stdin"])


def test_the_first_administrator_and_unit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(monkeypatch) == 0
    assert "Đã tạo tài khoản quan.tri, quản trị hệ thống tại Xã Cầu Kè (mã 29308)." in capsys.readouterr().out
    user, unit = User.objects.get(), Unit.objects.get()
    assert user.check_password("Xoai-cat-2026")
    assert not user.must_change_password
    assert not user.is_superuser
    assert (unit.name, unit.kind, unit.valid_from, unit.valid_to) == ("Xã Cầu Kè", "commune", TWO_TIER_DAY, None)
    assert queries.duties(user, clock.today()) == [(Duty.ADMIN, unit)]
    assert list(AccessChange.objects.order_by("pk").values_list("what", flat=True)) == [
        "create_account",
        "set_password",
        "grant_duty",
    ]


def test_a_database_with_people_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    User.objects.create_user("ai.do")
    assert init(monkeypatch) == 1
    assert "đã có tài khoản" in capsys.readouterr().err
    assert not Unit.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"username": "Quản Trị"}, "Tên đăng nhập gồm"),
        ({"full_name": "\u200b"}, "họ và tên"),
        ({"unit_code": "mã xã"}, "Mã «mã xã»"),
        ({"unit_kind": "lâu đài"}, "Không có loại đơn vị «lâu đài»"),
        ({"password": "12345"}, "Mật khẩu"),
        ({"password": ""}, "Mật khẩu"),
        ({"username": None}, "thiếu thông tin"),
        ({"unit_name": None}, "thiếu thông tin"),
    ],
)
def test_bad_input_creates_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: dict[str, Any], says: str
) -> None:
    assert init(monkeypatch, **given) == 1
    told = capsys.readouterr().err
    assert told.startswith("motcua init: ")
    assert says in told
    assert not User.objects.exists()
    assert not Unit.objects.exists()
    assert not Assignment.objects.exists()


def test_with_the_countrys_units_the_code_names_one_of_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Xoai-cat-2026\n"))
    options = ["--username=quan.tri", "--full-name=Đỗ Thị Khế", "--unit-code=29308", "--with-units", "--password-stdin"]
    assert main(["init", *options]) == 0
    assert "đã thêm 14.138 đơn vị" in capsys.readouterr().out
    user = User.objects.get()
    ((duty, unit),) = queries.duties(user, clock.today())
    assert (duty, queries.label(unit, clock.today())) == (Duty.ADMIN, "Xã Cầu Kè, Tỉnh Vĩnh Long")


def test_a_unit_made_by_init_is_the_one_the_country_brings_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], files: Write
) -> None:
    assert init(monkeypatch) == 0
    folder = str(files())
    assert main(["import-units", "--dir", folder]) == 0
    assert "29308: Xã Cầu Kè: cấp trên là Tỉnh Vĩnh Long" in capsys.readouterr().out
    assert main(["import-units", "--dir", folder, "--apply"]) == 0
    assert Unit.objects.filter(code="29308", valid_to=None).count() == 1
    unit = queries.unit_by_code("29308", clock.today())
    assert queries.label(unit, clock.today()) == "Xã Cầu Kè, Tỉnh Vĩnh Long"


def test_a_broken_file_is_said_plainly_and_fails(files: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-units", "--dir", str(files(links=(",part\n", ",half\n")))]) == 1
    told = capsys.readouterr().err
    first = "motcua import-units: tệp có lỗi, chưa ghi gì:\n"
    assert told.startswith(f"{first}succession_2025-07-01.csv, dòng 4: share «half»")
    assert not Unit.objects.exists()


def test_help_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    for verb, word in (("init", "--unit-code"), ("import-units", "--mapping")):
        with pytest.raises(SystemExit) as ended:
            main([verb, "--help"])
        assert ended.value.code == 0
        assert word in capsys.readouterr().out
