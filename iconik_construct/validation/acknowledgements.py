"""Reads the acknowledgements on a construct: the assembly has only those on a stack, and on constructs in it."""

from __future__ import annotations

from constructs import IConstruct

from ..templates.manifest import ACKNOWLEDGED

__all__ = ["acknowledged_on", "acknowledged_outside"]


def acknowledged_on(construct: IConstruct) -> dict[str, str]:
    """Return the ids of the rules that are acknowledged on a construct, with the reasons."""
    return {
        str(rule_id): str(reason)
        for entry in construct.node.metadata
        if entry.type == ACKNOWLEDGED
        for rule_id, reason in dict(entry.data).items()
    }


def acknowledged_outside(root: IConstruct, stack_path: str) -> dict[str, set[str]]:
    """Return the ids of the rules that are acknowledged on each construct above a stack, by its path."""
    found: dict[str, set[str]] = {}
    construct: IConstruct | None = root
    for name in stack_path.split("/"):
        if construct is None:
            break
        found[construct.node.path] = set(acknowledged_on(construct))
        construct = construct.node.try_find_child(name)
    return found
