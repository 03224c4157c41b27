"""Makes dependencies of a construct, in both directions, count for its statements, which are elsewhere in the tree.

Otherwise `other.node.add_dependency(storage)` would wait for nothing if the storage adopts a bucket, and
`storage.node.add_dependency(other)` would let nothing wait.
"""

from __future__ import annotations

import aws_cdk as cdk
import jsii
from constructs import Construct, Dependable, IConstruct

__all__ = ["share_dependencies"]


class _Roots(Dependable):
    """The constructs that a dependency on one construct waits for."""

    def __init__(self, scope: IConstruct) -> None:
        super().__init__()
        self.roots = [scope]

    @property
    def dependency_roots(self) -> list[IConstruct]:
        """The construct itself, and the places of its statements."""
        return self.roots


@jsii.implements(cdk.IAspect)
class _Forwarded:
    """Lets the places of the statements wait for what the construct waits for."""

    def __init__(self, roots: _Roots) -> None:
        self._roots = roots

    def visit(self, node: IConstruct) -> None:
        scope, *places = self._roots.roots
        if node == scope:
            for each in node.node.dependencies:
                for place in places:
                    place.node.add_dependency(each)


def share_dependencies(scope: Construct, place: IConstruct) -> None:
    """Let the dependencies on and of `scope` count for `place` too, in the same stack."""
    roots = _ROOTS.get(scope)
    if roots is None:
        roots = _ROOTS[scope] = _Roots(scope)
        Dependable.implement(scope, roots)
        cdk.Aspects.of(scope).add(_Forwarded(roots), priority=cdk.AspectPriority.READONLY)
    roots.roots.append(place)


# Kept for the life of the process: jsii asks these objects at each synthesis.
_ROOTS: dict[IConstruct, _Roots] = {}
