"""The child's side of :mod:`tests.support.processes`."""

import importlib
import json
import sys
from typing import Any


def say(value: Any) -> None:
    """Tell the test something now, for instance which act has just been acknowledged."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> None:
    job = json.loads(sys.stdin.readline())
    import django

    django.setup()
    target = job["target"]
    code = None
    if "\n" in target:
        code = compile(target, "<test>", "exec")
    else:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
    say({"ready": True})
    if sys.stdin.readline().strip() != "go":
        return
    if code is not None:
        scope: dict[str, Any] = {"index": job["index"], "arguments": job["arguments"], "say": say, "result": None}
        exec(code, scope)
        result = scope["result"]
    else:
        result = function(job["index"], *job["arguments"])
    say({"result": result})


if __name__ == "__main__":
    main()
