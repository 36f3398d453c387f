"""The page that validates, in a real browser: a reader pastes a text, mends it, and meets no axe violation on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.web.test_validate import BAD, GOOD


@pytest.fixture
def page(chromium: str, served_url: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_context(base_url=served_url).new_page()
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_validates_a_text(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/validate")
    clean(page)
    page.get_by_label("RDF, or a curated file").fill(BAD)
    page.get_by_role("button", name="Validate").click()
    assert page.get_by_role("heading", name="The data does not conform").is_visible()
    assert page.get_by_role("row", name="Give every label a language").get_by_text("16", exact=True).is_visible()
    clean(page)
    page.get_by_label("RDF, or a curated file").fill("<a>")
    page.get_by_role("button", name="Validate").click()
    assert page.get_by_role("alert").get_by_text("line 1").is_visible()
    clean(page)
    page.get_by_label("RDF, or a curated file").fill(GOOD)
    page.get_by_label("Format").select_option("YAML-LD")
    page.get_by_role("button", name="Validate").click()
    assert page.get_by_role("heading", name="The data conforms").is_visible()
    assert page.get_by_label("Format").input_value() == "application/yaml", "the choice is kept"
    clean(page)


def clean(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
