"""The words that the documentation and the messages do not use, and what they use instead."""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST_SENTENCE", "WORDS"]

LONGEST_SENTENCE: Final = 35
"""Words in a sentence."""

WORDS: Final = {
    "can be told": "is known",
    "cannot be told": "cannot be determined",
    "draws a warning": "causes a warning",
    "forgets": "has no statement for",
    "get in": "have access",
    "gets in": "has access",
    "he": "it",
    "him": "the user",
    "his": "its",
    "is told": "is reported",
    "are told": "are reported",
    "keep iconik out": "block iconik",
    "keeps iconik out": "blocks iconik",
    "kept out": "blocked",
    "let iconik in": "allow iconik",
    "let others in": "allow others",
    "lets in": "allows",
    "let in": "allowed",
    "lets iconik in": "allows iconik",
    "lets others in": "allows others",
    "ours": "of this library",
    "stands": "is",
    "theirs": "of others",
    "way out": "fix",
    "ways out": "fixes",
    "whoever": "anybody who",
}
