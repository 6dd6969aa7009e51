"""Typst templates to PDF: one compiler a process, the templates the product ships under those of the office.

What people typed reaches a template as JSON strings (``sys.inputs.data``) and nothing else: no template text is ever
built from it. The compiler reads one folder, a copy of the templates, and cannot leave it.
"""

import atexit
import datetime as dt
import json
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from motcua.core.errors import MotcuaError

SHIPPED = Path(__file__).resolve().parent / "templates"
FONTS = Path(__file__).resolve().parent / "fonts"
# Far beyond any template; a folder of photographs put here by mistake is not copied into memory.
_LARGEST = 2 * 1024 * 1024
_TEMPLATE_KINDS = (".typ", ".toml", ".svg", ".png")


class BrokenTemplate(MotcuaError):
    """A template of the office that does not compile: whoever changed it must set it right."""

    code = "broken_template"


def own_folder() -> Path:
    """Where the office keeps its own templates; need not exist."""
    return Path(settings.HOME) / "templates"


def own_files() -> dict[str, Path]:
    """The office's own template files by name."""
    folder = own_folder()
    if not folder.is_dir():
        return {}
    return {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.suffix in _TEMPLATE_KINDS and path.is_file() and path.stat().st_size <= _LARGEST
    }


def stamp() -> tuple[tuple[str, int, int], ...]:
    """Differs whenever a template of the office has changed."""
    found = []
    for name, path in own_files().items():
        seen = path.stat()
        found.append((name, seen.st_mtime_ns, seen.st_size))
    return tuple(found)


class _Press:
    """A folder of templates with its compiler."""

    def __init__(self, own: Mapping[str, Path]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="motcua-papers-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        for path in SHIPPED.iterdir():
            if path.suffix in _TEMPLATE_KINDS:
                (self.folder / path.name).write_bytes(path.read_bytes())
        for name, path in own.items():
            content = path.read_bytes()
            if b'"@' in content:
                raise BrokenTemplate(f"Mẫu in {name} dùng gói ngoài (@…). Mẫu in phải đủ trong thư mục của nó.")
            (self.folder / name).write_bytes(content)
        self.compiler = typst.Compiler(
            root=str(self.folder),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            package_path=str(self.folder),
            package_cache_path=str(self.folder),
        )

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


_lock = threading.Lock()
_press: _Press | None = None
_pressed: tuple[tuple[str, int, int], ...] | None = None


def _current() -> _Press:
    """The compiler over the templates as they lie on disk now. Call under the lock."""
    global _press, _pressed
    now = stamp()
    if _press is None or now != _pressed:
        fresh = _Press(own_files())
        if _press is not None:
            _press.close()
        _press, _pressed = fresh, now
    return _press


def pdf(template: str, data: Mapping[str, Any], *, at: dt.datetime) -> bytes:
    """One paper. ``data`` is what the template sees as ``d``; ``at`` is the moment written into the file, so that the
    same paper is the same bytes. BrokenTemplate names the template and the compiler's words."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _lock:
        press = _current()
        try:
            made = press.compiler.compile(
                input=str(press.folder / template), format="pdf", sys_inputs=inputs, timestamp=int(at.timestamp())
            )
        except typst.TypstError as error:
            first = str(error).replace(str(press.folder), "").strip().splitlines() or ["?"]
            raise BrokenTemplate(
                f"Mẫu in {template} có lỗi: {first[0][:300]}. Hãy sửa tệp trong thư mục templates, hoặc bỏ tệp đó "
                "đi để dùng mẫu có sẵn."
            ) from error
    assert isinstance(made, bytes)
    return made


__all__ = ["FONTS", "SHIPPED", "BrokenTemplate", "own_files", "own_folder", "pdf", "stamp"]
