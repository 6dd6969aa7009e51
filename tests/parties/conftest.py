"""The office of the dossiers' tests, for stories of people."""

from tests.dossiers.conftest import office

__all__ = ["office"]
