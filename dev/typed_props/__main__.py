"""Write the file again, after an upgrade of `aws-cdk-lib`."""

from __future__ import annotations

from .bucket_props import FILE, source

FILE.write_text(source(), encoding="utf-8")
