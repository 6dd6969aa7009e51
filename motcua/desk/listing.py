"""Long lists: sorted, filtered and paged by their address, so that a list can be sent to a colleague as it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

M = TypeVar("M")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it sorts by (none: not sortable), and whether it holds numbers.

    ``sort`` names database fields, for a QuerySet; ``by`` is a key function, for rows already read.
    """

    key: str
    title: str
    sort: Sequence[str] = ()
    by: Callable[[Any], Any] | None = None
    number: bool = False
    help_text: str = ""


@dataclass(frozen=True)
class Heading:
    """A column as it stands in this list: with the address that sorts by it and how it is sorted now."""

    title: str
    url: str
    sorted: str  # "ascending", "descending" or ""
    number: bool
    help_text: str


@dataclass(frozen=True)
class Listing(Generic[M]):
    """One page of a list, with what its head and foot need."""

    headings: list[Heading]
    page: Page[M]
    first_url: str
    pages: list[tuple[int | None, str]]  # (number, address); None is a gap
    filtered: bool

    @property
    def total(self) -> int:
        return int(self.page.paginator.count)


def address(query: Mapping[str, Any] | QueryDict, **changes: Any) -> str:
    """The present query string with some values changed; None or "" takes a value out."""
    changed = query.copy() if isinstance(query, QueryDict) else QueryDict(mutable=True)
    for name, value in changes.items():
        if value in (None, ""):
            changed.pop(name, None)
        else:
            changed[name] = str(value)
    return "?" + changed.urlencode()


def listing(
    request: HttpRequest,
    rows: "QuerySet[Any] | Sequence[M]",
    columns: Sequence[Column],
    *,
    default: str,
    filters: Sequence[str] = (),
    size: int = PAGE_SIZE,
    whose_first: bool = False,
) -> Listing[M]:
    """Sort and page ``rows`` as the address says: ``?xep=KEY`` or ``?xep=-KEY``, ``?trang=N``. Two statements.

    ``default`` is the sorting without ``xep``. A key or page that does not exist counts as the default one: an old
    address must not be an error. ``filters`` names the query values that narrow the list (already applied by the
    caller); they tell "nothing found" from "nothing there". ``whose_first``: for rows with many names beside
    them, whose page it is is found before the names are read; three statements, a third of the time for thousands.
    """
    sortable = {column.key: column for column in columns if column.sort or column.by}
    wanted = request.GET.get("xep", "")
    if wanted.removeprefix("-") not in sortable:
        wanted = default
    key, downwards = wanted.removeprefix("-"), wanted.startswith("-")
    column = sortable.get(key)
    if column and column.by and not isinstance(rows, QuerySet):
        rows = sorted(rows, key=column.by, reverse=downwards)
    elif column and column.sort and isinstance(rows, QuerySet):
        rows = rows.order_by(*(_turned(field) if downwards else field for field in column.sort), "pk")
    paginator = _WhoseFirst(rows, size) if whose_first and isinstance(rows, QuerySet) else Paginator(rows, size)
    page = paginator.get_page(request.GET.get("trang"))
    headings = [
        Heading(
            title=column.title,
            url=_sort_url(request, column, key, downwards),
            sorted=("descending" if downwards else "ascending") if column.key == key else "",
            number=column.number,
            help_text=column.help_text,
        )
        for column in columns
    ]
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    pages: list[tuple[int | None, str]] = [
        (number, address(request.GET, trang=number)) if isinstance(number, int) else (None, "") for number in numbers
    ]
    return Listing(
        headings=headings,
        page=page,
        first_url=address(request.GET, trang=None),
        pages=pages if paginator.num_pages > 1 else [],
        filtered=any(request.GET.get(name) for name in filters),
    )


class _WhoseFirst(Paginator):
    """Sorts and cuts by the ids alone, then reads the rows of one page: else the names of every row that is narrowed
    down are joined before the first twenty are known."""

    def __init__(self, rows: QuerySet[Any], size: int) -> None:
        super().__init__(rows, size)
        self._rows = rows

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        ids = list(self._rows.values_list("pk", flat=True)[start : start + self.per_page])
        found = {row.pk: row for row in self._rows.filter(pk__in=ids)} if ids else {}
        return Page([found[pk] for pk in ids if pk in found], number, self)


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"


def _sort_url(request: HttpRequest, column: Column, key: str, downwards: bool) -> str:
    if not (column.sort or column.by):
        return ""
    reverse_it = column.key == key and not downwards
    return address(request.GET, xep=f"-{column.key}" if reverse_it else column.key, trang=None)
