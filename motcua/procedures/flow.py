"""An internal process as a graph of steps: whether it can be walked to an end, and whether it fits its term. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from motcua.worktime.rules import Term, TermUnit

MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a step may go: the position of the next step, or ``None`` for the end; a label where there is a choice."""

    to: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Without branches it goes to the next one in the list, the last to the end. Position counts from 1."""

    name: str
    duty: str
    unit_kind: str = ""
    office_id: int | None = None
    value: Decimal | None = None
    unit: str = ""
    result: str = ""
    branches: tuple[Branch, ...] = ()


def branches(steps: Sequence[Step]) -> list[tuple[Branch, ...]]:
    """The branches of every step, the usual "on to the next" filled in."""
    last = len(steps)
    return [step.branches or (Branch(index + 1 if index < last else None),) for index, step in enumerate(steps, 1)]


def mistakes(steps: Sequence[Step]) -> list[str]:
    """What makes a process unusable, in words: no steps, branches to nowhere, no way to an end."""
    if not steps:
        return ["Quy trình phải có ít nhất một bước."]
    if len(steps) > MOST_STEPS:
        return [f"Quy trình có {len(steps)} bước, nhiều nhất {MOST_STEPS}."]
    found = []
    graph = branches(steps)
    for index, (step, out) in enumerate(zip(steps, graph, strict=True), start=1):
        if not step.name.strip():
            found.append(f"Bước {index} chưa có tên.")
        for branch in out:
            if branch.to is not None and not 1 <= branch.to <= len(steps):
                found.append(f"Bước {index} chuyển đến bước {branch.to}, là bước không có.")
        if len({b.to for b in out}) != len(out):
            found.append(f"Bước {index} có hai nhánh đến cùng một bước.")
        if len(out) > 1 and any(not b.label.strip() for b in out):
            found.append(f"Bước {index} có nhiều nhánh; mỗi nhánh phải ghi điều kiện.")
    if found:
        return found
    ending = _ending(graph)
    found += [f"Từ bước {i} không có đường nào đến kết thúc." for i in sorted(_reached(graph) - ending)]
    return found


def warnings(steps: Sequence[Step], promised: Term | None) -> list[str]:
    """What a person should look at in a usable process: unreachable steps, loops, steps beyond the term."""
    found = []
    graph = branches(steps)
    reached = _reached(graph)
    for index, step in enumerate(steps, start=1):
        if index not in reached:
            found.append(f"Bước {index} «{step.name}» không có đường nào dẫn đến.")
    loops = _loops(graph)
    found += [f"Có vòng lặp: bước {' → '.join(map(str, (*loop, loop[0])))}." for loop in loops]
    found += _beyond(steps, graph, promised, looped=bool(loops))
    return found


def _reached(graph: Sequence[tuple[Branch, ...]]) -> set[int]:
    seen, waiting = {1}, [1]
    while waiting:
        for branch in graph[waiting.pop() - 1]:
            if branch.to is not None and branch.to not in seen:
                seen.add(branch.to)
                waiting.append(branch.to)
    return seen


def _ending(graph: Sequence[tuple[Branch, ...]]) -> set[int]:
    """Steps from which the end can be reached."""
    found: set[int] = set()
    while True:
        more = {
            i
            for i, out in enumerate(graph, start=1)
            if i not in found and any(b.to is None or b.to in found for b in out)
        }
        if not more:
            return found
        found |= more


def _loops(graph: Sequence[tuple[Branch, ...]]) -> list[tuple[int, ...]]:
    """One loop for each branch that leads back to a step on the way to it; steps in walking order."""
    found: dict[frozenset[int], tuple[int, ...]] = {}
    done: set[int] = set()
    way: list[int] = []

    def walk(step: int) -> None:
        way.append(step)
        for branch in graph[step - 1]:
            if branch.to is None:
                continue
            if branch.to in way:
                loop = tuple(way[way.index(branch.to) :])
                found.setdefault(frozenset(loop), loop)
            elif branch.to not in done:
                walk(branch.to)
        way.pop()
        done.add(step)

    walk(1)
    return list(found.values())


# To compare a term with the sum of steps, both in office hours of an eight-hour day. Calendar terms cannot be compared.
_HOURS = {
    TermUnit.WORKING_HOUR: Decimal(1),
    TermUnit.HALF_DAY: Decimal(4),
    TermUnit.WORKING_DAY: Decimal(8),
    TermUnit.SAME_DAY: Decimal(8),
}


def _hours(value: Decimal | int, unit: TermUnit | str) -> Decimal | None:
    hours = _HOURS.get(TermUnit(unit))
    return None if hours is None else hours * (1 if unit == TermUnit.SAME_DAY else Decimal(value))


def _beyond(
    steps: Sequence[Step], graph: Sequence[tuple[Branch, ...]], promised: Term | None, *, looped: bool
) -> list[str]:
    if promised is None:
        return []
    term = _hours(promised.value, promised.unit)
    if term is None:  # calendar days or months: only steps in the same unit can be added up
        each = [s.value if s.value is not None and s.unit == promised.unit else None for s in steps]
        limit, word = Decimal(promised.value), promised.unit.label
        if any(s.value is not None and s.unit != promised.unit for s in steps):
            return [f"Thời hạn chung tính bằng {word}, có bước tính bằng đơn vị khác: không so được."]
    else:
        each = [_hours(s.value, s.unit) if s.value is not None else None for s in steps]
        limit, word = term, "giờ làm việc"
        if any(s.value is not None and hours is None for s, hours in zip(steps, each, strict=True)):
            return [f"Thời hạn chung là {promised}, có bước tính bằng ngày theo lịch: không so được."]
    longest = _longest(each, graph, looped=looped)
    if longest > limit:
        return [
            f"Tổng thời hạn các bước trên đường dài nhất là {_number(longest)} {word}, vượt thời hạn {promised} "
            f"({_number(limit)} {word})."
        ]
    return []


def _longest(each: Sequence[Decimal | None], graph: Sequence[tuple[Branch, ...]], *, looped: bool) -> Decimal:
    """The longest walk from the first step to an end; with loops, each reachable step counted once."""
    if looped:
        return sum((each[i - 1] or Decimal(0) for i in _reached(graph)), Decimal(0))
    memo: dict[int, Decimal] = {}

    def walk(step: int) -> Decimal:
        if step not in memo:
            onward = max((walk(b.to) for b in graph[step - 1] if b.to is not None), default=Decimal(0))
            memo[step] = (each[step - 1] or Decimal(0)) + onward
        return memo[step]

    return walk(1)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
