"""The browser sees what a page does wrong: each page here has one mistake, and is told apart from one without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.browser import Browser, BrowserError, Seen, View

PICTURE = "<svg width=90 height=30><rect width=90 height=30 fill=navy /><text y=20 fill={ink}>{ink}</text></svg>"
HEAD = "<!doctype html><html lang=en><meta name=viewport content='width=device-width,initial-scale=1'><title>t</title>"
PAGES = {
    "good": "<p>Easy to read</p>" + PICTURE.format(ink="white"),
    "wide": "<p>Short</p><div style='width:900px'>as wide as no phone</div>",
    "scrolling": "<div style='overflow-x:auto'><div style='width:900px'>in a box that scrolls</div></div>",
    "faint": "<p style='color:#999'>grey on white</p><p style='color:#fff;background:#000'>white on black</p>",
    "faint_in_svg": PICTURE.format(ink="black"),
    "hidden": "<p>Seen</p><p style='display:none;color:#fff'>not seen</p>",
    "curious": "<p>Asks</p><img src='https://example.com/pixel.png' alt=''>",
    "script": "<p>Throws</p><script>throw new Error('told')</script>",
    "long": "<p style='height:1500px'>Top</p><p>Bottom</p>",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seen]]:
    folder = tmp_path_factory.mktemp("pages")
    for name, body in PAGES.items():
        (folder / f"{name}.html").write_text(HEAD + body, encoding="utf-8")
    with Browser() as browser:
        views = [View((folder / f"{name}.html").as_uri(), width=390) for name in PAGES]
        yield dict(zip(PAGES, browser.look(views), strict=True))


def test_a_good_page_has_nothing(seen: dict[str, Seen]) -> None:
    good = seen["good"]
    assert (good.sticks_out, good.faint, good.refused, good.errors, good.printed_pages) == (False, (), (), (), 1)
    assert good.texts == 2
    assert good.text.startswith("Easy to read")


def test_what_sticks_out_is_named_unless_it_scrolls_in_itself(seen: dict[str, Seen]) -> None:
    assert seen["wide"].sticks_out
    assert seen["wide"].sticking_out == ('div "as wide as no phone"',)
    assert not seen["scrolling"].sticks_out


def test_faint_text_is_measured_against_what_lies_below_it(seen: dict[str, Seen]) -> None:
    [grey] = seen["faint"].faint
    assert (grey.element, grey.contrast) == ('p "grey on white"', 2.85)
    assert [one.element for one in seen["faint_in_svg"].faint] == ['text "black"']
    assert seen["hidden"].texts == 1


def test_a_request_to_elsewhere_is_refused_and_named(seen: dict[str, Seen]) -> None:
    assert seen["curious"].refused == ("https://example.com/pixel.png",)


def test_what_a_script_throws_is_told(seen: dict[str, Seen]) -> None:
    assert any("told" in error for error in seen["script"].errors)


def test_printed_pages_are_counted(seen: dict[str, Seen]) -> None:
    assert seen["long"].printed_pages == 2


def test_a_page_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with Browser() as browser, pytest.raises(BrowserError, match="ERR_FILE_NOT_FOUND"):
        browser.look([View((tmp_path / "none.html").as_uri())])


def test_a_machine_without_the_browser_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Browser() as browser, pytest.raises(BrowserError, match="Node is not installed"):
        browser.look([View("about:blank")])
