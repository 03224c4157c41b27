"""Pages that can be read on a phone and on paper, and links that hold wherever the page is shown."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import iconik_construct
from iconik_construct.cli.main import main

TOP = Path(__file__).resolve().parents[2]
PAGES = sorted((TOP / "docs").glob("*.md"))
IMAGES = sorted((TOP / "docs/images").glob("*.svg"))
COLUMNS = 4
SMALLEST = 11  # pixels, on a phone that gives a picture 350 of them


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


@each([*PAGES, TOP / "README.md", TOP / "CHANGELOG.md"])
def test_no_table_has_more_columns_than_a_phone_shows(path: Path) -> None:
    rules = re.findall(r"^\|(?: ?:?-+:? ?\|)+$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [rule for rule in rules if rule.count("|") - 1 > COLUMNS] == []


def links_of_readme() -> list[str]:
    links = re.findall(r'(?:\]\(| src=")([^)"\s]+)[)"]', (TOP / "README.md").read_text(encoding="utf-8"))
    assert links
    return links


def test_readmes_links_into_the_repository_are_relative() -> None:
    """They hold in a clone and in the repository's web view; the build makes them absolute for PyPI."""
    absolute = re.compile(
        r"https://(?:raw\.githubusercontent|github)\.com/iconik-construct/iconik-construct/(?!actions/)"
    )
    assert [link for link in links_of_readme() if absolute.match(link)] == []


def test_what_readme_links_to_in_this_repository_is_there() -> None:
    paths = [link.partition("#")[0] for link in links_of_readme() if not link.startswith(("https://", "#"))]
    assert len(paths) > 10
    assert [path for path in paths if not (TOP / path).exists()] == []


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each([*TOP.glob("*.md"), *sorted(TOP.glob("examples/*/*.md"))])
def test_a_link_into_another_page_leads_to_a_heading(path: Path) -> None:
    """The build of the site checks the links inside `docs`."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link.partition("#") for link in re.findall(r"\]\((?!https://)([^)\s]+)\)", text)]
    lost = [
        f"{page}#{anchor}"
        for page, _, anchor in links
        if anchor and anchor not in anchors((path.parent / page if page else path).read_text(encoding="utf-8"))
    ]
    assert lost == []


@each(PAGES)
def test_a_page_that_is_linked_to_is_in_the_clone(path: Path) -> None:
    """The web view of the repository shows the pages without the build of the site."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    pages = {link.partition("#")[0] for link in re.findall(r"\]\((?!https://)([^)\s]+)\)", text)}
    assert [page for page in pages if page and not (path.parent / page).exists()] == []


def test_the_links_inside_the_first_page_lead_to_a_heading_in_the_web_view_too() -> None:
    text = (TOP / "docs/index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors(text)


OPTIONS = {"guard": "ci", **{name: name for name in ("audit", "check", "report", "statements")}}


@pytest.mark.parametrize("command", OPTIONS)
def test_a_page_names_every_option_of_its_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    options = set(re.findall(r"^  (--[a-z0-9-]+)", capsys.readouterr().out, re.MULTILINE))
    page = (TOP / f"docs/{OPTIONS[command]}.md").read_text(encoding="utf-8")
    assert {option for option in options if not re.search(rf"{option}\b(?!-)", page)} == set()


@each(IMAGES)
def test_a_picture_says_what_it_shows_and_can_be_read_on_a_phone(path: Path) -> None:
    picture = ElementTree.parse(path).getroot()  # noqa: S314 - our own files
    space = {"svg": "http://www.w3.org/2000/svg"}
    for name in ("title", "desc"):
        said = picture.find(f"svg:{name}", space)
        assert said is not None
        assert said.text
    width = float(picture.attrib["viewBox"].split()[2])
    sizes = [float(one.attrib["font-size"]) for one in picture.iter() if "font-size" in one.attrib]
    assert sizes
    assert min(sizes) * min(1.0, 350 / width) >= SMALLEST


@each([TOP / "README.md", TOP / "docs/index.md"])
def test_the_first_screen_shows_the_line_the_code_by_hand_the_check_the_report_and_two_commands(path: Path) -> None:
    first, _, _ = path.read_text(encoding="utf-8").partition("\n## ")
    shown = (
        "IconikStorage(stack",
        "iam.PolicyStatement(",
        "yours  other domain",
        "images/report.png",
        "demo\nmake test\n",
    )
    assert [part for part in shown if part not in first] == []


def test_there_are_pages_and_pictures() -> None:
    assert len(PAGES) > 10
    assert IMAGES


def test_the_reference_has_every_public_name() -> None:
    named = re.findall(r"^::: iconik_construct\.(\w+)$", (TOP / "docs/reference.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(iconik_construct.__all__)
