"""Papers as PDF: how long the press takes for each form, with its compiler warm, and how its memory stands.

Bound: a slip (giấy tiếp nhận) in 60 ms. Every print differs, as in the office: nothing comes from a cache.
"""

import datetime as dt
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from motcua.core import clock
from motcua.papers import forms, qr

ROUNDS = 40
BOUND = 60.0
DAY = dt.date(2026, 10, 8)
AT = clock.local_moment(DAY, dt.time(8, 5))
SLIP = {
    "above": "Ủy ban nhân dân xã Cầu Kè",
    "agency": "Trung tâm Phục vụ hành chính công",
    "place": "Cầu Kè",
    "date": DAY,
}
REQUEST = "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất"
ADDRESS = "https://motcua.vidu.vn/ho-so/ma/?ma={code}"


def _common(number: int) -> dict:
    code = f"H61.29308-261008-{number:04d}"
    return {"head": forms.Head(**SLIP, number=f"{number:04d}"), "code": code, "link": qr.link(code, ADDRESS)}


def _owner(number: int) -> forms.Owner:
    return forms.Owner(name=f"Thạch Thị Mẫu {number}", address=f"Ấp {number}, xã Cầu Kè", phone=f"0900{number:06d}")


def _receipt(number: int, copies: int) -> forms.Paper:
    return forms.Receipt(
        **_common(number),
        desk="Trung tâm Phục vụ hành chính công xã Cầu Kè",
        owner=_owner(number),
        request=REQUEST,
        parts=[forms.PartLine(name=f"Giấy tờ thứ {n} của {number}", kind="Bản chính", copies="1") for n in range(6)],
        sets="1",
        term="10 ngày làm việc",
        received=AT,
        appointed=AT + dt.timedelta(days=14),
        result_method="Nhận tại một cửa",
        officer="Lâm Thị Mẫu",
        copies=("Liên 1", "Liên 2")[:copies],
    )


def _supplement(number: int) -> forms.Paper:
    items = [f"Giấy tờ thứ {n}: chưa có chữ ký" for n in range(5)]
    return forms.Supplement(
        **_common(number), owner=_owner(number), request=REQUEST, items=items, reason=f"Thiếu {number}"
    )


def _register(number: int, rows: int) -> forms.Paper:
    return forms.Register(
        head=forms.Head(**SLIP),
        span=f"Ngày {number}",
        returned=0,
        rows=[
            forms.RegisterRow(
                number=str(n),
                code=f"H61.29308-261008-{n:04d}",
                procedure=REQUEST,
                sets=1,
                name=f"Thạch Thị Mẫu {number}",
                contact="Ấp Chợ, xã Cầu Kè",
                agency="Ủy ban nhân dân xã Cầu Kè",
                received="08/10/2026",
                appointed="22/10/2026",
                returned="",
                method="Nhận tại một cửa",
            )
            for n in range(rows)
        ],
    )


def _resident() -> float:
    """Megabytes this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _time(name: str, make: Callable[[int], forms.Paper], rounds: int = ROUNDS) -> float:
    papers = [make(1000 + n) for n in range(rounds)]
    forms.render(make(1), accepted=DAY, at=AT)
    took, size = [], 0
    for paper in papers:
        start = time.perf_counter()
        size = len(forms.render(paper, accepted=DAY, at=AT))
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    p95 = took[int(len(took) * 0.95) - 1]
    middle = statistics.median(took)
    print(f"  {name:<42} p50 {middle:7.1f} ms   p95 {p95:7.1f} ms   {size / 1024:6.0f} KB")
    return middle


def main() -> None:
    """Print the figures."""
    start = time.perf_counter()
    forms.render(_receipt(1, 1), accepted=DAY, at=AT)
    print(f"Papers as PDF, one process, {ROUNDS} different ones each; the first of all took "
          f"{(time.perf_counter() - start) * 1000:.0f} ms:")  # fmt: skip
    slip = _time("giấy tiếp nhận, one copy, QR, 6 papers", lambda n: _receipt(n, 1))
    both = _time("giấy tiếp nhận, both copies", lambda n: _receipt(n, 2))
    _time("phiếu yêu cầu bổ sung", _supplement)
    _time("sổ theo dõi, 50 lines", lambda n: _register(n, 50), 10)
    _time("sổ theo dõi, 1,000 lines", lambda n: _register(n, 1000), 3)
    before = _resident()
    _time("200 more slips", lambda n: _receipt(n, 1), 200)
    print(f"  memory held after 200 more slips: {_resident():.0f} MB, before them {before:.0f} MB")
    print(f"  bound: a slip in {BOUND:.0f} ms: {'held' if slip <= BOUND else 'MISSED'} (both copies {both:.0f} ms)")


if __name__ == "__main__":
    main()
