import pytest

from tests.desk.conftest import signed_in

__all__ = ["signed_in"]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    return tmp_path
