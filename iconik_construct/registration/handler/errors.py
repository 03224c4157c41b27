"""The errors of a registration. No text has a token."""

from __future__ import annotations

__all__ = ["AnswerLostError", "IconikApiError", "RegistrationError"]


class RegistrationError(Exception):
    """The storage cannot be registered or verified. The text has the reason and the fix."""


class IconikApiError(RegistrationError):
    """iconik answered with an error.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class AnswerLostError(RegistrationError):
    """No usable answer came back. The request may have succeeded."""
