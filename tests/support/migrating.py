"""The migrations for the template of a test run: the same statements, sent after a quarter of the computing.

For every operation Django draws up anew the models of that moment that stand in relation to the one that changes, which
in our web of relations is nearly all of them. A new model, a new index and a new constraint change no other model: here
they are only added. ``tests/keeping/test_upgrade.py`` migrates in Django's own way and compares what came of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.migrations.state import ModelState, ProjectState


@contextmanager
def quickly() -> Iterator[None]:
    """Within the block ``migrate`` takes the short way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProjectState, "add_model", _add_model)
        patch.setattr(ProjectState, "_append_option", _append_option)
        yield


def _add_model(self: ProjectState, model_state: ModelState) -> None:
    key = model_state.app_label, model_state.name_lower
    self.models[key] = model_state
    if self._relations is not None:
        self.resolve_model_relations(key)
    if "apps" in self.__dict__:
        self.apps.render_multiple([model_state])
        self.apps.clear_cache()


def _append_option(self: ProjectState, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    options = self.models[app_label, model_name].options
    options[option_name] = [*options[option_name], obj]
    if "apps" in self.__dict__:
        meta = self.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), obj.clone()])
        meta._expire_cache()
