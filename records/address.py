"""Addresses on the web: one canonical form, from which an item's id is derived; and of mail. Pure.

The canonical form is a key, not a link: pages are fetched at, and people are sent to, the address as it was given.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

#: Query parameters that say where a reader came from, never which piece it is.
_TRACKING = re.compile(
    r"^(utm_\w*|fbclid|gclid|gclsrc|dclid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_[ce]id|_ga|_gl|_hs\w+|zarsrc|gidzl"
    r"|zalo_\w+|ref|ref_src|ref_url|spm|share|shared?_from|vn_source|vn_medium|vn_campaign|vn_term|vn_thumb|vn_aid"
    r"|mibextid|rdid|feature|si|at_\w+|cmpid|ocid|output|amp|outputtype)$",
    re.I,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_AMP_PATH = re.compile(r"(/amp(?=/|$)|\.amp(?=\.html?$|$)|-amp(?=\.html?$))", re.I)
#: A comment's own place on the page that it stands under: it is a piece of its own.
_COMMENT = re.compile(r"(comment|cmt|binh-?luan|reply|post)[-_]?\d{1,20}", re.I)
#: One mailbox: no blanks, no control characters, a host with a point in it, or this machine's.
_MAILBOX = re.compile(r"[^\s@<>\"(),:;\\]+@(?:[\w-]+(?:\.[\w-]+)+|localhost)")
_HOST_PREFIX = re.compile(r"^(www\d?|m|mobile|amp)\.(?=[^.]+\.)", re.I)


def is_web_address(address: str) -> bool:
    """Whether `address` is http(s) with a host and no user name: what may be shown as a link or asked for."""
    try:
        parts = urlsplit(address.strip())
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False


def is_mail_address(text: str) -> bool:
    """Whether `text` is one mail address, without a name beside it."""
    return bool(_MAILBOX.fullmatch(text))


def canonical_address(address: str) -> str:
    """One form for all addresses of the same piece.

    https, host in lower case without www., m. or amp., no default port, no tracking parameter, the other parameters
    sorted, no /amp, no trailing slash, no fragment but one that numbers a comment. Raises ValueError when `address` is
    not a web address.
    """
    if not is_web_address(address):
        raise ValueError(f"not a web address: {address[:200]!r}")
    parts = urlsplit(address.strip())
    host = (parts.hostname or "").rstrip(".")
    while match := _HOST_PREFIX.match(host):
        host = host[match.end() :]
    host = host.encode("idna").decode() if not host.isascii() else host
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme]:
        host += f":{parts.port}"
    path = re.sub(r"/{2,}", "/", quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._")).rstrip("/")
    path = _AMP_PATH.sub("", path)
    query = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    comment = f"#{parts.fragment.lower()}" if _COMMENT.fullmatch(parts.fragment) else ""
    return f"https://{host}{path}" + (f"?{urlencode(query)}" if query else "") + comment


def item_id(address: str) -> str:
    """The id of the item at `address`: 20 hex digits of the sha256 of its canonical address."""
    return hashlib.sha256(canonical_address(address).encode()).hexdigest()[:20]


def host_and_port(address: str) -> tuple[str, int]:
    """What "exactly its host and port" means for an address that the operator typed."""
    parts = urlsplit(address.strip())
    return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def is_public_ip(ip: str) -> bool:
    """Whether a page, a redirect or a citizen may send us to `ip` (the address connected to, not a name)."""
    try:
        parsed = ipaddress.ip_address(ip.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is None and parsed in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_ip(str(inner))
    return parsed.is_global and not parsed.is_multicast
