"""Which spellings of a host there are, and what a name's addresses must be like."""

from __future__ import annotations

import ipaddress
import socket

import gevent.socket
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.leave import Leave, NotAllowedError, allowed_places
from harness.engine.target_errors import UnreachableError
from harness.scenario.hosts import HostError, canonical_host, canonical_leave, canonical_url, embedded
from harness.scenario.model import Target


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("Shop.Example", "shop.example"),
        ("shop.example.", "shop.example"),
        ("LOCALHOST", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[2001:DB8::0001]", "2001:db8::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ＬＯＣＡＬＨＯＳＴ", "localhost"),
        ("１２７。０。０。１", "127.0.0.1"),
        ("my_service", "my_service"),
        ("127.0.0.1.nip.example", "127.0.0.1.nip.example"),
        ("0x7f.example", "0x7f.example"),
    ],
)
def test_harmless_spellings_become_one(written, host):
    assert canonical_host(written) == host


LOOPBACKS = (
    "2130706433", "017700000001", "0x7f000001", "0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1", "0X7F.1", "127.0.0.01",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "[64:ff9b:1::7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]",
)  # fmt: skip


@pytest.mark.parametrize("written", LOOPBACKS)
def test_spellings_that_hide_the_loopback_are_refused_with_the_usual_one(written):
    with pytest.raises(HostError) as caught:
        canonical_host(written)
    assert caught.value.label == "write 127.0.0.1"


@pytest.mark.parametrize(
    "written",
    ["0.0.0.0", "[::]", "0", "00.0.0.0", "[fe80::1%eth0]", "[fe80::1%25eth0]", "300.1.1.1", "1.2.3.4.5", "256", "", ".",
     "a..b", "-a.example", "a b", "127.0.0%2e1", "ann@shop.example", "a" * 64, "a." * 130 + "b", "[]", "[::1", "[shop]",
     "255.255.255.255", "224.0.0.1", "[ff02::1]", "xn--\u0000", "4294967296", "0x", "1e3", "shop\\.example"],
)  # fmt: skip
def test_what_is_no_host(written):
    if written == "1e3":  # a name: nobody reads it as a number
        assert canonical_host(written) == "1e3"
        return
    with pytest.raises(HostError) as caught:
        canonical_host(written)
    assert str(caught.value)


@given(st.text(max_size=40))
def test_a_host_stays_what_it_has_become(text):
    try:
        host = canonical_host(text)
    except HostError:
        return
    assert canonical_host(host) == host
    assert host.isascii()
    assert host == host.lower()


@given(st.ip_addresses(v=4), st.sampled_from(["{0}", "{0:#x}", "0{0:o}"]))
def test_numbers_are_read_as_systems_read_them(address, form):
    """Our reading of odd spellings is inet_aton's, so that what is suggested is what would have been reached."""
    written = form.format(int(address))
    with pytest.raises(HostError) as caught:
        canonical_host(written)
    if caught.value.label.startswith("write "):
        meant = caught.value.label.split()[1]
        assert int(address) == 0 or meant == socket.inet_ntoa(socket.inet_aton(written))


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_seen(address):
    number = int(address)
    for base in ("::ffff:0:0", "64:ff9b::"):
        assert embedded(ipaddress.ip_address(int(ipaddress.ip_address(base)) + number)) == address
    assert embedded(ipaddress.IPv6Address((0x2002 << 112) + (number << 80))) == address


def test_urls_keep_the_rest():
    assert canonical_url("https://Bücher.EXAMPLE.:8443/Base/") == "https://xn--bcher-kva.example:8443/Base/"
    assert canonical_url("http://[0:0::1]:80/x") == "http://[::1]:80/x"
    for wrong in ("http://a:b@shop.example", "http://shop.example:0", "http://shop.example:123456", "http://[::1]x:1"):
        with pytest.raises(HostError):
            canonical_url(wrong)


def test_leave_is_for_hosts_and_networks():
    assert canonical_leave("Shop.Example.") == "shop.example"
    assert canonical_leave("10.0.0.0/8") == "10.0.0.0/8"
    for wrong in ("http://[", "https://shop.example", "10.0.0.1/8", "0x7f.1", "shop/24"):
        with pytest.raises(HostError):
            canonical_leave(wrong)


class Resolver:
    """A name service that says what it is told to, and keeps what it was asked."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        self.known = known
        self.asked: list[str] = []

    def __call__(self, host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002 - getaddrinfo's own
        self.asked.append(host)
        if host not in self.known:
            raise socket.gaierror(-2, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port or 0))
            for each in self.known[host]
        ]


@pytest.fixture
def names(monkeypatch):
    def known(**hosts: list[str]) -> Resolver:
        resolver = Resolver({name.replace("_", "."): addresses for name, addresses in hosts.items()})
        monkeypatch.setattr(gevent.socket, "getaddrinfo", resolver)
        return resolver

    return known


def target(host: str, proxy: str = "") -> Target:
    return Target("http", f"http://{host}", "test", proxy=proxy)


@pytest.mark.parametrize(
    ("host", "addresses", "leave"),
    [
        ("localhost", ["127.0.0.1", "::1"], []),
        ("shop.example", ["93.184.216.34", "2606:2800:220:1::1"], ["shop.example"]),
        ("shop.example", ["10.1.2.3"], ["shop.example", "10.1.2.3"]),
        ("shop.example", ["10.1.2.3"], ["shop.example", "10.0.0.0/8"]),
        ("shop.example", ["64:ff9b::5db8:d822"], ["shop.example"]),
        ("shop.example", ["127.0.0.1"], ["shop.example", "127.0.0.1"]),
        ("shop.internal", ["10.1.2.3"], ["shop.internal"]),
        ("shop", ["172.18.0.3"], ["shop"]),
        ("shop.test", ["127.0.0.1"], ["shop.test"]),
        ("shop.localhost", ["127.0.0.1"], ["shop.localhost"]),
    ],
)
def test_what_is_allowed_is_held(names, host, addresses, leave):
    resolver = names(**{host.replace(".", "_"): addresses})
    held = allowed_places(f"http://{host}", target(host), Leave.of(leave))
    assert held.at(host) == tuple(addresses)
    assert resolver.asked == [host]


@pytest.mark.parametrize(
    ("host", "addresses", "leave", "way_out"),
    [
        ("localhost", ["93.184.216.34"], [], "93.184.216.34"),
        ("localhost", ["10.0.0.1"], [], "10.0.0.1"),
        ("shop.example", ["10.1.2.3"], ["shop.example"], "10.1.2.3"),
        ("shop.example", ["93.184.216.34", "10.1.2.3"], ["shop.example"], "10.1.2.3"),
        ("shop.example", ["127.0.0.1"], ["shop.example"], "127.0.0.1"),
        ("shop.example", ["::ffff:127.0.0.1"], ["shop.example"], "127.0.0.1"),
        ("shop.example", ["64:ff9b::a00:1"], ["shop.example"], "10.0.0.1"),
        ("shop.example", ["169.254.169.254"], ["shop.example"], "169.254.169.254"),
        ("shop.example", ["100.64.1.1"], ["shop.example"], "100.64.1.1"),
        ("shop.internal", ["169.254.169.254"], ["shop.internal"], "169.254.169.254"),
        ("shop.internal", ["93.184.216.34"], ["shop.internal"], "93.184.216.34"),
    ],
)
def test_a_name_that_leads_elsewhere_takes_more_leave(names, host, addresses, leave, way_out):
    names(**{host.replace(".", "_"): addresses})
    with pytest.raises(NotAllowedError, match=f"--allow-host {way_out}"):
        allowed_places(f"http://{host}", target(host), Leave.of(leave))
    allowed_places(f"http://{host}", target(host), Leave.of([*leave, way_out]))


@pytest.mark.parametrize("nowhere", ["0.0.0.0", "::", "::ffff:0.0.0.0"])
def test_a_name_that_leads_nowhere(names, nowhere):
    names(shop_example=[nowhere])
    with pytest.raises(NotAllowedError, match="the address of no host"):
        allowed_places("http://shop.example", target("shop.example"), Leave.of(["shop.example", "0.0.0.0/0", "::/0"]))


def test_nobody_is_asked_for_a_host_without_leave(names):
    resolver = names(shop_example=["93.184.216.34"])
    with pytest.raises(NotAllowedError, match=r"--allow-host shop\.example"):
        allowed_places("http://shop.example", target("shop.example"), Leave.of(["example", "xshop.example"]))
    assert resolver.asked == []


def test_a_name_that_is_not_known(names):
    names()
    with pytest.raises(UnreachableError, match="its name cannot be resolved"):
        allowed_places("http://shop.example", target("shop.example"), Leave.of(["shop.example"]))


def test_through_a_proxy_both_need_leave_and_the_proxy_is_held(names):
    resolver = names(proxy_example=["93.184.216.34"])
    through = target("shop.example", "http://proxy.example:3128")
    for leave in ([], ["shop.example"], ["proxy.example"]):
        with pytest.raises(NotAllowedError):
            allowed_places("http://shop.example", through, Leave.of(leave))
    held = allowed_places("http://shop.example", through, Leave.of(["shop.example", "proxy.example"]))
    assert held.hosts == (("proxy.example", ("93.184.216.34",)),)
    assert resolver.asked == ["proxy.example"], "the proxy asks for the target itself"


def test_the_loopback_of_another_machine_is_not_ours(names):
    names(proxy_example=["93.184.216.34"])
    through = target("127.0.0.1", "http://proxy.example:3128")
    with pytest.raises(NotAllowedError, match="through a proxy no host is this machine"):
        allowed_places("http://127.0.0.1", through, Leave.of(["proxy.example"]))
    allowed_places("http://127.0.0.1", target("127.0.0.1", "http://127.0.0.1:3128"), Leave())
