"""Makes a dependency on a construct wait for its statements too, which are elsewhere in the tree.

Otherwise `other.node.add_dependency(storage)` would wait for nothing if the storage adopts a bucket.
"""

from __future__ import annotations

from constructs import Construct, Dependable, IConstruct

__all__ = ["wait_for"]


class _Roots(Dependable):
    """The constructs that a dependency on one construct waits for."""

    def __init__(self, scope: IConstruct) -> None:
        super().__init__()
        self.roots = [scope]

    @property
    def dependency_roots(self) -> list[IConstruct]:
        """The construct itself, and the places of its statements."""
        return self.roots


def wait_for(scope: Construct, place: IConstruct) -> None:
    """Make each dependency on `scope` wait for `place` too, in the same stack."""
    roots = _ROOTS.get(scope)
    if roots is None:
        roots = _ROOTS[scope] = _Roots(scope)
        Dependable.implement(scope, roots)
    roots.roots.append(place)


# Kept for the life of the process: jsii asks these objects at each synthesis.
_ROOTS: dict[IConstruct, _Roots] = {}
