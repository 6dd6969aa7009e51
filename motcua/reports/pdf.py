"""A report as PDF: the Word file itself, set by typst. One content, two forms; the same inputs give the same bytes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from motcua.papers import engine
from motcua.reports.reading import Block, Paragraph, Read, Span, Table

MEDIA_TYPE = "application/pdf"


def pdf(
    read: Read, *, title: str, author: str, stamp: dt.datetime, addresses: Mapping[str, str], charts: Sequence[Any] = ()
) -> bytes:
    """The PDF of a Word file as it was read, with a text layer. ``addresses``: code of a figure → its page, for the
    codes in the annex. ``charts`` follow the text (see :mod:`motcua.reports.charts`)."""
    data = {
        "title": title,
        "author": author,
        "page": {name: getattr(read.page, name) for name in ("width", "height", "top", "bottom", "left", "right")},
        "size": read.size,
        "footer": read.footer,
        "blocks": [_block(block, addresses) for block in read.blocks],
        "charts": list(charts),
    }
    return engine.pdf("document.typ", data, at=stamp)


def _block(block: Block, addresses: Mapping[str, str]) -> dict[str, Any]:
    return _table(block, addresses) if isinstance(block, Table) else _paragraph(block, addresses)


def _paragraph(paragraph: Paragraph, addresses: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "p",
        "align": paragraph.align,
        "left": paragraph.left,
        "right": paragraph.right,
        "first": paragraph.first,
        "before": paragraph.before,
        "after": paragraph.after,
        "ruled": paragraph.ruled,
        "page": paragraph.page_before,
        "spans": [_span(span, addresses) for span in paragraph.spans],
    }


def _span(span: Span, addresses: Mapping[str, str]) -> dict[str, Any]:
    code = span.figure[0] if span.figure and span.figure[1] == "ma" else ""
    return {
        "text": span.text,
        "bold": span.bold,
        "italic": span.italic,
        "size": span.size,
        "url": addresses.get(code, "") if code else "",
    }


def _table(table: Table, addresses: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "t",
        "widths": list(table.widths),
        "bordered": table.bordered,
        "heads": table.heads,
        "rows": [
            [
                {
                    "columns": cell.columns,
                    "rows": cell.rows,
                    "blocks": [_block(block, addresses) for block in cell.blocks],
                }
                for cell in row
                if cell.rows
            ]
            for row in table.rows
        ],
    }


__all__ = ["MEDIA_TYPE", "pdf"]
