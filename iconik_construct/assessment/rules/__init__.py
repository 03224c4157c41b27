"""Lists the rules of all tools: one table, one set of ids.

Each rule is one entry, in `access` or in `settings`. The functions that report it are in `assessment` and `templates`.
"""

from __future__ import annotations

from typing import Final

# A list of the names would be a second table.
from .access import *  # noqa: F403
from .rule import DOCS as DOCS
from .rule import Effect as Effect
from .rule import Rule as Rule
from .settings import *  # noqa: F403

RULES: Final = tuple(
    sorted((rule for rule in list(vars().values()) if isinstance(rule, Rule)), key=lambda rule: rule.id)
)
"""Every rule, by its id."""
