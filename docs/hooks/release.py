"""Says on every page which release the site describes, and adds the changelog and a script to it."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

TOP = Path(__file__).parents[2]
# Lets the search run in a page that is opened as a file, where a browser starts no worker.
SHIM = TOP / "node_modules/iframe-worker/shim/index.js"
# By its text: Python 3.10 reads no TOML.
VERSION = re.compile(r'^version = "(?P<version>[^"]+)"$', re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    found = VERSION.search((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError("pyproject.toml names no version")
    config.copyright = (
        f'iconik-construct {found["version"]} · <a href="changelog.html">Changelog</a> · '
        '<a href="upgrading.html">Upgrading</a> · '
        '<a href="https://github.com/iconik-construct/iconik-construct">Repository</a> · '
        "Apache License 2.0 · Not made or endorsed by iconik."
    )
    return config


def on_page_markdown(markdown: str, **_: object) -> str:
    # In a clone, the changelog is above docs. In the site, it is a page.
    return markdown.replace("](../CHANGELOG.md", "](changelog.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    text = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changelog.md", content=text))
    files.append(File.generated(config, "assets/iframe-worker-shim.js", content=SHIM.read_text(encoding="utf-8")))
    return files
