"""`make template`: writes `templates/iconik-storage.yaml`."""

from __future__ import annotations

import sys
from pathlib import Path

from .iconik_storage import template_text

if __name__ == "__main__":
    target = Path(__file__).parents[2] / "templates" / "iconik-storage.yaml"
    target.write_text(template_text())
    sys.stdout.write(f"Wrote {target}\n")
