"""What the tests of pages share: what every page must be, and how long an answer may take."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

ANSWERED = 30_000  # ms; a click does not wait for the page that it asks for


def clean(page: Page) -> None:
    """Check that axe finds nothing, in the light and in the dark, and that nothing is wider than a telephone."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        results = Axe().run(page)
        assert results.violations_count == 0, f"{scheme}: {results.generate_report()}"
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
