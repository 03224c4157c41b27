"""The CDK app: the storages of `cdk.json`, or of the file in `-c config=FILE`, as stacks.

It does the same as `iconik-construct app`, for a clone of this repository without the package.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    try:
        from iconik_construct.app.running import run
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing}. Run 'make setup', then activate its environment: . .venv/bin/activate")
    sys.exit(run(home=Path(__file__).resolve().parent))
