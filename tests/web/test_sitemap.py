"""The list of pages for search engines."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import requests

from pactgraph.packed import Packed
from pactgraph.release import Content, publish
from tests.conftest import serving

BASE = "https://w3id.org/pactgraph/"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(url: str, path: str, root: str) -> list[str]:
    response = requests.get(url + path, timeout=30)
    assert (response.status_code, response.headers["Content-Type"].split(";")[0]) == (200, "application/xml")
    tree = ET.fromstring(response.content)
    assert tree.tag == SITEMAP + root
    assert all(element.text == "2026-11-24" or root == "sitemapindex" for element in tree.iter(f"{SITEMAP}lastmod"))
    return [element.text or "" for element in tree.iter(f"{SITEMAP}loc")]


def test_the_sitemap_lists_every_page_once(served_url: str) -> None:
    found = locations(served_url, "/sitemap.xml", "urlset")
    assert len(found) == len(set(found)) > 1000
    for path in ("/", "/page/ns", "/page/pact", "/page/pact/russia-dprk-csp-2024", "/page/vocab/domain/health"):
        assert served_url + path in found
    for address in found[::97]:
        assert requests.get(address, headers={"Accept": "text/html"}, timeout=30).status_code == 200, address
    robots = requests.get(f"{served_url}/robots.txt", timeout=30).text
    assert f"\nSitemap: {served_url}/sitemap.xml\n" in robots


def test_many_pages_are_listed_in_parts(tmp_path: Path) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    lines = (f'<{BASE}id/state/s{n:06}> {label} "{n}" <{BASE}graph/curated> .\n' for n in range(50_050))
    publish(Content("0.0.1", "2026-01-01", Packed.of(line.encode() for line in lines), {}), tmp_path)
    with serving(tmp_path) as url:
        parts = locations(url, "/sitemap.xml", "sitemapindex")
        assert parts == [f"{url}/sitemap-1.xml", f"{url}/sitemap-2.xml"]
        first, second = (
            [element.text for element in ET.fromstring(requests.get(part, timeout=60).content).iter(f"{SITEMAP}loc")]
            for part in parts
        )
        assert len(first) == 50_000
        states = {address for address in (*first, *second) if address and "/page/state/" in address}
        assert len(states) == 50_050
        assert requests.get(f"{url}/sitemap-3.xml", timeout=30).status_code == 404
