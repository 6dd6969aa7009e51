"""The pictures of the README, taken from the demo: `make screenshots`. Needs Chromium (CHROMIUM=PATH for one's own)."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PICTURES = ROOT / "docs" / "pictures"
# Huyện Cầu Kè, 05/01–01/6/2023: the figures its half-year report should have printed.
_CAU_KE = "/bieu-tong-hop/?don_vi=CAUKE&tu=05/01/2023&den=01/06/2023"
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)


@contextlib.contextmanager
def demo_server() -> Iterator[str]:
    """The demo in a home of its own, served on a free port."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "MOTCUA_HOME": home, "MOTCUA_DEMO": "1"}
        env.pop("DATABASE_URL", None)
        motcua = [sys.executable, "-m", "motcua.config.cli"]
        for verb in ("migrate", "demo"):
            subprocess.run([*motcua, verb], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen([*motcua, "serve", "--port", str(port)], env=env, cwd=ROOT)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/dang-nhap/", timeout=5)
                    break
                time.sleep(0.2)
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
    from motcua.config import settings
    from tests.support.browser import FLAGS
    from tests.support.chromium import chromium_path

    chromium = chromium_path()
    if chromium is None:
        print("screenshots: không thấy Chromium; đặt CHROMIUM=ĐƯỜNG_DẪN.", file=sys.stderr)
        return 3
    PICTURES.mkdir(parents=True, exist_ok=True)
    # An address on the command line: a demo that already runs.
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
            ("closing", "xuly", "/viec/chot-ngay/", WIDE),
            ("office", "chutich", "/viec/ca-co-quan/", WIDE),
            ("monday", "chutich", "/viec/giao-ban-tuan/", WIDE),
            ("search", "tiepnhan", "/tim/?tim=nguyen", WIDE),
            ("signing-phone", "chutich", "/viec/cho-ky/", PHONE),
            ("work-phone", "chutich", "/viec/", PHONE),
        ]
        for name, login, path, size in shots:
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
