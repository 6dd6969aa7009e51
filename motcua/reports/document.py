"""A statement as a Word document, after Nghị định 30/2020/NĐ-CP, from a template an office can change in Word."""

import io
from importlib.resources import files
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate

from motcua.core import clock
from motcua.reports.letterhead import COUNTRY, MOTTO
from motcua.reports.paper import Paper
from motcua.reports.zipped import stable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Forms whose columns are fixed; scripts/make_statement_templates.py drew them.
TEMPLATES = {"06a": "statement_06a.docx", "14": "statement_14.docx"}
FOLDER = files("motcua.reports") / "templates" / "reports"


def document(paper: Paper, template: Path | None = None) -> bytes:
    """The bytes of a .docx; the same paper and template give the same bytes.

    ``template`` is an office's own copy of the shipped one. KeyError for a form without a template.
    """
    source = template.read_bytes() if template else (FOLDER / TEMPLATES[paper.sheet.name]).read_bytes()
    made = DocxTemplate(io.BytesIO(source))
    # Names and titles come from people: everything is escaped.
    made.render(_context(paper), autoescape=True)
    properties = made.docx.core_properties  # get_docx() would open the template anew
    properties.title, properties.author, properties.last_modified_by = paper.sheet.title, paper.unit, ""
    properties.created = properties.modified = paper.as_of.replace(tzinfo=None, microsecond=0)
    held = io.BytesIO()
    made.save(held)
    return stable(held.getvalue())


def _context(paper: Paper) -> dict[str, Any]:
    head = paper.letterhead
    return {
        "above": head.above,
        "issuer": list(head.issuer),
        "symbol": head.symbol,
        "place": head.place,
        "year": clock.local(paper.as_of).year,
        "country": COUNTRY,
        "motto": MOTTO,
        "title": paper.sheet.title,
        "period": paper.period,
        "doubts": list(paper.doubts),
        "summary": paper.summary,
        "mark": paper.sheet.mark,
        "unit": paper.unit,
        "first_title": paper.sheet.first_title,
        "rows": [
            {
                "ordinal": row.ordinal,
                "label": row.label,
                "strong": row.kind != "line",
                "cells": [cell.text for cell in row.cells],
            }
            for row in paper.sheet.body
        ],
        "total": {"label": paper.sheet.total.label, "cells": [cell.text for cell in paper.sheet.total.cells]},
        "notes": list(paper.notes),
        "authority": list(head.authority),
        "prepared_by": paper.prepared_by,
        "source": paper.source,
    }
