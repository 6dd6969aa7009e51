"""Reads the published files of units into the state they describe. No database; ``data/README.md`` gives the format.

Every error is collected with its file and line, and nothing is returned unless all files are whole and agree.
"""

import csv
import datetime as dt
import gzip
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from motcua.core import text
from motcua.core.errors import Invalid
from motcua.org.models import NOT_KNOWN_EARLIER, TWO_TIER_DAY, SuccessionKind, UnitKind

SHIPPED = Path(__file__).resolve().parent / "data"
OLD_UNITS, NEW_UNITS, LINKS = "units_to_2025-06-30", "units_from_2025-07-01", "succession_2025-07-01"
OLD_LAST_DAY = TWO_TIER_DAY - dt.timedelta(days=1)
# Longer than any list of the country's communes; a file beyond this is not one.
_MAX_BYTES = 50_000_000
_SHOWN = 10

# (code, first day): what a unit is, in every world
Key = tuple[str, dt.date]

_KINDS = {
    "province": (2, {"Tỉnh": UnitKind.PROVINCE, "Thành phố": UnitKind.CITY}),
    "district": (3, dict.fromkeys(("Huyện", "Quận", "Thị xã", "Thành phố"), UnitKind.DISTRICT)),
    "ward": (
        5,
        {
            "Xã": UnitKind.COMMUNE,
            "Phường": UnitKind.WARD,
            "Thị trấn": UnitKind.TOWN,
            "Đặc khu": UnitKind.SPECIAL_ZONE,
        },
    ),
}
_SHARES = {"whole": SuccessionKind.WHOLE, "part": SuccessionKind.PART, "part, default": SuccessionKind.DEFAULT}


@dataclass(frozen=True, slots=True)
class PublishedUnit:
    """A unit as the files have it; ``parent`` is the key of the one above."""

    key: Key
    name: str
    kind: UnitKind
    valid_to: dt.date | None
    parent: Key | None


@dataclass(slots=True)
class Published:
    """What the files say: units (superiors before those beneath them), and who succeeded whom on 01/7/2025."""

    units: dict[Key, PublishedUnit] = field(default_factory=dict)
    links: dict[Key, dict[Key, SuccessionKind]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, its values cleaned."""

    file: str
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def says(self, problem: str) -> str:
        """The problem, with file and line."""
        return f"{self.file}, dòng {self.line}: {problem}"


class Problems:
    """Collects what is wrong, to be said all at once."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._said)

    def add(self, problem: str) -> None:
        """Remember one sentence."""
        self._said.append(problem)

    def stop_if_any(self) -> None:
        """Raise :class:`Invalid` with the first ones, if there are any."""
        if not self._said:
            return
        more = f"\n… và {len(self._said) - _SHOWN} lỗi nữa" if len(self._said) > _SHOWN else ""
        raise Invalid(
            "tệp có lỗi, chưa ghi gì:\n" + "\n".join(self._said[:_SHOWN]) + more, code="broken_file", field="file"
        )


# ---- files ----------------------------------------------------------------------------------------------------------


def read_rows(path: Path, columns: Iterable[str]) -> list[Row]:
    """The lines of a CSV file, plain or gzipped, with at least these columns; else :class:`Invalid` naming the line."""
    wanted = list(columns)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(_content(path), newline=""), strict=True)
    try:
        heading = [text.clean(name).lower() for name in next(reader, [])]
        missing = [name for name in wanted if name not in heading]
        if missing:
            raise Invalid(f"{path.name}, dòng 1: thiếu cột {', '.join(missing)}.", code="broken_file", field="file")
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(heading):
                raise Invalid(
                    f"{path.name}, dòng {reader.line_num}: có {len(values)} ô, phải có {len(heading)}.",
                    code="broken_file",
                    field="file",
                )
            cells = {name: text.clean(value) for name, value in zip(heading, values, strict=True)}
            rows.append(Row(path.name, reader.line_num, cells))
    except csv.Error as error:
        raise Invalid(
            f"{path.name}, dòng {reader.line_num}: không đọc được ({error}).", code="broken_file", field="file"
        ) from error
    if not rows:
        raise Invalid(f"{path.name}: tệp không có dòng dữ liệu nào.", code="broken_file", field="file")
    return rows


def _content(path: Path) -> str:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                raw = file.read(_MAX_BYTES + 1)
        else:
            with path.open("rb") as plain:
                raw = plain.read(_MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise Invalid(f"{path}: không mở được tệp ({error}).", code="broken_file", field="file") from error
    if len(raw) > _MAX_BYTES:
        raise Invalid(
            f"{path.name}: tệp quá lớn (trên {_MAX_BYTES // 1_000_000} MB).", code="broken_file", field="file"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"{path.name}, dòng {line}: không phải UTF-8. Hãy lưu tệp dạng CSV UTF-8.", code="broken_file", field="file"
        ) from error


def find_file(folder: Path, name: str) -> Path:
    """``name``.csv or ``name``.csv.gz in a folder; :class:`Invalid` where there is neither."""
    for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if path.is_file():
            return path
    raise Invalid(f"{folder}: không có tệp {name}.csv (hoặc .csv.gz).", code="file_missing", field="dir")


# ---- the three files together ---------------------------------------------------------------------------------------


def read(folder: Path = SHIPPED) -> Published:
    """Both worlds and the succession of 01/7/2025; raises :class:`Invalid` naming the first broken lines."""
    problems = Problems()
    old = read_rows(
        find_file(folder, OLD_UNITS), ("province_code", "province", "district_code", "district", "ward_code", "ward")
    )
    new = read_rows(find_file(folder, NEW_UNITS), ("province_code", "province", "ward_code", "ward"))
    links = read_rows(find_file(folder, LINKS), ("old_ward_code", "old_ward", "new_ward_code", "new_ward", "share"))
    old_world = _world(old, ("province", "district", "ward"), NOT_KNOWN_EARLIER, OLD_LAST_DAY, problems)
    new_world = _world(new, ("province", "ward"), TWO_TIER_DAY, None, problems)
    problems.stop_if_any()
    found = _links(links, old_world, new_world, problems)
    problems.stop_if_any()
    return _joined(old_world, new_world, found)


def _world(
    rows: list[Row], levels: tuple[str, ...], first: dt.date, last: dt.date | None, problems: Problems
) -> dict[str, PublishedUnit]:
    """The units of one world by code."""
    found: dict[str, PublishedUnit] = {}
    for row in rows:
        above: Key | None = None
        for level in levels:
            code, name = row[f"{level}_code"], row[level]
            lowest = level == levels[-1]
            # a district without communes: its line ends here
            if lowest and not code and not name and len(levels) == 3:
                break
            unit = _unit(row, level, code, name, first, last, above, problems)
            if unit is None:
                break
            known = found.setdefault(code, unit)
            if known is not unit and (lowest or known != unit):
                problems.add(
                    row.says(f"mã {code} đã có ở dòng trước" + ("" if lowest else " với tên hoặc cấp trên khác"))
                )
                break
            above = unit.key
    return found


def _unit(
    row: Row,
    level: str,
    code: str,
    name: str,
    first: dt.date,
    last: dt.date | None,
    above: Key | None,
    problems: Problems,
) -> PublishedUnit | None:
    digits, kinds = _KINDS[level]
    if not re.fullmatch(rf"[0-9]{{{digits}}}", code):
        problems.add(row.says(f"{level}_code «{code[:40]}» phải có đúng {digits} chữ số"))
        return None
    # some are published as «Thành Phố Bắc Kạn»; names stay as published
    kind = next((kind for word, kind in kinds.items() if name.casefold().startswith(f"{word} ".casefold())), None)
    if kind is None or len(name) > 200:
        problems.add(row.says(f"tên «{name[:60]}» phải bắt đầu bằng {', '.join(kinds)} và dài không quá 200 chữ"))
        return None
    return PublishedUnit((code, first), name, kind, last, above)


def _links(
    rows: list[Row], old: dict[str, PublishedUnit], new: dict[str, PublishedUnit], problems: Problems
) -> dict[str, dict[str, SuccessionKind]]:
    """Old code → new code → share, checked: known ends, right names, one default or one whole for each old unit."""
    found: dict[str, dict[str, SuccessionKind]] = defaultdict(dict)
    for row in rows:
        before, after = old.get(row["old_ward_code"]), new.get(row["new_ward_code"])
        if before is None:
            problems.add(row.says(f"mã cũ «{row['old_ward_code'][:40]}» không có trong {OLD_UNITS}"))
        elif after is None:
            problems.add(row.says(f"mã mới «{row['new_ward_code'][:40]}» không có trong {NEW_UNITS}"))
        elif before.name != row["old_ward"] or after.name != row["new_ward"]:
            problems.add(row.says(f"tên không khớp với mã: {before.name} → {after.name} trong tệp đơn vị"))
        elif row["share"] not in _SHARES:
            problems.add(row.says(f"share «{row['share'][:40]}» phải là một trong: {'; '.join(_SHARES)}"))
        elif row["new_ward_code"] in found[row["old_ward_code"]]:
            problems.add(row.says(f"liên kết {row['old_ward_code']} → {row['new_ward_code']} đã có ở dòng trước"))
        else:
            found[row["old_ward_code"]][row["new_ward_code"]] = _SHARES[row["share"]]
    for code, parts in found.items():
        shares = Counter(parts.values())
        if shares[SuccessionKind.WHOLE] + shares[SuccessionKind.DEFAULT] != 1 or (
            shares[SuccessionKind.WHOLE] and len(parts) > 1
        ):
            problems.add(f"{LINKS}: mã cũ {code} phải có đúng một dòng «whole» hoặc một dòng «part, default»")
    if not problems:
        for code, unit in old.items():
            if len(code) == 5 and code not in found:
                problems.add(f"{LINKS}: không có dòng nào cho {unit.name}, mã {code}")
    return found


def _joined(
    old: dict[str, PublishedUnit], new: dict[str, PublishedUnit], links: dict[str, dict[str, SuccessionKind]]
) -> Published:
    """One state of both worlds: continuing provinces are one unit, merged ones pass on."""
    went = _provinces(old, new, links)
    came: dict[str, set[str]] = defaultdict(set)
    for province, targets in went.items():
        for target in targets:
            came[target].add(province)
    continuing = {
        code
        for code, origins in came.items()
        if origins == {code} and set(went[code]) == {code} and old[code].name == new[code].name
    }
    published = Published()
    for unit in _top_down(old.values()):
        goes_on = unit.key[0] in continuing and unit.parent is None
        valid_to = None if goes_on else unit.valid_to
        published.units[unit.key] = PublishedUnit(unit.key, unit.name, unit.kind, valid_to, unit.parent)
    for unit in _top_down(new.values()):
        if unit.parent is None and unit.key[0] in continuing:
            continue
        above = unit.parent
        if above is not None and above[0] in continuing:
            above = (above[0], NOT_KNOWN_EARLIER)
        published.units[unit.key] = PublishedUnit(unit.key, unit.name, unit.kind, unit.valid_to, above)
    for code, parts in links.items():
        for target, kind in parts.items():
            published.links[old[code].key][new[target].key] = kind
    for province, targets in went.items():
        if province in continuing:
            continue
        # Where a province's communes went two ways, most of them decide the default.
        ranked = [target for target, _ in targets.most_common()]
        for target in ranked:
            whole = SuccessionKind.WHOLE if len(ranked) == 1 else SuccessionKind.DEFAULT
            key = new[target].key if target not in continuing else (target, NOT_KNOWN_EARLIER)
            published.links[old[province].key][key] = whole if target == ranked[0] else SuccessionKind.PART
    return published


def _provinces(
    old: dict[str, PublishedUnit], new: dict[str, PublishedUnit], links: dict[str, dict[str, SuccessionKind]]
) -> dict[str, Counter[str]]:
    """For each old province, into which new ones its communes went, and how many of them."""
    went: dict[str, Counter[str]] = defaultdict(Counter)
    for code, parts in links.items():
        unit = old[code]
        while unit.parent is not None:
            unit = old[unit.parent[0]]
        for target in parts:
            above = new[target].parent
            if above is not None:
                went[unit.key[0]][above[0]] += 1
    return went


def _top_down(units: Iterable[PublishedUnit]) -> Iterator[PublishedUnit]:
    # Codes of two, three and five digits: the shorter stands above.
    return iter(sorted(units, key=lambda u: (len(u.key[0]), u.key)))
