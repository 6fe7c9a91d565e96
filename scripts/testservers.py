"""A private PostgreSQL and Redis for the tests, on free ports, in a temporary folder.

    python scripts/testservers.py COMMAND...   runs COMMAND with DATABASE_URL and REDIS_URL set
    python scripts/testservers.py              prints both and serves until it is interrupted

Servers that run already are not touched. PostgreSQL refuses to run as root, so under root it runs as
``postgres`` (or ``nobody``). Everything ends with this process, also when it is killed.
"""

import contextlib
import ctypes
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PREFIX = "landbureau-servers-"
START_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def die_with_parent(signum: int) -> Callable[[], None]:
    """For ``preexec_fn``: the kernel sends `signum` to the child when this process dies."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signum)


def server_user() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL when we are root; None: we do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("testservers: root needs a user postgres or nobody to run PostgreSQL as")


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise SystemExit("testservers: PostgreSQL is not installed (make setup-test)")


def remove_leftovers() -> None:
    """Folders of earlier runs that were killed: their process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes]) -> bool:
    """True once `ready`; False when the server ended or time is up."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    return False


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def server(make_command: Callable[[int], list[str]], log: Path, stop: int, **popen: Any) -> Iterator[int]:
    """Start a server on a free port (which another program may snatch: tried again) and yield the port."""
    for _ in range(5):
        port = free_port()
        with log.open("ab") as output:
            process = subprocess.Popen(
                make_command(port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this script only, which stops them in order
                preexec_fn=die_with_parent(stop),
                **popen,
            )
        if wait_until(lambda port=port: accepts(port), process):
            break
        process.kill()
        process.wait()
    else:
        raise SystemExit(f"testservers: a server did not start:\n{log.read_text(errors='replace')[-2000:]}")
    try:
        yield port
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A cluster of its own; yields the address of an empty database whose role may do everything in it."""
    import psycopg

    programs, user, password = postgres_programs(), server_user(), secrets.token_hex(16)
    data, password_file = folder / "pg", folder / "password"
    data.mkdir()
    password_file.write_text(password)
    account: dict[str, Any] = {}
    if user:
        account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        folder.chmod(0o711)
        for path in (data, password_file):
            os.chown(path, user.pw_uid, user.pw_gid)
    encoding = ["-E", "UTF8", "--locale=C.UTF-8"]
    access = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}"]
    subprocess.run(
        [programs / "initdb", "-D", data, "--no-sync", *encoding, *access],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **account,
    )
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def command(port: int) -> list[str]:
        return [str(programs / "postgres"), "-D", str(data), "-p", str(port), *settings]

    with server(command, folder / "postgresql.log", signal.SIGINT, cwd=folder, **account) as port:
        address = f"host=127.0.0.1 port={port} user=postgres dbname=postgres password={password}"
        end = time.monotonic() + START_SECONDS
        while True:  # the port opens a moment before the server is ready
            try:
                connection = psycopg.connect(address, autocommit=True)
                break
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        with connection:
            connection.execute(f"CREATE ROLE landbureau LOGIN SUPERUSER PASSWORD '{password}'".encode())
            connection.execute("CREATE DATABASE landbureau OWNER landbureau")
        connection.close()
        yield f"postgres://landbureau:{password}@127.0.0.1:{port}/landbureau"


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing, with enough databases to give every test its own."""
    program = shutil.which("redis-server")
    if not program:
        raise SystemExit("testservers: redis-server is not installed (make setup-test)")
    password = secrets.token_hex(16)
    config = folder / "redis.conf"
    config.write_text(f'bind 127.0.0.1\nsave ""\nappendonly no\ndatabases 4096\nrequirepass {password}\n')

    def command(port: int) -> list[str]:
        return [program, str(config), "--port", str(port)]

    with server(command, folder / "redis.log", signal.SIGTERM, cwd=folder) as port:
        yield f"redis://:{password}@127.0.0.1:{port}/0"


@contextlib.contextmanager
def test_servers() -> Iterator[dict[str, str]]:
    """Both servers; yields the environment that points to them."""
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        with postgresql(folder) as database_url, redis(folder) as redis_url:
            yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def interrupted(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)


def main(command: list[str]) -> int:
    """Exit status of `command`; or serve until a signal comes."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, interrupted)
    with test_servers() as environment:
        if command:
            with subprocess.Popen(command, env={**os.environ, **environment}) as process:
                try:
                    return process.wait()
                except BaseException:
                    process.terminate()
                    process.wait(10)
                    raise
        for name, value in environment.items():
            print(f"export {name}={value}", flush=True)
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
