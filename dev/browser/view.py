"""What is looked at, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["Faint", "Seen", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """One page on one screen.

    Args:
        url: the page, a `file:` or `http:` address.
        width: of the screen; below 600 it is a phone, which honours the page's viewport.
        height: of the screen.
        scheme: the colours that the reader prefers.
        allowed: how the addresses begin that the page may ask for, beside itself; everything else is refused.
        is_printed: whether to count the pages of paper too, which takes longer than all the rest.
        awaited: a CSS selector of what the page shows only after it has loaded; for ten seconds it is waited for.
        screenshot: where to write a picture (PNG) of the page.
        clip: the part of the page to have in the picture: x, y, width, height. Default: the whole page.
    """

    url: str
    width: int = 1400
    height: int = 900
    scheme: Literal["light", "dark"] = "light"
    allowed: tuple[str, ...] = ()
    is_printed: bool = True
    awaited: str | None = None
    screenshot: Path | None = None
    clip: tuple[int, int, int, int] | None = None

    def asked(self) -> dict[str, Any]:
        """Return the view as the program takes it."""
        return {
            "url": self.url,
            "width": self.width,
            "height": self.height,
            "scheme": self.scheme,
            "allowed": [self.url, *self.allowed],
            "isPrinted": self.is_printed,
            "awaited": self.awaited,
            "screenshot": str(self.screenshot) if self.screenshot else None,
            "clip": dict(zip(("x", "y", "width", "height"), self.clip, strict=True)) if self.clip else None,
        }


@dataclass(frozen=True, slots=True)
class Faint:
    """A text with too little contrast: below 4.5, what WCAG 2 asks of text at level AA."""

    element: str
    contrast: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured in one view.

    Attributes:
        title: the page's title.
        text: what a reader sees of it.
        width: what is there for the page.
        content_width: what the page takes; more than `width` scrolls sideways.
        height: of the whole page.
        sticking_out: the elements that reach beyond the right edge and are in nothing that scrolls.
        texts: how many elements with text were measured.
        lowest_contrast: the least contrast among them.
        faint: those below 4.5.
        requests: every address that the page asked for.
        refused: those of them that were not allowed.
        errors: what the page wrote to the console as an error, or threw.
        printed_pages: how many pages of A4 it takes on paper, unless its style says another size.
    """

    title: str
    text: str
    width: int
    content_width: int
    height: int
    sticking_out: tuple[str, ...]
    texts: int
    lowest_contrast: float | None
    faint: tuple[Faint, ...]
    requests: tuple[str, ...]
    refused: tuple[str, ...]
    errors: tuple[str, ...]
    printed_pages: int

    @property
    def sticks_out(self) -> bool:
        """Whether the reader must scroll sideways."""
        return self.content_width > self.width or bool(self.sticking_out)

    @classmethod
    def parse(cls, measured: Mapping[str, Any]) -> Seen:
        """Return what the program measured."""
        lists = {name: tuple(measured[name]) for name in ("sticking_out", "requests", "refused", "errors")}
        faint = tuple(Faint(**one) for one in measured["faint"])
        return cls(**{**measured, **lists, "faint": faint})
