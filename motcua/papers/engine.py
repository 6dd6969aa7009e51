"""Typst templates to PDF: one compiler a process, the templates the product ships under those of the office.

What people typed reaches a template as JSON strings (``sys.inputs.data``) and nothing else: no template text is ever
built from it. The compiler reads one folder, a copy of the templates, and cannot leave it.
"""

import atexit
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from motcua.core.errors import MotcuaError

SHIPPED = Path(__file__).resolve().parent / "templates"
FONTS = Path(__file__).resolve().parent / "fonts"
# Far beyond any template; a folder of photographs put here by mistake is not copied into memory.
_LARGEST = 2 * 1024 * 1024
# Characters of data from which a paper is compiled apart: beyond any slip or letter of a usual length.
_LARGE = 64_000
_SECONDS = 120
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


def _compiler(folder: Path) -> typst.Compiler:
    return typst.Compiler(
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        package_path=str(folder),
        package_cache_path=str(folder),
    )


class _Press:
    """A folder of templates with its compiler. The folder lives as long as the process: somebody may be printing."""

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
        self.compiler = _compiler(self.folder)


_lock = threading.Lock()
_press: _Press | None = None
_pressed: tuple[tuple[str, int, int], ...] | None = None


def _current() -> _Press:
    """The compiler over the templates as they lie on disk now. Call under the lock."""
    global _press, _pressed
    now = stamp()
    if _press is None or now != _pressed:
        _press, _pressed = _Press(own_files()), now
    return _press


def pdf(template: str, data: Mapping[str, Any], *, at: dt.datetime) -> bytes:
    """One paper. ``data`` is what the template sees as ``d``; ``at`` is the moment written into the file, so that the
    same paper is the same bytes. BrokenTemplate names the template and the compiler's words.

    A large one (a register) is compiled in a process of its own: the compiler keeps what it has laid out, and a
    thousand lines would hold 150 MB for good.
    """
    text, moment = json.dumps(data, ensure_ascii=False), int(at.timestamp())
    with _lock:
        press = _current()
        if len(text) <= _LARGE:
            try:
                return _made(press.compiler, press.folder, template, text, moment)
            except typst.TypstError as error:
                raise _broken(template, str(error), press.folder) from error
    command = [sys.executable, "-m", "motcua.papers.engine", str(press.folder), template, str(moment)]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise _broken(template, f"quá {_SECONDS} giây chưa xong", press.folder) from error
    if done.returncode:
        raise _broken(template, done.stderr.decode(errors="replace"), press.folder)
    return done.stdout


def _made(compiler: typst.Compiler, folder: Path, template: str, text: str, moment: int) -> bytes:
    made = compiler.compile(input=str(folder / template), format="pdf", sys_inputs={"data": text}, timestamp=moment)
    assert isinstance(made, bytes)
    return made


def _broken(template: str, said: str, folder: Path) -> BrokenTemplate:
    first = said.replace(str(folder), "").strip().splitlines() or ["?"]
    return BrokenTemplate(
        f"Mẫu in {template} có lỗi: {first[0][:300]}. Hãy sửa tệp trong thư mục templates, hoặc bỏ tệp đó đi để dùng "
        "mẫu có sẵn."
    )


def main(argv: Sequence[str]) -> int:
    """``python -m motcua.papers.engine FOLDER TEMPLATE MOMENT``: data on standard input, the PDF on standard output."""
    folder, template, moment = argv
    try:
        made = _made(_compiler(Path(folder)), Path(folder), template, sys.stdin.buffer.read().decode(), int(moment))
    except typst.TypstError as error:
        print(error, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))


__all__ = ["FONTS", "SHIPPED", "BrokenTemplate", "own_files", "own_folder", "pdf", "stamp"]
