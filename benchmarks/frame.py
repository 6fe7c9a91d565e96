"""The frame: what a page costs beyond Django, signing in, and fifty readers at once."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import quantiles
from time import perf_counter

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse

from benchmarks import Result, in_turn
from landbureau.accounts.demo import demo_accounts
from landbureau.accounts.models import User

READERS, PAGES = 50, 8


def measure() -> Iterator[Result]:
    account = demo_accounts()[0]
    user = User.objects.get(username=account.username)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    # Bars against regression, no aims: half as much again as measured on an idle machine (9.6, 26.3, 4.3).
    for name, address, bar in (
        ("desk against a bare view", reverse("home:desk"), 14.5),
        ("list of time limits against a bare view", reverse("workdays:deadlines"), 40.0),
        ("public page against a bare view", reverse("publicservice:start"), 6.5),
    ):
        page, bare = in_turn(partial(_get, client, address), partial(_get, client, "/bare/"), 80)
        yield Result(name, page, "ms", bare, bar=bar)

    def sign_in() -> None:
        answer = Client(SERVER_NAME="localhost").post(
            reverse("accounts:login"), {"username": account.username, "password": account.password}
        )
        assert answer.status_code == 302, answer.status_code

    signed_in, hashed = in_turn(sign_in, lambda: check_password(account.password, user.password), 8)
    yield Result("sign-in against its password hash", signed_in, "ms", hashed, bar=1.5)
    yield from parallel_readers(client.cookies[settings.SESSION_COOKIE_NAME].value)


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


def parallel_readers(session: str) -> Iterator[Result]:
    """One reader, then fifty, against a real server of two processes; no request may fail."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "landbureau.wsgi",
            "-b",
            f"127.0.0.1:{port}",
            "-w",
            "2",
            "--threads",
            "4",
        ],
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)

        def read(pages: int) -> list[float]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            taken = []
            for _ in range(pages):
                start = perf_counter()
                connection.request(
                    "GET", "/desk/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
                )
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, answer.status
                taken.append((perf_counter() - start) * 1000)
            return taken

        read(10)
        start = perf_counter()
        read(60)
        alone = 60 / (perf_counter() - start)
        start = perf_counter()
        with ThreadPoolExecutor(READERS) as pool:
            times = [t for taken in pool.map(read, [PAGES] * READERS) for t in taken]
        together = len(times) / (perf_counter() - start)
    finally:
        server.terminate()
        server.wait(10)
    yield Result(
        "50 readers' pages against one reader's",
        round(together, 1),
        "pages/s",
        round(alone, 1),
        1.0,
        at_least=True,
    )
    yield Result("50 readers, slowest of 20 (95 %)", round(quantiles(times, n=20)[-1], 0), "ms")


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
