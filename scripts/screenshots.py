"""The pictures of the README, taken from the demo: `make screenshots`. Needs Chromium (CHROMIUM=PATH for one's own)."""

import contextlib
import datetime as dt
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "docs" / "pictures"
# Huyện Cầu Kè, 05/01–01/6/2023: the figures its half-year report should have printed.
_CAU_KE = "/bieu-tong-hop/?don_vi=CAUKE&tu=05/01/2023&den=01/06/2023"
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)


def working_afternoon() -> dt.datetime:
    """The last afternoon at 15:40 on which an office worked: a Sunday's «Chốt ngày» is empty, and so would be its
    picture."""
    from motcua.core import clock

    day, hour = clock.today(), dt.time(15, 40)
    while day.weekday() > 4 or clock.local_moment(day, hour) > clock.now():
        day -= dt.timedelta(days=1)
    return clock.local_moment(day, hour)


def office(port: int, moment: dt.datetime) -> None:
    """The demo, made and served at one moment, in a process of its own: ``motcua serve`` knows only today."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "motcua.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from motcua.config.wsgi import application
    from motcua.core import clock

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    def then(environ: dict[str, object], start: StartResponse) -> list[bytes]:
        with clock.at(moment):
            answer = application(environ, start)
            try:
                return list(answer)
            finally:
                answer.close()

    call_command("migrate", verbosity=0)
    with clock.at(moment):
        call_command("demo", stdout=io.StringIO())
    make_server("127.0.0.1", port, then, server_class=Server, handler_class=Quiet).serve_forever()


@contextlib.contextmanager
def demo_server() -> Iterator[str]:
    """The demo in a home of its own, served on a free port."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "MOTCUA_HOME": home, "MOTCUA_DEMO": "1"}
        env.pop("DATABASE_URL", None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen([sys.executable, __file__, "--office", str(port)], env=env, cwd=ROOT)
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 600  # the demo is made first
            while server.poll() is None and time.monotonic() < until:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/dang-nhap/", timeout=20)
                    break
                time.sleep(0.5)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/dang-nhap/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_load_state()


def main() -> int:
    if sys.argv[1:2] == ["--office"]:
        office(int(sys.argv[2]), working_afternoon())
        return 0
    from motcua.config import settings
    from tests.support.browser import FLAGS
    from tests.support.chromium import chromium_path

    chromium = chromium_path()
    if chromium is None:
        print("screenshots: không thấy Chromium; đặt CHROMIUM=ĐƯỜNG_DẪN.", file=sys.stderr)
        return 3
    PICTURES.mkdir(parents=True, exist_ok=True)
    # On the command line: the address of a demo that already runs, and which pictures (all of them).
    running = contextlib.nullcontext(sys.argv[1]) if len(sys.argv) > 1 else demo_server()
    with running as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        shots = [
            # name, login, address or a function of the page, size
            ("work", "xuly", "/viec/", WIDE),
            ("dossiers", "tiepnhan", "/ho-so/", WIDE),
            ("dossier", "xuly", "/viec/", WIDE),
            ("receive", "tiepnhan", "/tiep-nhan/?tim=khai sinh", WIDE),
            ("statement", "cchc.vinhlong", _CAU_KE, WIDE),
            ("quick", "tiepnhan", "/tiep-nhan/nhanh/", WIDE),
            ("scan", "xuly", "/viec/quet-ma/", WIDE),
            ("closing", "xuly", "/viec/chot-ngay/?ai=tat-ca", WIDE),
            ("office", "chutich", "/viec/ca-co-quan/", WIDE),
            ("monday", "chutich", "/viec/giao-ban-tuan/", WIDE),
            ("search", "tiepnhan", "/tim/?tim=nguyen", WIDE),
            ("report", "cchc.vinhlong", "/bao-cao/1/", WIDE),
            ("figures", "cchc.vinhlong", "/so-lieu/", WIDE),
            ("registers", "cchc", "/so-cchc/", WIDE),
            ("signing-phone", "chutich", "/viec/cho-ky/", PHONE),
            ("work-phone", "chutich", "/viec/", PHONE),
        ]
        for name, login, path, size in shots:
            if sys.argv[2:] and name not in sys.argv[2:]:
                continue
            context = browser.new_context(viewport=size, device_scale_factor=1.5 if size is PHONE else 1)
            page = context.new_page()
            sign_in(page, address, login, settings.DEMO_PASSWORD)
            page.goto(address + path)
            if name == "dossier" or name == "receive":
                page.click("main table tbody th a >> nth=0")
                page.wait_for_load_state()
            page.screenshot(path=str(PICTURES / f"{name}.png"))
            print(f"{name}.png", flush=True)
            context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
