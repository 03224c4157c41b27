"""The command: `python -m dev.demo [--config FILE]`. Exit code 0 only if iconik has access and nobody else has.

It imports little, so that Ctrl-C prints one line while the rest is loaded.
"""

from __future__ import annotations

import sys

_SIGINT_EXIT = 130
_SIGTERM_EXIT = 143


def main() -> int:
    """Run the demo and return its exit code: 1 if a step or the verdict fails, 130 or 143 if interrupted."""
    try:
        from .run import run  # noqa: PLC0415 - takes seconds, in which Ctrl-C can be pressed

        return run()
    except KeyboardInterrupt as interrupt:
        where = f" at the step '{interrupt.args[1]}'" if len(interrupt.args) > 1 else ""
        print(f"Interrupted{where}. The local AWS has stopped.", file=sys.stderr)
        return _SIGTERM_EXIT if interrupt.args[:1] == ("SIGTERM",) else _SIGINT_EXIT


if __name__ == "__main__":
    sys.exit(main())
