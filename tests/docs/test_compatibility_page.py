"""The page of versions says what the package declares and the matrix tries."""

from __future__ import annotations

from docs.compatibility_page import PAGE, page


def test_the_page_is_what_is_declared_and_tried_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m docs.compatibility_page"


def test_each_dependency_of_the_package_has_its_row() -> None:
    for name in ("Python", "`aws-cdk-lib`", "`constructs`", "`jsii`"):
        assert f"\n| {name} | " in page()
