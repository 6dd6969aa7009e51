"""Every leg of ``make test``: SQLite with the browser; beside it lint, and then PostgreSQL.

Each leg waits now and then, for a page, a server or the disk: two at a time keep two cores busy. What the legs beside
say is kept and shown after what the others said. ``FULL=1`` takes the biggest samples (mark ``large``) on PostgreSQL
too.

What cannot run here is said in capitals, and the other parts run. Exit status: 1 when something failed, 3 when a leg
could not run, else 0 (``make`` itself says 2 for both, and prints which; ``.ci/run`` hands the status on). The last
line is ``N passed, N failed, N skipped``.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import lint
import with_postgres

ROOT = lint.ROOT
sys.path.insert(0, str(ROOT))
from tests.support import chromium  # noqa: E402

FULL = os.environ.get("FULL") == "1"
LIMIT = (90 if FULL else 30) * 60  # seconds for one leg; one that hangs must not hang the machine that waits for it


@dataclass
class Result:
    """What a leg counted; ``missing`` says why it could not run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    missing: str = ""
    seconds: float = 0.0
    processor: float = 0.0  # seconds of processor of all it started
    slowest: list[tuple[str, float]] = field(default_factory=list)  # files of tests, and their seconds


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
        command += ["-p", "no:schemathesis"]  # what its plugin offers is not used, and takes seconds to load
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
    files: Counter[str] = Counter()
    for case in suites[0].iter("testcase") if suites else ():
        files[file_of(case.get("classname", ""))] += float(case.get("time", "0"))  # type: ignore[assignment]
    return Result(
        max(0, total - failed - skipped), failed, skipped, slowest=[(n, float(t)) for n, t in files.most_common(6)]
    )


def file_of(classname: str) -> str:
    """``tests.desk.test_counter.TestCash`` -> ``desk/test_counter``."""
    steps = classname.split(".")
    last = next((n for n, step in enumerate(steps) if step.startswith("test_")), len(steps) - 1)
    return "/".join(steps[: last + 1]).removeprefix("tests/")


def run_sqlite() -> Result:
    return run_pytest("not browser" if chromium.trouble() else "", None)


def run_browser() -> Result:
    """The browser's tests run within the SQLite leg; here only: whether they could."""
    return Result(missing=chromium.trouble())


def run_postgresql() -> Result:
    try:
        with with_postgres.private_postgres() as url:
            return run_pytest("not pure and not browser" + ("" if FULL else " and not large"), url)
    except with_postgres.NoServer as reason:
        return Result(missing=str(reason))


LEGS: dict[str, Callable[[], Result]] = {
    "lint": run_lint,
    "SQLite": run_sqlite,
    "browser": run_browser,
    "PostgreSQL": run_postgresql,
}


# These run in a process of their own, in this order, while the others run.
BESIDE = ("lint", "PostgreSQL")


def run_legs(names: Iterable[str]) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for name in names:
        if name != "browser":
            print(f"\n===== {name} =====", flush=True)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        results[name] = LEGS[name]()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        results[name].seconds = time.monotonic() - began
        results[name].processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if results[name].missing:
            loud(f"NOT RUN: {name}: {results[name].missing}")
    return results


@contextmanager
def beside(names: list[str]) -> Iterator[Callable[[], dict[str, Result]]]:
    """Run these legs in a process beside; yields how to wait for them, showing what they say."""
    if not names:
        yield dict
        return
    with tempfile.TemporaryDirectory(prefix="motcua-beside-") as folder:
        said, told = Path(folder) / "said", Path(folder) / "told.json"
        command = [sys.executable, __file__, "--legs", ",".join(names), str(told)]
        with said.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

        def wait() -> dict[str, Result]:
            with said.open(encoding="utf-8", errors="replace") as text:
                while True:
                    ended = process.poll() is not None
                    if more := text.read():
                        print(more, end="", flush=True)
                    elif ended:
                        break
                    else:
                        time.sleep(0.2)
            found = json.loads(told.read_text()) if told.exists() else {}
            for name in names:
                if name not in found:
                    loud(f"{name}: ended with status {process.returncode} before it could say anything")
            return {name: Result(**found.get(name, {"failed": 1})) for name in names}

        try:
            yield wait
        finally:
            # It stops its server and its tests itself.
            if process.poll() is None:
                process.terminate()
            process.wait()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with beside([name for name in LEGS if name in BESIDE]) as wait:
        results = run_legs(name for name in LEGS if name not in BESIDE)
        results |= wait()
    results = {name: results[name] for name in LEGS}

    print("\n===== all =====")
    for name, r in results.items():
        if r.missing:
            print(f"{name}: NOT RUN: {r.missing}")
        elif name == "browser":
            print("browser: ran with SQLite")
        else:
            print(
                f"{name}: {r.passed} passed, {r.failed} failed, {r.skipped} skipped "
                f"in {r.seconds:.0f} s ({r.processor:.0f} s of processor)"
            )
        if r.slowest:
            print("    slowest: " + ", ".join(f"{file} {seconds:.0f} s" for file, seconds in r.slowest))
    passed, failed, skipped = (sum(getattr(r, n) for r in results.values()) for n in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    status = 1 if failed else 3 if any(r.missing for r in results.values()) else 0
    if told := os.environ.get("MOTCUA_TEST_STATUS"):
        Path(told).write_text(str(status))
    return status


def main_beside(names: str, told: str) -> int:
    """The process beside: the legs by name, and what they counted into a file."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    results = run_legs(names.split(","))
    Path(told).write_text(json.dumps({name: asdict(result) for name, result in results.items()}))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main_beside(*sys.argv[2:]) if sys.argv[1:2] == ["--legs"] else main())
    except KeyboardInterrupt:
        sys.exit(130)
