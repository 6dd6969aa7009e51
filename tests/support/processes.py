"""Real processes against one database: concurrency as an office has it, and death in mid-write.

A target is ``"package.module:function"``, called as ``function(index, *arguments)`` in a process with Django set up and
``DATABASE_URL`` as given; or, as text with a newline, Python code that finds ``index`` and ``arguments`` and leaves a
``result``. Arguments and results travel as JSON.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def target_of(function: Callable[..., Any]) -> str:
    """The name by which a child finds a module-level function."""
    return f"{function.__module__}:{function.__qualname__}"


class Child:
    """One child process. It stands ready (``wait_ready``) until it is told to go, so that several start at once."""

    def __init__(
        self,
        target: str | Callable[..., Any],
        url: str,
        *arguments: Any,
        index: int = 0,
        env: dict[str, str] | None = None,
    ):
        name = target if isinstance(target, str) else target_of(target)
        job = json.dumps({"target": name, "index": index, "arguments": arguments})
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.child"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "motcua.config.settings",
                "PYTHONPATH": path,
                **(env or {}),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._errors: list[str] = []
        # Read what it complains of as it comes, or a full pipe would stop it.
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        self._say(job)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def errors(self) -> str:
        """What it wrote to stderr so far."""
        return "".join(self._errors)

    def _read_errors(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._errors.append(line)

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self) -> Any:
        """The next thing the child says (``tests.support.child.say``), or None when it has ended."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        return json.loads(line) if line else None

    def wait_ready(self) -> None:
        """Wait until Django is up in it."""
        if self.read() != {"ready": True}:
            self._process.wait()
            self._reader.join(5)
            raise AssertionError(f"the child process did not start:\n{self.errors}")

    def go(self) -> None:
        """Let it run its target."""
        self._say("go")

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def result(self, timeout: float = 120) -> Any:
        """Wait for its end and return the target's result; its traceback is this test's failure."""
        watchdog = threading.Timer(timeout, self._process.kill)
        watchdog.start()
        try:
            answer = None
            while (said := self.read()) is not None:
                answer = said
            self._process.wait()
        finally:
            watchdog.cancel()
        self._reader.join(5)
        if self._process.returncode != 0 or not isinstance(answer, dict) or "result" not in answer:
            raise AssertionError(f"a child process ended with {self._process.returncode}:\n{self.errors}")
        return answer["result"]


def run_processes(
    n: int, target: str | Callable[..., Any], url: str, *arguments: Any, timeout: float = 120
) -> list[Any]:
    """Run ``target`` in ``n`` processes that begin at the same moment; the results in order of ``index``."""
    children = [Child(target, url, *arguments, index=index) for index in range(n)]
    try:
        for child in children:
            child.wait_ready()
        for child in children:
            child.go()
        return [child.result(timeout) for child in children]
    finally:
        for child in children:
            child.kill()
