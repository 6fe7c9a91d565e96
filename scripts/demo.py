"""The demo: prepares data, then runs web, worker and beat in the foreground until Ctrl-C or SIGTERM.

Environment: ``PORT`` (8000), ``BUREAU`` (xinhe), ``FRESH=1`` (start over), ``DATA_DIR``. Xinhe's data are in
``var/``, where ``manage.py`` finds them too; another bureau's in ``var/<bureau>/``.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import io
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
ROOM_NEEDED = 200 * 1024 * 1024  # bytes
START_SECONDS = 120.0
STOP_SECONDS = 6.0  # then SIGKILL; all is over within 10 seconds
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATE = ["db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "media", "broker", "broker-control", "log"]
STATE += ["static", "static-collected"]


class DemoError(Exception):
    """Why the demo cannot go on: one line for the person who started it."""


class Stopped(BaseException):
    """A signal asks for the end."""


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, flush=True)


def settings_of(environ: Mapping[str, str]) -> tuple[int, str, Path]:
    """Port, bureau and data folder. Raises DemoError on a value that makes no sense."""
    port, bureau = environ.get("PORT") or "8000", environ.get("BUREAU") or "xinhe"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise DemoError(f"端口 PORT={port} 不对，应为 1 到 65535 的数字。")
    known = sorted(path.parent.name for path in ROOT.glob("fixtures/*/bureau.csv"))
    if bureau not in known:
        raise DemoError(f"没有 BUREAU={bureau} 的资料，可用的有：{'、'.join(known)}。")
    default = ROOT / "var" if bureau == "xinhe" else ROOT / "var" / bureau
    return int(port), bureau, Path(environ.get("DATA_DIR") or default).resolve()


@contextlib.contextmanager
def only_one(data: Path, address: str) -> Iterator[None]:
    """Hold the data folder's lock; raises DemoError when another demo has it."""
    with (data / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoError(f"演示已经在运行：{lock.read().strip() or '正在启动'}。") from None
        lock.truncate(0)
        lock.write(f"{address}（进程 {os.getpid()}）")
        lock.flush()
        yield


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise DemoError(f"没有权限使用端口 {port}，请换一个大于 1023 的：PORT=8001 make demo。") from None
        except OSError:
            free = port + 1 if port < 65535 else 8001
            raise DemoError(f"端口 {port} 已被别的程序占用，请换一个：PORT={free} make demo。") from None


def check_room(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < ROOM_NEEDED:
        raise DemoError(f"磁盘空间不足：{data} 只剩 {free // 2**20} MB，至少需要 {ROOM_NEEDED // 2**20} MB。")


def start_over(data: Path) -> None:
    """Remove the demo's state; fonts, backups and the secret key stay."""
    for name in STATE:
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def secret_key_file(data: Path) -> Path:
    """Made once, so that sessions outlive a restart."""
    path = data / "secret-key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path


def collect_static_files(stamp: Path) -> None:
    """Only when a file has changed since `stamp` was written: hashing and compressing takes seconds."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    states = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = os.stat(storage.path(name))
            states.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    value = hashlib.sha256("\n".join(sorted(states)).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != value:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(value)


def prepare_data(address: str) -> str:
    """Migrate, load the demo's people and work, look what is due today, collect the static files.

    Returns the list of accounts.
    """
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    accounts = io.StringIO()
    call_command("load_demo", address=address, stdout=accounts)
    call_command("sweep", stdout=io.StringIO())
    collect_static_files(Path(os.environ["DATA_DIR"]) / "static-collected")
    return accounts.getvalue().rstrip()


LABELS = {"web": "网页（web）", "worker": "后台任务（worker）", "beat": "定时任务（beat）"}


def commands(port: int) -> dict[str, list[str]]:
    """The three processes by name."""
    web = ["gunicorn", "landbureau.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    celery = ["celery", "--app", "landbureau", "--quiet"]
    return {
        "web": [*web, "--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"],
        "worker": [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--pidfile", ""],
    }


def die_with_parent() -> None:
    """The kernel sends SIGTERM to this process when its parent dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches this script only, which ends all in order."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )


def stop(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """End all processes and their children: politely, then not."""
    for process in processes.values():
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    for process in processes.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, end - time.monotonic()))
    for process in processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a child that outlived its parent has the same group
        process.wait()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"信号 {-code}" if code < 0 else f"退出码 {code}"


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until_ready(port: int, processes: Mapping[str, subprocess.Popen[bytes]], logs: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not answers(port):
        for name, process in processes.items():
            if process.poll() is not None:
                raise DemoError(f"{LABELS[name]}没有启动（{how_it_ended(process)}），原因见 {logs}。")
        if time.monotonic() > end:
            raise DemoError(f"{START_SECONDS:.0f} 秒内没有启动完成，原因见 {logs}。")
        time.sleep(0.3)


def make_was_interrupted() -> bool:
    """``kill -INT`` on make alone: its handler, with SIGINT blocked, waits for its command."""
    parent = Path(f"/proc/{os.getppid()}")
    with contextlib.suppress(OSError):
        if (parent / "comm").read_text().strip() in ("make", "gmake"):
            status = (parent / "status").read_text()
            blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
            return bool(blocked & 1 << (signal.SIGINT - 1))
    return False


def watch(processes: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
    """Until a signal comes or the web ends. Without worker or beat the pages go on: the status page tells."""
    told: set[str] = set()
    while not make_was_interrupted():
        for name, process in processes.items():
            if process.poll() is None or name in told:
                continue
            if name == "web":
                raise DemoError(f"{LABELS[name]}意外结束（{how_it_ended(process)}），原因见 {logs}。")
            told.add(name)
            say(f"{LABELS[name]}意外结束（{how_it_ended(process)}），网页照常；重新运行 make demo 可恢复。")
        time.sleep(0.5)


def serve(port: int, data: Path, accounts: str) -> None:
    """Run the three processes until the end. Raises DemoError when they cannot go on."""
    logs = data / "log"
    logs.mkdir(exist_ok=True)
    # What dead workers listened to would fill the filesystem broker with messages that nobody reads.
    shutil.rmtree(data / "broker-control", ignore_errors=True)
    (data / "broker-control").mkdir()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(port).items():
            with (logs / f"{name}.log").open("wb") as log:
                processes[name] = start(command, log)
        wait_until_ready(port, processes, logs)
        say(f"\n演示已就绪：http://127.0.0.1:{port}\n\n{accounts}\n\n按 Ctrl-C 结束。数据在 {data}。")
        watch(processes, logs)
    finally:
        for signum in STOP_SIGNALS:
            signal.signal(signum, signal.SIG_IGN)
        say("正在结束……")
        stop(processes)


def explained(error: Exception) -> str:
    """One line for what commonly goes wrong outside the program."""
    text = " ".join(str(error).split())
    number = getattr(error, "errno", None)
    place = getattr(error, "filename", None) or "数据目录"
    if number == errno.ENOSPC or "disk is full" in text or "No space left" in text:
        return "磁盘已满，请腾出空间后再试。"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "readonly database" in text:
        return f"没有权限写入 {place}。"
    if isinstance(error, OSError):
        return f"不能写入 {place}：{error.strerror or text}。"
    if "unable to open database file" in text:
        return "打不开数据库文件，请检查数据目录的权限。"
    if "connection" in text and type(error).__name__ == "OperationalError":
        return f"连不上数据库：{text}"
    return f"{type(error).__name__}：{text}"


def main() -> int:
    """Exit status: 0 ended by a signal, 1 could not go on."""

    def stopped(signum: int, frame: object) -> None:
        raise Stopped

    for signum in STOP_SIGNALS:
        signal.signal(signum, stopped)
    die_with_parent()
    try:
        port, bureau, data = settings_of(os.environ)
        data.mkdir(parents=True, exist_ok=True)
        with only_one(data, f"http://127.0.0.1:{port}"):
            check_port(port)
            check_room(data)
            if os.environ.get("FRESH", "0") not in ("", "0"):
                if os.environ.get("DATABASE_URL"):
                    raise DemoError("FRESH=1 只清除自带的 SQLite 数据库；DATABASE_URL 指定的库请自行清空。")
                say("清除上次的演示数据")
                start_over(data)
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "landbureau.settings",
                "DEMO": "1",
                "BUREAU": bureau,
                "DATA_DIR": str(data),
                "SECRET_KEY_FILE": str(secret_key_file(data)),
            }
            sys.path.insert(0, str(ROOT))
            say("准备数据库、演示数据和网页文件")
            accounts = prepare_data(f"http://127.0.0.1:{port}")
            say("启动网页、后台任务、定时任务")
            serve(port, data, accounts)
    except Stopped:
        pass
    except DemoError as error:
        print(f"演示不能继续：{error}", file=sys.stderr)
        return 1
    except Exception as error:  # the last line of defence: one line instead of a traceback
        if os.environ.get("DEBUG"):
            raise
        print(f"演示不能继续：{explained(error)}", file=sys.stderr)
        return 1
    say("演示已结束。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
