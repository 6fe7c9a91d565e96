"""Whose address a request has: never one that the client may choose."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as fast
from hypothesis import strategies as st
from pytest_django import Settings

from landbureau.web.network import client_ip

relaxed = fast(suppress_health_check=[HealthCheck.function_scoped_fixture])
ADDRESS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
JUNK = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)
PROXIES = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"]
PUBLIC = st.one_of(
    st.integers(0x0B000000, 0x7EFFFFFF).map(lambda n: str(IPv4Address(n))),  # 11.0.0.0 to 126.255.255.255
    st.integers(0x2001 << 112, (0x2002 << 112) - 1).map(lambda n: str(IPv6Address(n))),
)
PROXY = st.one_of(
    st.integers(0x0A000000, 0x0AFFFFFF).map(lambda n: str(IPv4Address(n))),
    st.integers(0xFD << 120, (0xFE << 120) - 1).map(lambda n: str(IPv6Address(n))),
)


def seen(remote: str, *forwarded: str) -> str | None:
    headers = {"x-forwarded-for": ", ".join(forwarded)} if forwarded else {}
    return client_ip(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@relaxed
@given(remote=ADDRESS, forged=st.lists(st.one_of(ADDRESS, JUNK), max_size=4))
def test_without_proxies_the_header_is_never_read(settings: Settings, remote: str, forged: list[str]) -> None:
    settings.TRUSTED_PROXIES = []
    address = ip_address(remote)
    assert seen(remote, *forged) == str(getattr(address, "ipv4_mapped", None) or address)


@relaxed
@given(
    client=PUBLIC,
    forged=st.lists(st.one_of(ADDRESS, JUNK), max_size=4),
    proxies=st.lists(PROXY, min_size=1, max_size=4),
)
def test_behind_any_number_of_proxies_what_the_client_wrote_is_ignored(
    settings: Settings, client: str, forged: list[str], proxies: list[str]
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    *inner, nearest = proxies
    assert seen(nearest, *forged, client, *inner) == client


@relaxed
@given(client=PUBLIC, forged=st.lists(ADDRESS, max_size=3))
def test_a_client_that_comes_directly_cannot_pose_as_another(
    settings: Settings, client: str, forged: list[str]
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    assert seen(client, *forged) == client


@relaxed
@given(remote=st.one_of(PROXY, PUBLIC), header=st.lists(JUNK, max_size=3))
def test_garbage_gives_an_address_or_none_and_never_an_error(
    settings: Settings, remote: str, header: list[str]
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    found = seen(remote, *header)
    assert found is None or found.replace(".", "").replace(":", "").isalnum()


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", None),
        ("203.0.113.999", None),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_ports_brackets_and_mapped_addresses(settings: Settings, hop: str, address: str | None) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert seen("127.0.0.1", hop) == address


def test_a_mapped_proxy_is_the_same_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert seen("::ffff:10.0.0.1", "203.0.113.7") == "203.0.113.7"


def test_only_proxies_named_gives_the_farthest_of_them(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert seen("10.0.0.1", "10.0.0.2") == "10.0.0.2"
    assert seen("10.0.0.1") == "10.0.0.1"


def test_a_socket_without_an_address_has_none(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert seen("") is None
