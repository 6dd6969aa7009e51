from motcua.config.settings import *  # noqa: F403
from motcua.config.settings import TEMPLATES

ROOT_URLCONF = "tests.browser.sample.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], __import__("pathlib").Path(__file__).parent / "templates"]
