"""A stand-in for iconik on this machine: real HTTP, state, and faults that a test switches on. Development only.

It shows how this project talks to iconik; it does not show that iconik answers so. What it knows of iconik is in
`openapi.yaml`, and every request and every answer is validated against that.
"""

from .examples import OURS, THEIRS
from .faults import Fault, FaultKind
from .server import Account, IconikStandin
from .storages import Access

__all__ = ["OURS", "THEIRS", "Access", "Account", "Fault", "FaultKind", "IconikStandin"]
