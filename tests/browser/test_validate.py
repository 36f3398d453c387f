"""The page that validates, in a real browser: a reader pastes a text, mends it, and meets no axe violation on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.looks import ANSWERED, clean
from tests.web.test_validate import BAD, GOOD


@pytest.fixture
def page(chromium: str, served_url: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_context(base_url=served_url).new_page()
        browser.close()


def test_a_reader_validates_a_text(page: Page) -> None:
    page.goto("/validate")
    clean(page)
    page.get_by_label("RDF, or a curated file").fill(BAD)
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_role("heading", name="The data does not conform")).to_be_visible(timeout=ANSWERED)
    expect(page.get_by_role("row", name="Give every label a language").get_by_text("16", exact=True)).to_be_visible()
    clean(page)
    page.get_by_label("RDF, or a curated file").fill("<a>")
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_role("alert").get_by_text("line 1")).to_be_visible(timeout=ANSWERED)
    clean(page)
    page.get_by_label("RDF, or a curated file").fill(GOOD)
    page.get_by_label("Format").select_option("YAML-LD")
    page.get_by_role("button", name="Validate").click()
    expect(page.get_by_role("heading", name="The data conforms")).to_be_visible(timeout=ANSWERED)
    assert page.get_by_label("Format").input_value() == "application/yaml", "the choice is kept"
    clean(page)
