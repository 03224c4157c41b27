"""Looks at HTML pages with a real headless Chromium, and measures what a reader would stumble over.

    with Browser() as browser:
        [seen] = browser.look([View(path.as_uri(), width=390, scheme="dark")])
        assert not seen.sticks_out and not seen.faint

The browser comes from npm (`@sparticuz/chromium`, x86-64) and is unpacked once for each `Browser`, into a temporary
directory that goes with it. A machine on which it does not run is an error and never a page that passes.
"""

from __future__ import annotations

from .browser import Browser, BrowserError
from .view import Faint, Seen, View

__all__ = ["Browser", "BrowserError", "Faint", "Seen", "View"]
