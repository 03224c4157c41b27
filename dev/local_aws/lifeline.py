"""Runs ministack, and ends it with its Lambda processes and its files once the program that started it is gone.

The starter holds the other end of standard input and never writes to it. However the starter ends, even killed, the
operating system closes that end. Run as a file with the directory of the files, so it imports nothing of this package.
"""

import os
import shutil
import signal
import sys
import threading


def _end_with_the_starter(files: str) -> None:
    # The descriptor, not sys.stdin: a blocked read of the buffered stream would keep the interpreter from ending.
    while os.read(0, 1):
        pass
    shutil.rmtree(files, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    from ministack.app import main as serve  # noqa: PLC0415 - takes a moment, and the watch must not wait for it

    sys.argv = ["ministack"]
    serve()


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_starter, args=[sys.argv[1]], daemon=True).start()
    main()
