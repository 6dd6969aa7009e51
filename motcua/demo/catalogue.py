"""The demo's catalogue: which procedures each level uses, at which online level, by which steps, how often.

The numbers are the published ones of 01/6/2023: 262 of the district (156 một phần, 53 toàn trình, 26 mức độ 2, 27 not
online), 148 of the communes (61, 14, 48, 25). Mức độ 2 is today's «cung cấp thông tin».
"""

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from motcua.core.errors import Invalid
from motcua.demo import invented
from motcua.dossiers.accepting import Terms, pinned
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book
from motcua.org.models import TWO_TIER_DAY, Duty, Unit
from motcua.procedures import catalogue as procedures
from motcua.procedures.actions import adopt_many, define_process, load_starter
from motcua.procedures.choices import PartRole, ServiceLevel, Source
from motcua.procedures.flow import Step
from motcua.procedures.models import Procedure, ProcedureVersion, ProcessStep
from motcua.worktime import queries as worktime
from motcua.worktime.models import CalendarVersion, RuleSet

FIRST_DAY = dt.date(2023, 1, 1)
LAST_OLD_DAY = TWO_TIER_DAY - dt.timedelta(days=1)
FULL, PARTIAL, LEVEL_2 = str(ServiceLevel.FULL), str(ServiceLevel.PARTIAL), str(ServiceLevel.INFORMATION)
NOT_ONLINE = ""
ONLINE = (FULL, PARTIAL)
DISTRICT_LEVELS = {FULL: 53, PARTIAL: 156, LEVEL_2: 26, NOT_ONLINE: 27}
COMMUNE_LEVELS = {FULL: 14, PARTIAL: 61, LEVEL_2: 48, NOT_ONLINE: 25}

# Of the starter catalogue: what a district's offices and a commune of 2023 resolved (codes given later left out).
DISTRICT_STARTER = {
    "TP": ("2.000815", "2.000884", "2.000942", "2.001035", "2.001016", "2.001406"),
    "TCKH": ("1.001612", "2.000720", "1.001570", "1.001266", "2.000575"),
    "KTHT": ("NB.KD.06",),
}
COMMUNE_STARTER = (
    "1.001193", "1.000656", "1.000894", "1.004873", "1.004859", "1.001022", "1.000689", "1.004884", "1.004746",
    "1.004772", "1.004837", "2.000635", "2.001263", "2.000815", "2.000884", "2.000908", "2.000942", "2.001035",
    "2.001019", "2.001016", "2.001406", "1.011607", "1.011608", "1.011609", "1.008004", "1.001776", "1.001731",
    "1.001699", "1.001653", "1.010833", "1.010803", "2.002409", "2.002396", "2.001801", "NB.KD.01", "NB.KD.02",
    "NB.KD.04", "NB.KD.05", "NB.KD.08",
)  # fmt: skip
# Handled by the police at the desk, in a system of their own.
POLICE = {
    "1.004222", "1.004194", "1.002755", "1.010041", "1.010038", "1.003677", "1.014061", "1.014062", "1.014063",
    "1.014064",
}  # fmt: skip
OFFICE_SHARE = {
    "NV": 18, "TP": 14, "TCKH": 16, "TNMT": 48, "LD": 32, "VHTT": 24, "GDDT": 26, "YT": 18, "TT": 14, "NN": 20,
    "KTHT": 32,
}  # fmt: skip
# Levels of everyday procedures; the others get what is left of the published numbers.
LEVEL_OF = {
    "2.000635": FULL, "1.004873": FULL, "1.000656": FULL, "1.001193": PARTIAL, "1.000894": PARTIAL, "1.004859": PARTIAL,
    "1.001022": PARTIAL, "1.004884": PARTIAL, "1.001776": PARTIAL, "1.001731": PARTIAL, "1.001699": PARTIAL,
    "1.001653": PARTIAL, "1.010833": PARTIAL, "1.001612": FULL, "2.000720": FULL, "1.001570": FULL, "1.001266": PARTIAL,
    "1.014027": PARTIAL, "1.013978": PARTIAL, "1.013949": PARTIAL,
    # Originals must be shown: these are never filed online.
    "2.000815": NOT_ONLINE, "2.000884": NOT_ONLINE, "2.000908": NOT_ONLINE, "2.000942": NOT_ONLINE,
    "2.001035": NOT_ONLINE, "2.001019": NOT_ONLINE, "2.001016": NOT_ONLINE, "2.001406": NOT_ONLINE,
    "2.002409": NOT_ONLINE, "2.002396": NOT_ONLINE, "2.001801": NOT_ONLINE, "NB.KD.01": NOT_ONLINE,
}  # fmt: skip
# How often: everything else shares what is left.
_COMMUNE_WEIGHT = {
    "2.000815": 550, "2.000884": 70, "2.000635": 90, "1.001193": 60, "1.004873": 50, "1.000656": 22, "1.000894": 24,
    "2.001035": 35, "1.004859": 12, "1.001776": 10, "1.001731": 4, "1.001699": 4, "1.001653": 3, "1.010833": 3,
    "1.011607": 3, "1.011609": 3, "2.000942": 6, "2.001016": 3, "2.001406": 5, "1.004884": 5,
}  # fmt: skip
# Certified on the spot, several copies at a time.
COPIES = ("2.000815", "2.000884", "2.000942", "2.000635")
_DISTRICT_WEIGHT = {
    "2.000815": 60,
    "2.000884": 20,
    "2.001035": 25,
    "1.001612": 120,
    "2.000720": 45,
    "1.001570": 25,
    "1.001266": 20,
}
_TWO_TIER_WEIGHT = _COMMUNE_WEIGHT | {
    "2.000815": 260, "2.000884": 40, "1.001612": 60, "2.000720": 20, "1.001570": 8, "1.001266": 8, "1.013978": 60,
    "1.013949": 20, "1.012812": 8, "1.014027": 70, "1.001776": 30, "1.013274": 5,
}  # fmt: skip


@dataclass(slots=True)
class Way:
    """A procedure as one level uses it: its version, online level, steps, papers, and how often it is asked for."""

    version: ProcedureVersion
    level: str
    weight: float
    steps: list[ProcessStep]
    papers: list[dict[str, object]]
    _terms: dict[tuple[str, str, int], Terms] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.version.procedure.code

    @property
    def online(self) -> bool:
        """May it be filed online (một phần or toàn trình)?"""
        return self.level in ONLINE

    def subject(self, rng: random.Random) -> str:
        """What a dossier of this kind is about, in a few words."""
        name = self.version.name.partition(" (")[0]
        if len(name) > 110:
            name = name[:110].rpartition(",")[0] or name[:110].rpartition(" ")[0]
        return f"{name}: {rng.randint(1, 6)} bản" if self.code in COPIES else name

    def step(self, duty: Duty) -> ProcessStep | None:
        """The first step of that duty."""
        return next((s for s in self.steps if s.duty == duty), None)

    def terms(self, law: "Law", channel: str, day: dt.date, book: Book = Book.DOSSIER) -> Terms:
        """What an acceptance on that day keeps, as ``terms_for`` would find it; remembered."""
        rules = law.rules_on(day)
        key = (book.value, channel, rules.pk)
        if key not in self._terms:
            version = self.version
            self._terms[key] = pinned(
                version=version,
                case=None,
                channel=channel,
                category=ledger.category(book=book, procedure=self.code, field=version.field, name=version.name),
                calendar=law.calendar_on(day),
                rules=rules,
            )
        return self._terms[key]


class Law:
    """Rule sets and the country's calendar by day, read once."""

    def __init__(self) -> None:
        self._rules = sorted(RuleSet.objects.all(), key=lambda r: (r.valid_from, r.pk), reverse=True)
        self._versions: dict[dt.date, CalendarVersion] = {}

    def rules_on(self, day: dt.date) -> RuleSet:
        """As ``worktime.rule_set_for``."""
        for rules in self._rules:
            if rules.valid_from <= day and (rules.valid_to is None or rules.valid_to >= day):
                return rules
        raise Invalid(f"Chưa có bộ quy tắc nào áp dụng cho ngày {day:%d/%m/%Y}.")

    def calendar_on(self, day: dt.date) -> CalendarVersion:
        """The country's calendar; the demo's units have none of their own."""
        month = day.replace(day=1)
        if month not in self._versions:
            self._versions[month] = worktime.calendar_version_for(None, day)
        return self._versions[month]


@dataclass(slots=True)
class Catalogue:
    """Ways by level; those of the district by office."""

    district: dict[str, list[Way]]
    commune: list[Way]
    two_tier: list[Way]


def load(
    offices: Mapping[str, Unit], communes: Sequence[Unit], successors: Sequence[Unit], rng: random.Random
) -> Catalogue:
    """Write the catalogue, adopt it everywhere, define the steps. Some seconds of small statements."""
    load_starter(valid_from=FIRST_DAY)
    known = {v.procedure.code: v for v in _versions()}
    wanted = {office: n - len(DISTRICT_STARTER.get(office, ())) for office, n in OFFICE_SHARE.items()}
    made_up = invented.district(wanted), invented.communes(sum(COMMUNE_LEVELS.values()) - len(COMMUNE_STARTER))
    known |= {v.procedure.code: v for v in _write([*made_up[0], *made_up[1]])}
    district = {
        office: [*DISTRICT_STARTER.get(office, ()), *(i.code for i in made_up[0] if i.office == office)]
        for office in OFFICE_SHARE
    }
    commune = [*COMMUNE_STARTER, *(i.code for i in made_up[1])]
    # Since 01/7/2025 the communes have what was theirs, the newer procedures, and a part of the district's.
    taken_over = [i.code for i in made_up[0] if i.office in ("TNMT", "LD", "KTHT")][::2]
    starter = [code for code in known if not code.startswith("NB.MH") and code not in POLICE]
    two_tier = [*starter, *(i.code for i in made_up[1]), *taken_over]
    levels_district = _levels([c for codes in district.values() for c in codes], DISTRICT_LEVELS, rng)
    levels_commune = _levels(commune, COMMUNE_LEVELS, rng)
    levels_now = _levels_now(two_tier, levels_district | levels_commune)
    for office, codes in district.items():
        _adopt(
            offices[office], codes, known, levels_district, FIRST_DAY, "Quyết định công bố TTHC cấp huyện (minh họa)"
        )
    for unit in communes:
        _adopt(unit, commune, known, levels_commune, FIRST_DAY, "Quyết định công bố TTHC cấp xã (minh họa)")
    for unit in successors:
        _adopt(unit, two_tier, known, levels_now, TWO_TIER_DAY, "Quyết định công bố TTHC cấp xã mới (minh họa)")
    rare = 40 / len(commune)
    return Catalogue(
        district={
            office: [
                _way(
                    known[c],
                    levels_district[c],
                    _DISTRICT_WEIGHT.get(c, 2.0),
                    _steps(known[c], offices[office], old=True),
                )
                for c in codes
            ]
            for office, codes in district.items()
        },
        commune=[
            _way(known[c], levels_commune[c], _COMMUNE_WEIGHT.get(c, rare), _steps(known[c], None, old=True))
            for c in commune
        ],
        two_tier=[
            _way(known[c], levels_now[c], _TWO_TIER_WEIGHT.get(c, rare), _steps(known[c], None, old=False))
            for c in two_tier
        ],
    )


def _versions() -> list[ProcedureVersion]:
    rows = ProcedureVersion.objects.select_related("procedure").prefetch_related("terms", "parts")
    return list(rows.order_by("pk"))


def _write(inventions: Sequence[invented.Invention]) -> list[ProcedureVersion]:
    planned = [
        procedures.Planned(i.code, i.draft, 1, FIRST_DAY, Source.LOCAL, basis=invented.BASIS) for i in inventions
    ]
    written = procedures.write(planned)
    ids = {v.pk for v in written}
    return [v for v in _versions() if v.pk in ids]


def _levels(codes: Iterable[str], numbers: Mapping[str, int], rng: random.Random) -> dict[str, str]:
    """An online level for each code, so that each level has exactly its number."""
    listed = list(codes)
    found = {code: LEVEL_OF[code] for code in listed if code in LEVEL_OF}
    left = [level for level, n in numbers.items() for _ in range(n - sum(1 for v in found.values() if v == level))]
    rng.shuffle(left)
    others = [code for code in listed if code not in found]
    return found | dict(zip(others, left, strict=True))


def _levels_now(codes: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
    """Levels since 01/7/2025: what was level 2 is filed online by now, what is new is filed online in part."""
    found = {}
    for code in codes:
        level = LEVEL_OF.get(code, before.get(code, PARTIAL))
        found[code] = PARTIAL if level == LEVEL_2 else level
    return found


def _adopt(
    unit: Unit,
    codes: Sequence[str],
    known: Mapping[str, ProcedureVersion],
    levels: Mapping[str, str],
    day: dt.date,
    decision: str,
) -> None:
    adopt_many(
        unit=unit,
        procedures=[known[c].procedure for c in codes],
        valid_from=day,
        decision=decision,
        service_levels={known[c].procedure_id: levels[c] for c in codes},
    )


def _way(version: ProcedureVersion, level: str, weight: float, steps: list[ProcessStep]) -> Way:
    wanted = [p for p in version.parts.all() if p.role == PartRole.DOCUMENT and p.required and not p.case_id][:3]
    papers = [{"part": p.pk, "name": p.name, "kind": p.kind, "copies": p.copies or 1} for p in wanted]
    # A term that depends on a case, or that nobody knows, can be promised to no one.
    promised = any(line.value is not None and line.case_id is None for line in version.terms.all())
    return Way(version, level, weight if promised else 0, steps, papers)


def _steps(version: ProcedureVersion, unit: Unit | None, *, old: bool) -> list[ProcessStep]:
    procedure: Procedure = version.procedure
    days = next((line.promised_value or line.value for line in version.terms.all() if line.value), None)
    process = define_process(
        procedure=procedure,
        unit=unit,
        steps=_flow(days, office=unit is not None),
        valid_from=FIRST_DAY if old else TWO_TIER_DAY,
        valid_to=LAST_OLD_DAY if old else None,
        decision="Quyết định phê duyệt quy trình nội bộ (minh họa)",
    )
    return list(process.steps.order_by("position"))


def _flow(days: Decimal | None, *, office: bool) -> list[Step]:
    """The usual steps: longer ones for terms in days, an office's head between handler and signature."""
    short = not days or days <= 1
    hours = Decimal(1) if short else Decimal(4)
    handling = (Decimal(2), "working_hour") if short or days is None else (max(Decimal(1), days - 2), "working_day")
    middle = [Step("Phân công thụ lý", Duty.HEAD, value=hours, unit="working_hour")] if office else []
    signer = Duty.HEAD if office else Duty.CHAIR
    return [
        Step("Tiếp nhận, kiểm tra hồ sơ", Duty.RECEIVE, value=hours, unit="working_hour", result="Giấy tiếp nhận"),
        *middle,
        Step("Thẩm định, soạn kết quả", Duty.HANDLE, value=handling[0], unit=handling[1], result="Dự thảo kết quả"),
        Step("Duyệt, ký kết quả", signer, value=hours, unit="working_hour", result="Kết quả đã ký"),
        Step("Vào sổ, đóng dấu", Duty.CLERK, value=Decimal(1), unit="working_hour"),
        Step("Trả kết quả", Duty.HAND_OVER),
    ]
