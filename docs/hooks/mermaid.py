"""Puts the diagram library into the site, which otherwise loads it from a server of somebody else's."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

SOURCE = Path(__file__).parents[2] / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
TARGET = "javascripts/mermaid.js"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    # The theme uses a `mermaid` that is there already, and fetches one only where it finds none.
    config.extra_javascript.append(TARGET)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    files.append(File.generated(config, TARGET, content=SOURCE.read_text(encoding="utf-8")))
    return files
