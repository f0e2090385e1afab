"""Where a webhook may go: public addresses, looked up once and then held on to, so that no name changes its mind."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class AddressRefused(Exception):
    """Nothing is sent there. `code`: bad, internal, plain (http where only https may be), unknown_host."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL: `address` is what to connect to, `host` whom to ask for."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def name(self) -> str:
        """Host and port, as one says them."""
        return f"{self.host}:{self.port}"


def look_up(url: str, internal: Sequence[Network]) -> Target:
    """Check a URL and look its host up. Raises `AddressRefused`.

    One forbidden address among several refuses the host: which of them answers is not ours to choose.
    """
    scheme, host, port, path = parts_of(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("unknown_host") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise AddressRefused("unknown_host")
    is_allowed = all(any(address in network for network in internal) for address in addresses)
    if not is_allowed and not all(is_public(address) for address in addresses):
        raise AddressRefused("internal")
    if scheme == "http" and not is_allowed:
        raise AddressRefused("plain")
    return Target(scheme, host, port, path, str(addresses[0]))


def parts_of(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of a webhook's URL. Raises `AddressRefused("bad")`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("bad") from error
    clean = url.isascii() and url.isprintable() and " " not in url
    if not clean or parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise AddressRefused("bad")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], path


def is_public(address: IpAddress) -> bool:
    """Whether an address is of the open internet, the IPv4 address hidden in an IPv6 one included."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None and not is_public(hidden):
            return False
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
