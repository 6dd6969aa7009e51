"""What people type at the counter finds the procedure they mean, and not every other one."""

import pytest

from motcua.core.text import fold
from motcua.procedures.matching import score

NAMES = {
    "1.001193": ("Đăng ký khai sinh", ["làm giấy khai sinh", "khai sinh cho con"]),
    "1.000656": ("Đăng ký khai tử", ["báo tử", "giấy báo chết"]),
    "1.000894": ("Đăng ký kết hôn", ["làm hôn thú"]),
    "2.000815": ("Chứng thực bản sao từ bản chính giấy tờ, văn bản", ["sao y", "công chứng bằng cấp"]),
    "1.004873": ("Cấp Giấy xác nhận tình trạng hôn nhân", ["giấy độc thân"]),
}


def found(wanted: str) -> list[str]:
    scored = {
        code: score(fold(wanted), code, fold(name), [fold(s) for s in said]) for code, (name, said) in NAMES.items()
    }
    return sorted((code for code, n in scored.items() if n), key=lambda code: -scored[code])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("khai sinh", "1.001193"),
        ("khaisinh", "1.001193"),
        ("khai sih", "1.001193"),
        ("kha sinh", "1.001193"),
        ("kahi sinh", "1.001193"),
        ("KHAI SINH", "1.001193"),
        ("giay bao chet", "1.000656"),
        ("hon thu", "1.000894"),
        ("kethon", "1.000894"),
        ("sao y", "2.000815"),
        ("chung thuc ban sao", "2.000815"),
        ("chứng thưc bản sao", "2.000815"),
        ("doc thân", "1.004873"),
        ("1.004873", "1.004873"),
        ("4873", "1.004873"),
    ],
)
def test_the_one_meant_comes_first(typed, first):
    assert found(typed)[:1] == [first]


@pytest.mark.parametrize("typed", ["", "xyz", "tu sinh xyz", "sih", "đất đai", "'); DROP TABLE", "%", "|" * 200])
def test_what_means_nothing_finds_nothing(typed):
    assert found(typed) == []


def test_a_slip_in_a_short_word_needs_another_word_to_bear_it_out():
    assert found("khai sih") == ["1.001193"]
    assert found("sih") == []
