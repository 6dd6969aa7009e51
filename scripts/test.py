"""Every leg of ``make test``, one after the other: lint, SQLite with the browser, PostgreSQL.

What cannot run here is said in capitals, and the other parts run. Exit status: 1 when something failed, 3 when a leg
could not run, else 0 (``make`` itself says 2 for both, and prints which; ``.ci/run`` hands the status on). The last
line is ``N passed, N failed, N skipped``.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lint
import with_postgres

ROOT = lint.ROOT
sys.path.insert(0, str(ROOT))
from tests.support import chromium  # noqa: E402

LIMIT = 30 * 60  # seconds for one leg; one that hangs must not hang the machine that waits for it


@dataclass
class Result:
    """What a leg counted; ``missing`` says why it could not run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    missing: str = ""
    seconds: float = 0.0


def loud(line: str) -> None:
    print(f"\n!!!!!!!!!! {line} !!!!!!!!!!\n", flush=True)


def run_lint() -> Result:
    outcome = lint.run()
    return Result(passed=sum(outcome.values()), failed=len(outcome) - sum(outcome.values()))


def run_pytest(marks: str, url: str | None) -> Result:
    """One pytest run on the database of ``url`` (None: SQLite)."""
    env = dict(os.environ)
    env.pop("DATABASE_URL", None)
    if url:
        env["DATABASE_URL"] = url
    with tempfile.TemporaryDirectory(prefix="motcua-report-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist=worksteal", "--durations=8"]
        command.append(f"--junitxml={report}")
        if marks:
            command += ["-m", marks]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            code = process.wait(timeout=LIMIT)
        except BaseException as reason:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(reason, subprocess.TimeoutExpired):
                raise
            loud(f"the leg was ended after {LIMIT // 60} minutes")
            return Result(failed=1)
        result = read_report(report) if report.exists() else Result()
    if code != 0 and result.failed == 0:
        # Not a test but pytest itself: nothing collected, a broken conftest, killed from outside (a negative status).
        loud(f"pytest ended with status {code}")
        result.failed = 1
    return result


def read_report(report: Path) -> Result:
    # Our own file, written a moment ago.
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314
    total, failed, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return Result(passed=max(0, total - failed - skipped), failed=failed, skipped=skipped)


def run_sqlite() -> Result:
    return run_pytest("not browser" if chromium.trouble() else "", None)


def run_browser() -> Result:
    """The browser's tests run within the SQLite leg; here only: whether they could."""
    return Result(missing=chromium.trouble())


def run_postgresql() -> Result:
    try:
        with with_postgres.private_postgres() as url:
            return run_pytest("not pure and not browser", url)
    except with_postgres.NoServer as reason:
        return Result(missing=str(reason))


LEGS: dict[str, Callable[[], Result]] = {
    "lint": run_lint,
    "SQLite": run_sqlite,
    "browser": run_browser,
    "PostgreSQL": run_postgresql,
}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    results: dict[str, Result] = {}
    for name, leg in LEGS.items():
        if name != "browser":
            print(f"\n===== {name} =====", flush=True)
        began = time.monotonic()
        results[name] = leg()
        results[name].seconds = time.monotonic() - began
        if results[name].missing:
            loud(f"NOT RUN: {name}: {results[name].missing}")

    print("\n===== all =====")
    for name, r in results.items():
        if r.missing:
            print(f"{name}: NOT RUN: {r.missing}")
        elif name == "browser":
            print("browser: ran with SQLite")
        else:
            print(f"{name}: {r.passed} passed, {r.failed} failed, {r.skipped} skipped in {r.seconds:.0f} s")
    passed, failed, skipped = (sum(getattr(r, n) for r in results.values()) for n in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    status = 1 if failed else 3 if any(r.missing for r in results.values()) else 0
    if told := os.environ.get("MOTCUA_TEST_STATUS"):
        Path(told).write_text(str(status))
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
