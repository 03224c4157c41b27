"""Every page of the documentation in a real browser: on a phone and on a desk, in light and in dark."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import quote

import pytest

from dev.browser import Browser, Seen, View

ROOT = Path(__file__).parents[2]
WIDTHS = (390, 1400)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TITLES = re.findall(r"^\s+- ([^:\n]+): [\w-]+\.md$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)


# The first page, and those with the widest tables, commands and diagrams: on a phone in the dark, on a desk in light.
SOME_PAGES = {"index", "adopting", "check", "create", "deployed", "rules"}
SOME_VIEWS: list[tuple[int, Literal["light", "dark"]]] = [(390, "dark"), (1400, "light")]


@pytest.fixture(scope="module")
def site(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    return made_once("site", _build)


def _build(directory: Path) -> None:
    subprocess.run(  # noqa: S603 - this very project
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(directory)],
        cwd=ROOT,
        check=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """The site as a reader gets it from a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(directory))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module", params=["some pages", pytest.param("every page", marks=pytest.mark.proof)])
def seen(site: Path, request: pytest.FixtureRequest) -> dict[str, Seen]:
    pages = {path.name for path in site.glob("*.html")} - {"404.html"}
    wanted = list(product(sorted(pages), WIDTHS, SCHEMES))
    if request.param == "some pages":
        wanted = [(page, *view) for page in sorted(f"{name}.html" for name in SOME_PAGES) for view in SOME_VIEWS]
    views: dict[str, View] = {}
    with served(site) as start, Browser() as browser:
        for page, width, scheme in wanted:
            views[f"{page} {width} {scheme}"] = View(
                f"{start}{page}", width=width, scheme=scheme, allowed=(start,), is_printed=False
            )
        return dict(zip(views, browser.look(list(views.values())), strict=True))


def test_no_page_has_a_defect(site: Path, seen: dict[str, Seen]) -> None:
    assert len(seen) in {2 * len(SOME_PAGES), 4 * (len(list(site.glob("*.html"))) - 1)}
    assert len(seen) >= 12
    assert {name: defects for name, page in seen.items() if (defects := _defects(page))} == {}


def _defects(page: Seen) -> dict[str, object]:
    measured = {
        "nearly empty": page.texts <= 10,
        "wider than its screen": page.sticks_out and page.sticking_out,
        "faint text": page.faint[:5],
        "asked of elsewhere": page.refused,
        "errors": page.errors,
        "a diagram as source": [word for word in ("sequenceDiagram", "flowchart LR", "```") if word in page.text],
    }
    return {name: value for name, value in measured.items() if value}


# What somebody types, and the page that must be among the first three that are found.
SEARCHES = {
    "GetObject": "Permissions",
    "s3:PutBucketCORS": "Create a storage",
    "HandedOverBucket": "Adopt what exists",
    "ICONIK008": "Rules",
    "AccessDenied": "Troubleshooting",
    "access denied": "Troubleshooting",
    "403": "Troubleshooting",
    "forbidden": "Troubleshooting",
    "cannot preview": "Troubleshooting",
    "upload fails": "Troubleshooting",
    "not authorized": "Troubleshooting",
    "thumbnails": "Troubleshooting",
    "AROA": "Guardrail",
    "diagnose": "Troubleshooting",
    "kms decrypt denied": "Troubleshooting",
    "confused deputy": "Start here",
    "lifecycle": "Create a storage",
    "in_place_of_bucket": "Create a storage",
    "Terraform": "Statements for other tools",
    "form": "iconik's storage form",
    "cost": "Cost",
    "price": "Cost",
    "remove access": "End iconik's access",
    "offboard": "End iconik's access",
    "upgrade": "Upgrading",
    "schema version mismatch": "The CLI's version",
    "checkov": "What scanners say",
}


@pytest.mark.proof
def test_the_search_box_finds_what_people_type(site: Path) -> None:
    with served(site) as start, Browser() as browser:
        views = [
            View(
                f"{start}index.html?q={quote(term)}",
                allowed=(start,),
                is_printed=False,
                awaited=".md-search-result__item",
            )
            for term in SEARCHES
        ]
        texts = {term: seen.text for term, seen in zip(SEARCHES, browser.look(views), strict=True)}
    first = {term: _first_titles(text) for term, text in texts.items()}
    assert {term: titles for term, titles in first.items() if SEARCHES[term] not in titles} == {}


def _first_titles(text: str) -> list[str]:
    """Return the titles of the first three pages that the search found."""
    results = text[text.find(" matching document") :].splitlines()
    return list(dict.fromkeys(line for line in results[1:] if line in TITLES))[:3]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.proof)])
def test_a_page_that_is_opened_as_a_file_searches_and_fails_nowhere(
    site: Path, scheme: Literal["light", "dark"]
) -> None:
    start = site.as_uri() + "/"
    view = View(
        f"{start}index.html?q=GetObject",
        scheme=scheme,
        allowed=(start, "blob:", "data:", "about:"),
        is_printed=False,
        awaited=".md-search-result__item",
    )
    with Browser() as browser:
        [page] = browser.look([view])
    assert "Permissions" in page.text[page.text.find(" matching document") :]
    assert (page.errors, page.refused, page.faint) == ((), (), ())


def test_the_colours_follow_the_system_after_the_first_visit_too(site: Path, tmp_path: Path) -> None:
    corner = (0, 0, 300, 300)
    visits: list[tuple[str, Literal["light", "dark"]]] = [("first", "dark"), ("second", "light"), ("third", "dark")]
    with served(site) as start, Browser() as browser:
        browser.look(
            View(
                f"{start}index.html",
                scheme=scheme,
                allowed=(start,),
                is_printed=False,
                screenshot=tmp_path / f"{name}.png",
                clip=corner,
            )
            for name, scheme in visits
        )
    first, second, third = ((tmp_path / f"{name}.png").read_bytes() for name, _ in visits)
    assert first == third != second


def test_the_site_holds_pages_and_no_python(site: Path) -> None:
    assert [path for path in site.rglob("*") if path.suffix in {".py", ".pyc"} or path.name == "__pycache__"] == []


def test_the_menu_has_at_most_eight_sections() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    sections = re.findall(r"^  - (\w+):$", nav, re.MULTILINE)
    assert 2 < len(sections) <= 8
