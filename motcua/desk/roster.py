"""Accounts from a list: an .xlsx of people becomes accounts with duties and first passwords, all of them or none.

Reading and planning need no database; :func:`tried` lets the real verbs say what is wrong with each line and takes
everything back.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, MotcuaError
from motcua.core.text import fold
from motcua.core.verbs import verb
from motcua.dossiers.importing import reading
from motcua.org import actions
from motcua.org.actions import Actor
from motcua.org.models import Duty, Unit, User

LIMIT = 200
FIELDS = {
    "full_name": "Họ và tên",
    "username": "Tên đăng nhập",
    "title": "Chức danh",
    "unit": "Đơn vị",
    "phone": "Số điện thoại",
    "email": "Thư điện tử",
    "duties": "Nhiệm vụ",
}
_HEADINGS = {
    "full_name": ("ho va ten", "ho ten", "ten can bo", "ho ten can bo", "can bo", "ten nguoi dung", "ho va ten can bo"),
    "username": ("ten dang nhap", "tai khoan", "username", "user name", "user"),
    "title": ("chuc danh", "chuc vu", "chuc vu chuc danh", "vi tri", "vi tri viec lam"),
    "unit": ("don vi", "phong ban", "don vi cong tac", "phong", "co quan", "noi cong tac", "phong don vi"),
    "phone": ("so dien thoai", "dien thoai", "sdt", "di dong", "so dt"),
    "email": ("thu dien tu", "email", "e mail", "dia chi email", "thu dien tu cong vu", "mail"),
    "duties": ("nhiem vu", "vai tro", "quyen", "nhom quyen", "phan cong"),
}
_ALL = "mot nguoi lam moi viec"
_BY_WORDS = {fold(duty.label): duty for duty in Duty}
_MARKED = {"x", "v", "co", "1", "true", "✓", "✔"}


@dataclass(frozen=True)
class Line:
    """One person as the list says; ``duties`` are values of :class:`Duty`."""

    line: int
    full_name: str
    username: str
    title: str
    unit: int
    phone: str
    email: str
    duties: tuple[str, ...]


@dataclass
class Roster:
    """What a list would do: people to take on, people already here, and what is wrong, by line."""

    columns: dict[str, str]
    new: list[Line] = field(default_factory=list)
    there: list[tuple[int, str, str]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)


def _plain(heading: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(heading)).split())


def recognise(headings: Sequence[str]) -> tuple[dict[str, int], dict[int, Duty]]:
    """Which column is which of our fields, and which columns are one duty each, to be ticked. Pure."""
    plain = [_plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for name, words in _HEADINGS.items():
        at = next((plain.index(word) for word in words if word in plain), None)
        if at is not None and at not in found.values():
            found[name] = at
    by_label = {_plain(duty.label): duty for duty in Duty}
    ticked = {i: by_label[h] for i, h in enumerate(plain) if h in by_label and i not in found.values()}
    return found, ticked


def suggested(full_name: str) -> str:
    """A user name after the house's habit: given name, dot, initials of the rest: "Sơn Thị Đức" → duc.st. Pure."""
    words = [re.sub(r"[^a-z]", "", word) for word in fold(full_name).split()]
    words = [word for word in words if word]
    if not words:
        return ""
    initials = "".join(word[0] for word in words[:-1])
    name = f"{words[-1]}.{initials}" if initials else words[-1]
    return name if len(name) >= 3 else f"{name}.cb"


def duties_of(text: str) -> tuple[Duty, ...]:
    """Duties written in one cell, parted by ; , / or a new line; Invalid names what is none. Pure."""
    found: list[Duty] = []
    for part in re.split(r"[;,/\n+]", text):
        words = fold(part)
        if not words:
            continue
        if words in (_ALL, "tat ca", "moi viec"):
            found += actions.ONE_PERSON_DUTIES
        elif words in _BY_WORDS:
            found.append(_BY_WORDS[words])
        elif part.strip().lower() in Duty.values:
            found.append(Duty(part.strip().lower()))
        else:
            known = ", ".join(duty.label for duty in Duty)
            raise Invalid(f"không có nhiệm vụ «{part.strip()[:40]}»; các nhiệm vụ: {known}")
    return tuple(dict.fromkeys(found))


def read(path: Path, *, home: Unit, units: Sequence[Unit]) -> Roster:
    """The list as it would be carried out: people work at ``home`` unless their line names another of ``units``.

    Two statements. Invalid for a file that is no such list; what is wrong with one line is in ``bad``.
    """
    rows = reading.open_rows(path)
    header, columns, ticked = _header(rows)
    headings = [reading.text(cell) for cell in rows[header]]
    roster = Roster({FIELDS[name]: headings[i] for name, i in columns.items()} | {headings[i]: "x" for i in ticked})
    taken = {name: (fold(full), at) for name, full, at in User.objects.values_list("username", "full_name", "home")}
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows[header + 1 :], start=header + 2):

        def cell(name: str, cells: list[Any] = cells) -> str:
            at = columns.get(name)
            return reading.text(cells[at]) if at is not None and at < len(cells) else ""

        full_name = cell("full_name")
        if not full_name:
            if any(reading.text(c) for c in cells if not isinstance(c, float)):
                roster.bad.append((number, "không có họ và tên"))
            continue
        try:
            unit = _unit(cell("unit"), home, units)
            ticks = [d for i, d in ticked.items() if i < len(cells) and fold(reading.text(cells[i])) in _MARKED]
            duties = tuple(dict.fromkeys([*duties_of(cell("duties")), *ticks]))
            who = (fold(full_name), unit.pk)
            username = cell("username").lower() or _chosen(suggested(full_name), who, taken, seen)
            if username in seen:
                raise Invalid(f"tên đăng nhập «{username}» đã có ở dòng {seen[username]}")
            seen[username] = number
        except Invalid as error:
            roster.bad.append((number, error.message))
            continue
        if username in taken and taken[username][0] == who[0]:
            roster.there.append((number, full_name, username))
            continue
        line = Line(number, full_name, username, cell("title"), unit.pk, cell("phone"), cell("email"), duties)
        roster.new.append(line)
    if len(roster.new) > LIMIT:
        raise Invalid(f"Danh sách có {len(roster.new)} người mới; một lần tạo nhiều nhất {LIMIT}. Hãy chia nhỏ tệp.")
    if not (roster.new or roster.there or roster.bad):
        raise Invalid("Danh sách không có người nào dưới dòng tiêu đề.")
    return roster


def _header(rows: list[list[Any]]) -> tuple[int, dict[str, int], dict[int, Duty]]:
    for i, row in enumerate(rows[:30]):
        columns, ticked = recognise([reading.text(cell) for cell in row])
        if "full_name" in columns and (len(columns) > 1 or ticked):
            return i, columns, ticked
    raise Invalid(
        "Không thấy dòng tiêu đề trong 30 dòng đầu. Cần cột «Họ và tên» và ít nhất một cột khác trong: "
        f"{', '.join(list(FIELDS.values())[1:])}, hoặc mỗi nhiệm vụ một cột đánh dấu x."
    )


def _unit(typed: str, home: Unit, units: Sequence[Unit]) -> Unit:
    if not typed:
        return home
    folded = fold(typed)
    found = [u for u in units if typed in (u.code, u.short_code)] or [u for u in units if fold(u.name) == folded]
    if len(found) != 1:
        raise Invalid(
            f"{'nhiều đơn vị cùng tên' if found else 'không có đơn vị'} «{typed[:60]}» trong phạm vi quản trị"
            + ("; hãy ghi mã đơn vị" if found else "")
        )
    return found[0]


def _chosen(name: str, who: tuple[str, int], taken: Mapping[str, tuple[str, int | None]], seen: dict[str, int]) -> str:
    """The first user name after the habit that is free, or already this very person's (a list sent a second time)."""
    if not name:
        raise Invalid("không đặt được tên đăng nhập từ họ tên này; hãy ghi ở cột «Tên đăng nhập»")
    found, n = name, 2
    while found in seen or (found in taken and taken[found] != who):
        found, n = f"{name}{n}", n + 1
    return found


class _TakenBack(Exception):
    """Ends a trial."""


def tried(roster: Roster, *, actor: Actor) -> Roster:
    """The roster with what the verbs themselves would refuse moved to ``bad``; everything tried is taken back."""
    fine, bad = [], list(roster.bad)
    try:
        with transaction.atomic():
            for line in roster.new:
                try:
                    with transaction.atomic():
                        _hire(actor, line, clock.today(), "")
                except MotcuaError as error:
                    bad.append((line.line, error.message))
                else:
                    fine.append(line)
            raise _TakenBack
    except _TakenBack:
        pass
    return Roster(roster.columns, fine, roster.there, sorted(bad))


def _hire(actor: Actor, line: Line, day: dt.date, basis: str) -> User:
    unit = Unit.objects.get(pk=line.unit)
    made = actions.create_account(
        actor=actor,
        home=unit,
        username=line.username,
        full_name=line.full_name,
        title=line.title,
        phone=line.phone,
        email=line.email,
    )
    for duty in line.duties:
        actions.grant_duty(actor=actor, user=made, unit=unit, duty=Duty(duty), valid_from=day, basis=basis)
    return made


@verb
def take_on(*, actor: Actor, lines: list[dict[str, Any]], basis: str = "") -> list[tuple[str, str, str, str]]:
    """Create all accounts of a roster, with duties from today and a temporary password each, or none of them.

    ``lines`` are :class:`Line` as dictionaries. Answers (full name, user name, unit, password) of each: told once, for
    the passwords are not kept. Raises what the verbs raise, naming the line.
    """
    if not lines:
        raise Invalid("Danh sách không có người mới nào để tạo tài khoản.")
    if len(lines) > LIMIT:
        raise Invalid(f"Một lần tạo nhiều nhất {LIMIT} tài khoản.")
    told = []
    for given in lines:
        line = Line(**{**given, "duties": tuple(given["duties"])})
        try:
            made = _hire(actor, line, clock.today(), basis)
            password = actions.reset_password(actor=actor, user=made)
        except MotcuaError as error:
            raise Conflict(f"Dòng {line.line}: {error.message} Chưa tài khoản nào được tạo.") from error
        told.append((made.full_name, made.username, made.home.name if made.home else "", password))
    return told


def plain(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as :func:`take_on` and JSON want them."""
    return [{**asdict(line), "duties": [str(d) for d in line.duties]} for line in lines]
