"""Addresses that pages and sitemaps hold: one spelling for each page, and nothing from what is none."""

from __future__ import annotations

import gzip

import pytest

from rag.connectors.safe_fetch import Response
from rag.connectors.web_sitemap import parse_sitemap
from rag.connectors.web_urls import Scope, Variants, canonical


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("HTTP://Example.ORG:80/a/../b?z=1&a=2#x", "http://example.org/b?a=2&z=1"),
        ("https://example.org:443?utm_source=x&gclid=1&fbclid=2", "https://example.org/"),
        ("https://example.org/a;jsessionid=0A1B?sid=0123456789abcdef&p=1", "https://example.org/a?p=1"),
        ("https://example.org./%7Ea/ñ", "https://example.org/~a/%C3%B1"),
        ("https://example.org/x?sid=7", "https://example.org/x?sid=7"),
    ],
)
def test_one_spelling_for_each_page(one: str, same: str) -> None:
    """Addresses that mean the same are the same, and stay so when spelt again."""
    assert canonical(one) == same
    assert canonical(same) == same


@pytest.mark.parametrize(
    "link",
    [
        "",
        "//[::1]@",
        "http://[",
        "http://x:99999/",
        "mailto:a@b",
        "https://user@example.org/",
        "http://a\udcff/",
        "xn--\x7f://",
        "//",
    ],
)
def test_what_is_no_address_belongs_to_no_site(link: str) -> None:
    """Whatever a page has for links, the crawl goes on."""
    assert Scope("https://example.org/").inside(link) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<urlset><url><loc> http://x/1 </loc></url><url/></urlset>", ["http://x/1"]),
        (b"\xef\xbb\xbfhttp://x/1\nnothing\nhttps://x/2", ["http://x/1", "https://x/2"]),
        (b"<!DOCTYPE u [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&e;</loc></url></urlset>", [""]),
        (gzip.compress(b"x" * 50_000_000), []),
        (b"\x1f\x8bbroken", []),
        (b"<", []),
        (b"", []),
    ],
)
def test_sitemaps_of_all_kinds(data: bytes, found: list[str]) -> None:
    """XML and text, packed or not; entities stay closed and a bomb is cut."""
    assert parse_sitemap(Response("http://x/sitemap", 200, {}, data)) == (found, [])


@pytest.mark.parametrize(
    "path", ["/a/b/a/b/a/b/", "/" + "x/" * 17, "/?" + "&".join(f"{key}=1" for key in "abcdefg"), "/" + "x" * 1000]
)
def test_traps_are_not_entered(path: str) -> None:
    """Paths that turn in circles or never end, and filters upon filters."""
    assert Scope("https://example.org/").inside("https://example.org" + path) is None


def test_variants_of_a_path_have_an_end() -> None:
    """Fifty combinations of parameters for one path, no more; one parameter alone, or none, always counts."""
    variants = Variants()
    assert sum(variants.admits(f"https://example.org/lista?filtro={number}&orden=1") for number in range(80)) == 50
    assert sum(variants.admits(f"https://example.org/lista?id={number}") for number in range(80)) == 80
    assert variants.admits("https://example.org/lista")
