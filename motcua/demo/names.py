"""Invented people: names as they are heard in Trà Vinh, numbers that nobody can have. Pure, from a seeded random.

Identity numbers begin with 999, which is no province's code; phones begin with 0100, which no operator has. Every row
made from here is marked ``invented``.
"""

import datetime as dt
import random
from dataclasses import dataclass

_FAMILY = (
    ("Nguyễn", 30), ("Trần", 13), ("Lê", 9), ("Phạm", 6), ("Huỳnh", 6), ("Thạch", 9), ("Kim", 6), ("Sơn", 5),
    ("Kiên", 3), ("Võ", 5), ("Phan", 4), ("Đặng", 3), ("Bùi", 3), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 2), ("Dương", 2),
    ("Lý", 2), ("Lâm", 3), ("Châu", 2), ("Trương", 2), ("Cao", 1), ("Mai", 1), ("Tô", 1),
)  # fmt: skip
_MEN_MIDDLE = ("Văn", "Văn", "Hoàng", "Minh", "Thanh", "Quốc", "Hữu", "Ngọc", "Phước", "Chí", "Tấn", "Trung", "Thành")
_MEN_GIVEN = (
    "An", "Bảo", "Bình", "Chiến", "Cường", "Danh", "Dũng", "Duy", "Đạt", "Điền", "Đức", "Giang", "Hải", "Hậu", "Hiếu",
    "Hòa", "Hùng", "Khang", "Khánh", "Kiệt", "Lâm", "Lộc", "Long", "Luân", "Mạnh", "Nam", "Nghĩa", "Nhân", "Phát",
    "Phong", "Phúc", "Quân", "Quý", "Sang", "Tài", "Tâm", "Thắng", "Thịnh", "Thuận", "Tín", "Toàn", "Trí", "Tùng",
    "Vinh",
)  # fmt: skip
_WOMEN_MIDDLE = ("Thị", "Thị", "Thị", "Ngọc", "Thị Ngọc", "Thị Kim", "Mỹ", "Kim", "Thị Hồng", "Thị Thu", "Bích", "Thùy")
_WOMEN_GIVEN = (
    "Anh", "Cẩm", "Châu", "Chi", "Diễm", "Diệu", "Dung", "Duyên", "Đào", "Đẹp", "Giàu", "Hà", "Hạnh", "Hằng", "Hiền",
    "Hoa", "Hồng", "Hương", "Huyền", "Kiều", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Nhi",
    "Nhung", "Oanh", "Phượng", "Quyên", "Sương", "Thảo", "Thắm", "Thoa", "Thu", "Thúy", "Thư", "Trang", "Trinh",
    "Tuyền", "Vân", "Xuân", "Yến",
)  # fmt: skip
_TRADES = ("Thương mại", "Xây dựng", "Nông sản", "Vận tải", "Dịch vụ", "Cơ khí", "Thủy sản")


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person."""

    name: str
    woman: bool
    born: dt.date
    id_number: str
    phone: str


class Names:
    """A stream of invented people; no identity number or phone comes twice."""

    def __init__(self, rng: random.Random):
        self._random = rng
        self._number = 0
        self._families = [name for name, weight in _FAMILY for _ in range(weight)]

    def person(self, *, born_from: int = 1948, born_to: int = 2003) -> Person:
        """The next person, born between two years."""
        r = self._random
        woman = r.random() < 0.5
        born = dt.date(r.randint(born_from, born_to), r.randint(1, 12), r.randint(1, 28))
        self._number += 1
        # The 4th digit of a real number tells century and sex; the invented ones follow it, so that checks pass.
        century = 2 * (born.year // 100 - 19) + woman
        return Person(
            name=self.name(woman),
            woman=woman,
            born=born,
            id_number=f"999{century}{born.year % 100:02d}{self._number:06d}",
            phone=f"0100{self._number:06d}",
        )

    def name(self, woman: bool) -> str:
        """A full name."""
        r = self._random
        middle, given = (_WOMEN_MIDDLE, _WOMEN_GIVEN) if woman else (_MEN_MIDDLE, _MEN_GIVEN)
        return f"{r.choice(self._families)} {r.choice(middle)} {r.choice(given)}"

    def company(self) -> tuple[str, str]:
        """An invented company's name and tax number (province code 99 is nobody's)."""
        r = self._random
        self._number += 1
        name = f"Công ty TNHH {r.choice(_TRADES)} {r.choice(_MEN_GIVEN)} {r.choice(_WOMEN_GIVEN)}"
        return name, f"99{self._number:08d}"

    def address(self, commune: str) -> str:
        """A house that is not there, in a commune that is."""
        r = self._random
        return f"Số {r.randint(500, 999)}, ấp {r.randint(1, 9)}, {commune}"
