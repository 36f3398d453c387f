"""The pages in a real browser: no error in the console, readable on a telephone, usable by keyboard, no axe violation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.looks import ANSWERED, clean

PAGES = [
    "/",
    "/questions",
    "/page/pact",
    "/page/pact/russia-dprk-csp-2024",
    "/page/state/north-korea",
    "/page/person/vladimir-putin",
    "/page/claim/us-rok-arms-2024-us",
    "/page/proposition/dprk-arms-to-russia",
    "/page/event/aurus-ride-2024",
    "/page/vocab/domain",
    "/page/vocab/domain/health",
    "/page/ns",
    "/search?q=korea",
    "/sparql",
    "/sparql?query=SELECT+*+%7B+%3Fs+a+%3Chttps%3A%2F%2Fw3id.org%2Fpactgraph%2Fns%23Pact%3E+%7D",
    "/sparql?query=SELECT",
    "/download",
    "/agreement",
    "/conflicts",
    "/nothing",
]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, served_url: str) -> Iterator[Page]:
    context = browser.new_context(base_url=served_url)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_without_fault(page: Page, path: str) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    response = page.goto(path)
    assert response is not None
    clean(page)
    assert [fault for fault in faults if f"status of {response.status}" not in fault] == []


def test_a_reader_finds_the_treaty_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Search by name or code").focus()
    page.keyboard.type("Comprehensive Strategic Partnership between the Russian Federation and the Democratic")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Treaty on Comprehensive Strategic Partnership between the Russian").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/pact/russia-dprk-csp-2024")
    page.get_by_role("link", name="article 4").first.click()
    page.wait_for_url("**#article-4")
    expect(page.locator("#article-4").get_by_text("mutual", exact=False).first).to_be_visible()


def test_a_reader_asks_a_question(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible(timeout=ANSWERED)
    expect(page.get_by_role("table").get_by_text("Treaty on Comprehensive Strategic Partnership").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).evaluate("link => { link.download = 'answer.csv'; link.click() }")
    assert "russia-dprk-csp-2024" in download.value.path().read_text(encoding="utf-8")
