"""Makes the picture of the report in the documentation: `python -m dev.browser.picture`.

Make it again when the page changes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import aws_cdk as cdk

from iconik_construct import IconikStorage, StorageEncryption
from iconik_construct.cli.main import main

from .browser import Browser
from .view import View

__all__ = ["take_picture"]

_PICTURE: Final = Path(__file__).parents[2] / "docs" / "images" / "report.png"
_DOMAIN: Final = "0b5c3a52-6f0e-4d57-9d0e-2f1f6f3c9a01"
_DATE: Final = "2026-11-29"
_WIDTH: Final = 1100
_HEIGHT: Final = 1042


def take_picture(picture: Path) -> None:
    """Write the picture of the page of a sample with two storages."""
    with tempfile.TemporaryDirectory(prefix="iconik-construct-picture-") as folder, Browser() as browser:
        assembly, page = Path(folder) / "cdk.out", Path(folder) / "report.html"
        app = cdk.App(outdir=str(assembly))
        stack = cdk.Stack(app, "Media", env=cdk.Environment(account="123456789012", region="eu-west-1"))
        for name in ("Exports", "Masters"):
            IconikStorage(
                stack,
                name,
                system_domain_id=_DOMAIN,
                bucket_name=f"acme-{name.lower()}",
                encryption=StorageEncryption.KMS,
            )
        app.synth()
        arguments = ["--assembly", str(assembly), "--system-domain-id", _DOMAIN, "--output", str(page), "--date", _DATE]
        main(["report", *arguments])
        view = View(page.as_uri(), width=_WIDTH, is_printed=False, screenshot=picture, clip=(0, 0, _WIDTH, _HEIGHT))
        browser.look([view])


if __name__ == "__main__":
    take_picture(_PICTURE)
