"""The CDK app: the storages of `cdk.json`, or of the file that `-c config=FILE` names, as stacks.

The same as `iconik-construct app`, for whoever has this repository and not the package.
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
