"""The page in a browser at desktop and phone width: nothing overflows, fails, loads or is out of reach."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from reports.render import render

playwright = pytest.importorskip("playwright.sync_api", reason="install the test extra for the page tests")
WIDTHS = [1280, 390]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, full_world) -> Iterator:
    """Opens the report; afterwards there must have been no console message, error or network request."""
    path = render(full_world.folder, full_world.page, full_world.root)
    troubles: list[str] = []
    contexts = []

    def open_at(width: int, scheme: str = "light", script: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url))
        page.goto(path.as_uri())
        troubles.remove(path.as_uri())
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert troubles == []


def _open_all(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    page.wait_for_timeout(100)  # toggle events are sent after the fact


@pytest.mark.parametrize("width", WIDTHS)
def test_no_sideways_scrolling_even_with_everything_open(open_page, width: int) -> None:
    page = open_page(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    _open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_wide_boxes_scroll_and_can_be_reached_by_keyboard(open_page) -> None:
    page = open_page(390)
    _open_all(page)
    wide = "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 1)"
    assert page.evaluate(f"{wide}.length") > 3
    assert page.evaluate(f"{wide}.every(box => box.tabIndex === 0 && box.getAttribute('aria-label'))")


@pytest.mark.parametrize("width", WIDTHS)
def test_filter_and_count(open_page, width: int) -> None:
    page = open_page(width)
    rows = page.locator("#summary-table tbody tr:visible")
    everything = rows.count()
    page.get_by_label("Search").fill("NORM_sandwich")
    assert rows.count() == 1 and page.locator("#filter-count").inner_text() == f"1 of {everything} claims"
    page.get_by_label("Search").fill("")
    page.get_by_role("combobox", name="Proof").select_option("stale")
    assert rows.all_inner_texts()[0].startswith("Old") and rows.count() == 1
    page.get_by_role("combobox", name="Battery").select_option("holds")
    assert rows.count() == 0


def test_sorting_by_keyboard_both_ways(open_page) -> None:
    page = open_page(1280)
    column = page.locator("#summary-table thead th", has_text="Proof")
    column.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert column.get_attribute("aria-sort") == "ascending"
    read = "[...document.querySelectorAll('#summary-table tbody tr')].map(row => row.dataset.proof)"
    up = page.evaluate(read)
    assert up[0] == "proved" and up[-1] == "stale"
    page.keyboard.press("Enter")
    assert column.get_attribute("aria-sort") == "descending"
    assert page.evaluate(read)[0] == "stale"


def test_a_link_into_a_closed_proof_opens_it(open_page) -> None:
    page = open_page(1280)
    page.evaluate("location.hash = 'l1_rate--norm_sandwich-proof'")
    page.wait_for_function("document.getElementById('l1_rate--norm_sandwich-proof').open")


def test_without_script_the_page_is_whole_and_the_filter_is_not_offered(open_page) -> None:
    page = open_page(1280, script=False)
    assert page.locator("#summary-table tbody tr:visible").count() == 8
    assert not page.get_by_label("Search").is_visible()


def test_the_browser_renders_the_formulas_as_mathematics(open_page) -> None:
    page = open_page(1280)
    box = page.locator(".part math mfrac").first.bounding_box()
    assert box is not None and box["height"] > 30, "a fraction is set on two lines"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_accessibility_by_axe(open_page, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is in the test extra")
    page = open_page(width, scheme)
    _open_all(page)
    result = axe.Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
