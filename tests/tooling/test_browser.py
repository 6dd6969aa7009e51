"""The browser's tools: a real page is shown, an inaccessible one is found."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
GOOD = '<html lang="vi"><head><title>Tốt</title></head><body><main><h1>Hồ sơ</h1></main></body></html>'
BAD = '<html><head><title>Xấu</title></head><body><main><h1>Hồ sơ</h1><input><img src="x.png"></main></body></html>'


def test_the_real_server_is_shown(page: Any, site: str) -> None:
    answer = page.goto("/khong-co-trang-nay/")
    assert answer.status == 404
    assert page.url.startswith(site)


def test_axe_passes_a_good_page_and_names_what_is_wrong_in_a_bad_one(chromium: Any, axe: Callable[[Any], None]) -> None:
    page = chromium.new_page()
    try:
        page.set_content(GOOD)
        axe(page)
        page.set_content(BAD)
        with pytest.raises(AssertionError, match="label") as found:
            axe(page)
        assert "image-alt" in str(found.value)
    finally:
        page.close()
