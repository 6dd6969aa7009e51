"""Run a command with a private PostgreSQL: ``with_postgres.py [--optional] -- COMMAND…``

The command finds it in ``DATABASE_URL``. The server listens on a free port of 127.0.0.1 with a password of its own,
keeps data and socket in a new folder under the system's temporary one, and goes away with the command, however that
ends. ``fsync`` is off: for tests and benches only. The exit status is the command's; 3 when no PostgreSQL 15 or later
could be started (with ``--optional`` the command is then run without ``DATABASE_URL``). Standard library only.
"""

import ctypes
import glob
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OLDEST = 15
CONTRIB = ("pg_trgm", "unaccent")


class NoServer(Exception):
    """There is no PostgreSQL to be had here; the text says why."""


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def find_bin() -> Path:
    """The folder of the newest PostgreSQL server programs on this machine, with contrib."""
    folders = [Path(p) for p in glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")]
    if path := shutil.which("initdb"):
        folders.append(Path(path).resolve().parent)
    found: list[tuple[int, Path]] = []
    for folder in folders:
        if not all((folder / name).exists() for name in ("initdb", "postgres", "pg_ctl")):
            continue
        found.append((int(_output(str(folder / "postgres"), "--version").split()[2].split(".")[0]), folder))
    if not found:
        raise NoServer("no PostgreSQL server is installed (apt-get install postgresql postgresql-contrib)")
    version, folder = max(found)
    if version < OLDEST:
        raise NoServer(f"PostgreSQL {version} is installed, {OLDEST} or later is needed")
    shares = [Path(f"/usr/share/postgresql/{version}/extension")]
    if (folder / "pg_config").exists():
        shares.append(Path(_output(str(folder / "pg_config"), "--sharedir")) / "extension")
    missing = [name for name in CONTRIB if not any((share / f"{name}.control").exists() for share in shares)]
    if missing:
        raise NoServer(f"PostgreSQL lacks contrib ({', '.join(missing)}; apt-get install postgresql-contrib)")
    return folder


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: root may not, so ``postgres`` (or ``nobody``) then; None is the present user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("PostgreSQL refuses to run as root and there is no user «postgres»")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """In the child: be stopped (fast shutdown) if this script is killed outright."""
    # The terminal's Ctrl-C goes to the command; the server ends after it.
    os.setsid()
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


@contextmanager
def private_postgres() -> Iterator[str]:
    """Start a server, yield the URL of an empty database on it, stop it and remove its files."""
    programs, account = find_bin(), _account()
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    others: list[int] | None = [] if account else None
    home = Path(tempfile.mkdtemp(prefix="motcua-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        data, log = home / "data", home / "log"
        password, port = secrets.token_urlsafe(16), _free_port()
        (home / "password").write_text(password)
        log.touch()
        if account:
            for path in (home, home / "password", log):
                os.chown(path, account.pw_uid, account.pw_gid)
        made = subprocess.run(
            [str(programs / "initdb"), "-D", str(data), "-U", "motcua", "--encoding=UTF8", "--locale=C.UTF-8",
             "--no-sync", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"],
            cwd=home, capture_output=True, text=True, user=user, group=group, extra_groups=others, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise NoServer(f"initdb failed: {(made.stderr or made.stdout).strip().splitlines()[-1]}")
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": home,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 100,
            "shared_buffers": "256MB",
            "timezone": "UTC",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), *settings],
                cwd=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=_end_with_parent,
                user=user, group=group, extra_groups=others,
            )  # fmt: skip
        _wait(server, port, log)
        base = f"postgresql://motcua:{password}@127.0.0.1:{port}"
        create = [str(programs / "createdb"), "-h", str(home), "-p", str(port), "-U", "motcua", "motcua"]
        subprocess.run(create, check=True, env={**os.environ, "PGPASSWORD": password}, cwd=home)
        yield f"{base}/motcua"
    finally:
        if server and server.poll() is None:
            server.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        if "ready to accept connections" in log.read_text(errors="replace"):
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        time.sleep(0.05)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
    raise NoServer(f"the server did not start: {lines[-1]}")


def _run(command: list[str], url: str | None) -> int:
    env = {**os.environ, "DATABASE_URL": url} if url else {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    process = subprocess.Popen(command, env=env)
    while True:
        try:
            code = process.wait()
            return 128 - code if code < 0 else code
        except KeyboardInterrupt:
            continue  # the command has had it too, and ends in its own way
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def main(arguments: list[str]) -> int:
    optional = arguments[:1] == ["--optional"]
    command = arguments[1:] if optional else arguments
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print("usage: with_postgres.py [--optional] -- COMMAND…", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: sys.exit(128 + n))
    try:
        with private_postgres() as url:
            return _run(command, url)
    except NoServer as reason:
        print(f"PostgreSQL: {reason}", file=sys.stderr, flush=True)
        return _run(command, None) if optional else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
