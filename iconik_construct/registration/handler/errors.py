"""What can keep iconik from answering well; every text is free of tokens."""

from __future__ import annotations

__all__ = ["AnswerLostError", "IconikApiError", "RegistrationError"]


class RegistrationError(Exception):
    """The storage cannot be registered or verified; the text says why and what to do, for whoever deploys."""


class IconikApiError(RegistrationError):
    """iconik answered with an error.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class AnswerLostError(RegistrationError):
    """No usable answer came back: what was asked for may have happened."""
