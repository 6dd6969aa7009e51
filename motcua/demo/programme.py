"""The demo's registers: huyện Cầu Kè in the first half of 2023 by its published numbers, and its successors since.

Every text is made up and says so; only the numbers of 2023 are those published (32 tasks, 26 done; 115 tin, bài; 12
chuyên mục; 78 cuộc, 2.312 lượt; 4 văn bản QPPL; ISO at 11 of 13 offices and 11 of 11 communes with 410 processes; 14
procedures liên thông, 11 and 3).
"""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from motcua.core import clock
from motcua.demo.names import Names
from motcua.demo.units import ONE_PERSON, Units
from motcua.org.models import TWO_TIER_DAY, Unit
from motcua.procedures.models import Adoption, ProcedureVersion
from motcua.programme import actions
from motcua.programme.keeping import Area, PlanKind

MARK = "(minh họa)"
FIRST, LAST = dt.date(2023, 1, 5), dt.date(2023, 6, 1)
END_OF_2023 = dt.date(2023, 12, 29)
TASKS, TASKS_DONE = 32, 26
NEWS, ARTICLES, COLUMNS = 70, 45, 12
SESSIONS, ATTENDEES = 78, 2312
LEGAL = 4
LINKED_SAME, LINKED_BETWEEN = 11, 3

_AREAS = list(Area.values)
_WORDS = {
    Area.GENERAL: "Chỉ đạo, đôn đốc cải cách hành chính",
    Area.INSTITUTIONS: "Rà soát, kiểm tra văn bản",
    Area.PROCEDURES: "Rà soát, đơn giản hóa thủ tục",
    Area.APPARATUS: "Kiện toàn tổ chức bộ máy",
    Area.SERVICE: "Nâng cao chất lượng cán bộ, công chức",
    Area.FINANCE: "Thực hiện tự chủ tài chính",
    Area.DIGITAL: "Số hóa hồ sơ, dịch vụ công trực tuyến",
}
_TOPICS = (
    "Dịch vụ công trực tuyến", "Thanh toán trực tuyến phí, lệ phí", "Nộp hồ sơ qua bưu chính công ích",
    "Chứng thực bản sao điện tử", "Định danh điện tử mức 2", "Bộ phận Một cửa phục vụ người dân",
)  # fmt: skip
Rows = list[tuple[Unit, dict[str, Any]]]


def tell(units: Units, today: dt.date) -> int:
    """Write all of it; how many lines. Some fifty statements."""
    story = _Story(units, today)
    written = 0
    for told_on, part in ((END_OF_2023, story.of_2023()), (today, story.since())):
        # Written down on the day it speaks of, by the office's own book-keeping.
        with clock.at(clock.local_moment(told_on, dt.time(16, 0))):
            for key, rows in part:
                if rows:
                    written += actions.enter_many(register=key, rows=rows)
    return written


class _Story:
    def __init__(self, units: Units, today: dt.date):
        self.units = units
        # In January the year before is told.
        self.year = today.year if today >= dt.date(today.year, 2, 1) else today.year - 1
        self.today = min(today, dt.date(self.year, 12, 31))
        # A dice of its own: what is told here leaves the rest of the demo as it was.
        self.random = random.Random(f"motcua-so-theo-doi {today:%Y-%m-%d}")  # noqa: S311 - a story, not a secret
        self.names = Names(self.random)

    def _days(self, count: int, first: dt.date, last: dt.date) -> list[dt.date]:
        """So many working days between two, in order."""
        days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
        days = [day for day in days if day.weekday() < 5] or [first]
        return sorted(self.random.choice(days) for _ in range(count))

    # ---- the first half of 2023 -------------------------------------------------------------------------------------
    def of_2023(self) -> Iterator[tuple[str, Rows]]:
        """Register by register."""
        here = self.units.district
        yield "steering_documents", [
            (here, {"number": f"MH-{n:02d}/{'KH' if n % 3 else 'QĐ'}-UBND", "issued_on": day,
                    "kind": "plan" if n % 3 else "decision", "area": _AREAS[n % len(_AREAS)],
                    "summary": f"{_WORDS[Area(_AREAS[n % len(_AREAS)])]} năm 2023 {MARK}"})
            for n, day in enumerate(self._days(12, FIRST, LAST), start=1)
        ]  # fmt: skip
        yield "plans", self._plans_of_2023()
        yield "required_plans", [
            (here, {"kind": kind, "year": 2023, "due_on": dt.date(2023, 1, 31), "basis": f"CV MH-01/UBND-NC {MARK}",
                    "of_itself": True, "of_offices": False, "of_communes": True})
            for kind in (PlanKind.REFORM, PlanKind.PUBLICITY, PlanKind.CONTROL)
        ]  # fmt: skip
        yield "plan_tasks", self._tasks(here, 2023, TASKS, self._done_2023())
        yield "press_items", self._press(here, NEWS, ARTICLES, COLUMNS, FIRST, LAST)
        yield "publicity_events", self._events([here, *self.units.communes], SESSIONS, ATTENDEES, FIRST, LAST)
        yield "legal_documents", [
            (here, {"number": f"MH-{n:02d}/2023/QĐ-UBND", "issued_on": day, "kind": "decision", "level": "district",
                    "summary": f"Văn bản quy phạm pháp luật thứ {n} của huyện {MARK}", "appraised": True,
                    "effective_on": day + dt.timedelta(10)})
            for n, day in enumerate(self._days(LEGAL, FIRST, LAST), start=1)
        ]  # fmt: skip
        yield "law_monitoring", [
            (here, {"done_on": dt.date(2023, 5, 18), "form": "collect", "field": f"Lĩnh vực trọng tâm năm 2023 {MARK}",
                    "found": 0})
        ]  # fmt: skip
        yield "linked_procedures", self._linked()
        yield "iso_scopes", self._iso_scopes()
        yield "iso_processes", self._iso_processes()

    def _plans_of_2023(self) -> Rows:
        rows: Rows = []
        for n, unit in enumerate([self.units.district, *self.units.communes]):
            for kind in (PlanKind.REFORM, PlanKind.PUBLICITY, PlanKind.CONTROL):
                # Two communes were late with one of theirs, and one plan was poor.
                day = dt.date(2023, 2, 14) if n in (4, 9) and kind == PlanKind.PUBLICITY else dt.date(2023, 1, 16)
                quality = "poor" if n == 6 and kind == PlanKind.CONTROL else "good"
                rows.append((unit, {"kind": kind, "year": 2023, "number": f"MH-{n + 1:02d}/KH-UBND", "issued_on": day,
                                    "quality": quality, "summary": f"{kind.label} năm 2023 {MARK}"}))  # fmt: skip
        return rows

    def _done_2023(self) -> list[dt.date]:
        """Twenty-six by the day of the report; the other six in the second half of the year."""
        return self._days(TASKS_DONE, FIRST, LAST) + self._days(
            TASKS - TASKS_DONE, dt.date(2023, 7, 3), dt.date(2023, 12, 20)
        )

    def _tasks(self, unit: Unit, year: int, count: int, done: Sequence[dt.date]) -> Rows:
        rows: Rows = []
        for n in range(1, count + 1):
            area = Area(_AREAS[n % len(_AREAS)])
            day = done[n - 1] if n <= len(done) else None
            due = dt.date(year, 12, 15) if day is None or day.month > 6 else dt.date(year, 6, 15)
            rows.append((unit, {"kind": PlanKind.REFORM, "year": year, "number": n, "area": area, "due_on": due,
                                "content": f"{_WORDS[area]}: nhiệm vụ số {n} {MARK}", "lead": "Văn phòng, các phòng",
                                "product": f"Báo cáo kết quả {MARK}", "done_on": day}))  # fmt: skip
        return rows

    def _press(self, unit: Unit, news: int, articles: int, columns: int, first: dt.date, last: dt.date) -> Rows:
        kinds = ["news"] * news + ["article"] * articles + ["column"] * columns
        self.random.shuffle(kinds)
        words = {"news": "Tin", "article": "Bài", "column": "Chuyên mục"}
        return [
            (unit, {"published_on": day, "kind": kind,
                    "title": f"{words[kind]} {n}: {_TOPICS[n % len(_TOPICS)]} {MARK}",
                    "outlet": "radio" if kind == "column" or n % 3 else "web", "quantity": 1})
            for n, (kind, day) in enumerate(zip(kinds, self._days(len(kinds), first, last), strict=True), start=1)
        ]  # fmt: skip

    def _events(self, units: Sequence[Unit], sessions: int, people: int, first: dt.date, last: dt.date) -> Rows:
        """So many gatherings with so many people among them, spread over the units."""
        weights = [self.random.uniform(0.6, 1.6) for _ in range(sessions)]
        cut = [0, *(round(people * sum(weights[: n + 1]) / sum(weights)) for n in range(sessions))]
        forms = ("conference", "embedded", "embedded", "training", "mobile")
        return [
            (units[n % len(units)],
             {"held_on": day, "form": forms[n % len(forms)],
              "topic": f"{_TOPICS[n % len(_TOPICS)]}, cuộc {n + 1} {MARK}",
              "place": f"Hội trường {MARK}", "sessions": 1, "attendees": cut[n + 1] - cut[n]})
            for n, day in enumerate(self._days(sessions, first, last))
        ]  # fmt: skip

    def _adopted(self, units: Sequence[Unit]) -> dict[int, list[tuple[str, str]]]:
        """Code and name of what each unit uses, by unit."""
        names = dict(ProcedureVersion.objects.order_by("number").values_list("procedure", "name"))
        found: dict[int, list[tuple[str, str]]] = {}
        rows = Adoption.objects.filter(unit__in=units).select_related("procedure").order_by("unit", "procedure__code")
        for row in rows:
            found.setdefault(row.unit_id, []).append((row.procedure.code, names[row.procedure_id]))
        return found

    def _linked(self) -> Rows:
        own = self._adopted([self.units.offices["TCKH"], self.units.offices["LD"]])
        wanted = [code for codes in own.values() for code in codes][: LINKED_SAME + LINKED_BETWEEN]
        return [
            (self.units.district,
             {"code": code, "name": name[:490], "kind": "same" if n < LINKED_SAME else "between",
              "from_day": dt.date(2022, 1, 4), "decision": f"QĐ MH-07/QĐ-UBND {MARK}"})
            for n, (code, name) in enumerate(wanted)
        ]  # fmt: skip

    def _iso_scopes(self) -> Rows:
        applied = {"state": "applied", "from_day": dt.date(2022, 11, 14), "decision": f"QĐ MH-09/QĐ-UBND {MARK}"}
        without = {**applied, "state": "no_procedures", "decision": ""}
        resolving = self.units.resolving
        offices = [(unit, applied if key in resolving else without) for key, unit in self.units.offices.items()]
        return [*offices, *((unit, applied) for unit in self.units.communes)]

    def _iso_processes(self) -> Rows:
        """One for each procedure: an office's own by the office, those of the communes once, by the district."""
        offices = list(self.units.resolving.values())
        used = self._adopted([*offices, self.units.communes[0]])
        rows: Rows = []
        for unit in offices:
            rows += [(unit, self._process(code, name, "district")) for code, name in used[unit.pk]]
        rows += [
            (self.units.district, self._process(code, name, "commune"))
            for code, name in used[self.units.communes[0].pk]
        ]
        return rows

    def _process(self, code: str, name: str, level: str) -> dict[str, Any]:
        return {
            "code": f"QT-{code}",
            "name": name[:470] if MARK in name else f"{name[:470]} {MARK}",
            "level": level,
            "issued_on": dt.date(2022, 11, 14),
        }

    # ---- since 01/7/2025 --------------------------------------------------------------------------------------------
    def since(self) -> Iterator[tuple[str, Rows]]:
        """The successor communes this year, so that who signs in today finds something to look at."""
        year = self.year
        first = max(dt.date(year, 1, 5), TWO_TIER_DAY)
        here, communes = self.units.successors[0], self.units.successors
        kinds = (PlanKind.REFORM, PlanKind.PUBLICITY, PlanKind.CONTROL, PlanKind.DIGITAL)
        due = first + dt.timedelta(30)
        yield "required_plans", [
            (self.units.province, {"kind": kind, "year": year, "due_on": due, "basis": f"CV MH-02/UBND-NC {MARK}",
                                   "of_itself": False, "of_communes": True})
            for kind in kinds
        ]  # fmt: skip
        yield "plans", [
            (unit, {"kind": kind, "year": year, "number": f"MH-{n + 1:02d}/KH-UBND",
                    "issued_on": min(self.today, due + dt.timedelta(7 if (n + k) % 5 == 3 else -7)),
                    "quality": ("good", "unknown", "poor")[(n * 2 + k) % 3], "summary": f"{kind.label} {year} {MARK}"})
            for n, unit in enumerate(communes) for k, kind in enumerate(kinds) if (n, k) not in ((2, 3), (3, 1))
        ]  # fmt: skip
        yield "plan_tasks", self._tasks(here, year, 24, self._days(15, first, self.today))
        for n, unit in enumerate(communes):
            yield "press_items", self._press(unit, 9 - n, 6 - n, 2, first, self.today)
            yield "publicity_events", self._events([unit], 7 - n, 240 - 30 * n, first, self.today)
        yield "steering_documents", [
            (here, {"number": f"MH-{n:02d}/UBND-VX", "issued_on": day, "kind": "letter",
                    "area": _AREAS[n % len(_AREAS)],
                    "summary": f"{_WORDS[Area(_AREAS[n % len(_AREAS)])]} {MARK}"})
            for n, day in enumerate(self._days(8, first, self.today), start=1)
        ]  # fmt: skip
        yield "assigned_tasks", self._assigned(here, first)
        rooms = [*self.units.rooms[here.pk].values()]
        yield "inspections", [
            (here, {"kind": "conduct", "inspected": room, "inspected_on": day, "unannounced": n == 1, "found": n,
                    "handled": max(0, n - 1), "conclusion": f"MH-{n:02d}/KL-UBND"})
            for n, (room, day) in enumerate(zip(rooms, self._days(len(rooms), first, self.today), strict=True))
        ]  # fmt: skip
        yield "facilities", [
            (unit, {"desk": "Trung tâm Phục vụ hành chính công", "counted_on": min(self.today, first),
                    "area": 80 - n * 12, "counters": 6 - n, "seats": 24,
                    "computers": 7 - n, "scanners": 3, "printers": 3, "kiosks": int(n < 2),
                    "queue": n < 3, "camera": True, "standard": "met" if n < 3 else "unmet"})
            for n, unit in enumerate(communes)
        ]  # fmt: skip
        yield "control_contacts", [
            (unit, {"full_name": self.names.person(born_from=1975, born_to=1995).name,
                    "title": f"Công chức Văn phòng {MARK}", "from_day": TWO_TIER_DAY,
                    "decision": f"QĐ MH-03/QĐ-UBND {MARK}"})
            for unit in communes
        ]  # fmt: skip
        yield "recommendations", [
            (here, {"kind": "inspectorate", "issuer": f"Thanh tra tỉnh {MARK}", "document": "MH-11/KL-TTr",
                    "issued_on": first, "content": f"Khuyến nghị số {n} về quản lý tài chính {MARK}",
                    "amount": n * 5_000_000, "paid": n * 5_000_000 if n < 3 else 0,
                    "done_on": min(self.today, first + dt.timedelta(20 * n)) if n < 3 else None})
            for n in range(1, 4)
        ]  # fmt: skip
        yield "iso_scopes", [
            (unit, {"state": "not_yet" if unit.code == ONE_PERSON else "applied", "from_day": TWO_TIER_DAY,
                    "decision": f"QĐ MH-05/QĐ-UBND {MARK}"})
            for unit in communes
        ]  # fmt: skip
        yield "software_entry", [
            (here, {"first_day": first, "last_day": min(self.today, first + dt.timedelta(30)), "paper": 412,
                    "entered": 405, "reason": f"Hồ sơ chứng thực chiều thứ Sáu chưa nhập {MARK}"})
        ]  # fmt: skip
        yield (
            "nothing",
            [(unit, {"register": "disciplines", "first_day": first, "last_day": self.today}) for unit in communes],
        )

    def _assigned(self, unit: Unit, first: dt.date) -> Rows:
        rows: Rows = []
        for n, day in enumerate(self._days(9, first, self.today), start=1):
            due = day + dt.timedelta(15)
            done = None if n % 3 == 0 else day + dt.timedelta(10 if n % 4 else 20)
            done = done if done is None or done <= self.today else None
            rows.append((unit, {"assigner": f"UBND tỉnh {MARK}", "document": f"MH-{20 + n}/UBND-NC", "assigned_on": day,
                                "content": f"Nhiệm vụ số {n} về {_TOPICS[n % len(_TOPICS)].lower()} {MARK}",
                                "due_on": due, "done_on": done}))  # fmt: skip
        return rows
