"""A country of five communes as published files, for tests that need no more."""

from collections.abc import Callable
from pathlib import Path

Write = Callable[..., Path]

OLD = """province_code,province,district_code,district,ward_code,ward
84,Tỉnh Trà Vinh,845,Huyện Cầu Kè,29308,Thị trấn Cầu Kè
84,Tỉnh Trà Vinh,845,Huyện Cầu Kè,29311,Xã Hòa Ân
84,Tỉnh Trà Vinh,845,Huyện Cầu Kè,29317,Xã An Phú Tân
86,Tỉnh Vĩnh Long,855,Thành phố Vĩnh Long,29542,Phường 4
01,Thành phố Hà Nội,001,Quận Ba Đình,00004,Phường Trúc Bạch
77,Tỉnh Bà Rịa - Vũng Tàu,755,Huyện Côn Đảo,,
"""
NEW = """province_code,province,ward_code,ward,ward_type
86,Tỉnh Vĩnh Long,29308,Xã Cầu Kè,Xã
86,Tỉnh Vĩnh Long,29317,Xã An Phú Tân,Xã
86,Tỉnh Vĩnh Long,29542,Phường Long Châu,Phường
01,Thành phố Hà Nội,00004,Phường Ba Đình,Phường
79,Thành phố Hồ Chí Minh,26732,Đặc khu Côn Đảo,Đặc khu
"""
LINKS = """old_ward_code,old_ward,old_district,old_province,new_ward_code,new_ward,new_province,share
29308,Thị trấn Cầu Kè,Huyện Cầu Kè,Tỉnh Trà Vinh,29308,Xã Cầu Kè,Tỉnh Vĩnh Long,whole
29311,Xã Hòa Ân,Huyện Cầu Kè,Tỉnh Trà Vinh,29308,Xã Cầu Kè,Tỉnh Vĩnh Long,"part, default"
29311,Xã Hòa Ân,Huyện Cầu Kè,Tỉnh Trà Vinh,29317,Xã An Phú Tân,Tỉnh Vĩnh Long,part
29317,Xã An Phú Tân,Huyện Cầu Kè,Tỉnh Trà Vinh,29317,Xã An Phú Tân,Tỉnh Vĩnh Long,whole
29542,Phường 4,Thành phố Vĩnh Long,Tỉnh Vĩnh Long,29542,Phường Long Châu,Tỉnh Vĩnh Long,whole
00004,Phường Trúc Bạch,Quận Ba Đình,Thành phố Hà Nội,00004,Phường Ba Đình,Thành phố Hà Nội,whole
755,Huyện Côn Đảo,Huyện Côn Đảo,Tỉnh Bà Rịa - Vũng Tàu,26732,Đặc khu Côn Đảo,Thành phố Hồ Chí Minh,whole
"""
FILES = {"units_to_2025-06-30": OLD, "units_from_2025-07-01": NEW, "succession_2025-07-01": LINKS}


def write_files(folder: Path, **changes: tuple[str, str]) -> Path:
    """Write the small country, with a replacement in a file: ``write_files(folder, links=("whole", "half"))``."""
    for name, text in FILES.items():
        change = changes.get({"u": "old" if "to" in name else "new", "s": "links"}[name[0]])
        if change:
            assert change[0] in text
            text = text.replace(*change, 1)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
