"""One piece, one canonical address; and nobody sends us to a private one."""

import pytest

from records.address import canonical_address, host_and_port, is_public_ip, is_web_address, item_id

SAME = [
    "https://vnexpress.net/a-b-123.html",
    "http://www.vnexpress.net/a-b-123.html#box_comment",
    "https://m.vnexpress.net/a-b-123.html?utm_source=fb&utm_medium=x",
    "https://vnexpress.net:443/a-b-123.html?fbclid=abc&zarsrc=30",
    "https://amp.vnexpress.net/a-b-123.amp.html/",
    "https://VNEXPRESS.net/amp/a-b-123.html?gidzl=Z",
]


@pytest.mark.parametrize("address", SAME)
def test_all_addresses_of_one_piece_have_one_id(address: str) -> None:
    assert canonical_address(address) == SAME[0]
    assert item_id(address) == item_id(SAME[0])


def test_parameters_that_say_which_piece_it_is_stay() -> None:
    assert canonical_address("https://youtube.com/watch?v=b&t=1") != canonical_address(
        "https://youtube.com/watch?v=c&t=1"
    )
    assert canonical_address("http://a.vn/?b=2&a=1") == canonical_address("https://a.vn?a=1&b=2")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.vn", "//a.vn", "", "http://u:p@a.vn/"]
)
def test_what_is_not_a_web_address_has_no_canonical_form(address: str) -> None:
    assert not is_web_address(address)
    with pytest.raises(ValueError, match="not a web address"):
        canonical_address(address)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.1.1", "192.168.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
     "100.64.0.1", "224.0.0.1", "0.0.0.0", "fe80::1%eth0", "2002:7f00:1::", "not an ip"],
)  # fmt: skip
def test_private_addresses_are_not_public(ip: str) -> None:
    assert not is_public_ip(ip)


def test_a_public_address_is() -> None:
    assert is_public_ip("8.8.8.8")
    assert is_public_ip("2606:4700::1111")


def test_host_and_port() -> None:
    assert host_and_port("https://A.vn/x") == ("a.vn", 443)
    assert host_and_port("http://127.0.0.1:8910/x") == ("127.0.0.1", 8910)
