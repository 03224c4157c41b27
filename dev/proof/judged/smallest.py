"""Makes a case on which two evaluators disagree as small as it gets: what they disagree about is all that is left.

Apart from the comparison because a known deviation is only recognised in a case that holds nothing else: a policy of
eight statements could hide a mistake behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from .case import Asked, Case, Document, mentioned

__all__ = ["smallest"]

Statement = Mapping[str, Any]


_WHOLE: Final[Statement] = {"Principal": "*", "Action": "*", "Resource": "*"}


def smallest(case: Case, differs: Callable[[Case], bool]) -> Case:
    """Return the case without all that the evaluators disagree without, too."""
    found = next(filter(differs, _atoms(case)), case)
    while smaller := next(filter(differs, _smaller(found)), None):
        found = smaller
    return found


def _atoms(case: Case) -> Iterator[Case]:
    """Yield cases with a single condition or element of the policy: what is left in nearly all cases in the end."""
    for statement in case.document["Statement"]:
        for effect in dict.fromkeys(("Allow", statement["Effect"])):
            for part in _parts(statement):
                yield _alone(case, {"Effect": effect, **part})


def _parts(statement: Statement) -> Iterator[Statement]:
    for name in ("Action", "Resource", "Principal"):
        for written in (name, f"Not{name}"):
            if statement.get(written, "*") != "*":
                rest = {other: every for other, every in _WHOLE.items() if other != name}
                yield {**rest, written: statement[written]}
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            yield {**_WHOLE, "Condition": {operator: {key: values}}}


def _alone(case: Case, statement: Statement) -> Case:
    document = {"Version": case.document.get("Version"), "Statement": [statement]}
    if document["Version"] is None:
        del document["Version"]
    names = mentioned(document)
    lower = {name.lower() for name in names}
    context = {name: value for name, value in case.asked.context.items() if name.lower() in lower}
    return Case(document, names, replace(case.asked, context=context))


def _smaller(case: Case) -> Iterator[Case]:
    for document in _documents(case.document):
        yield Case(document, mentioned(document), case.asked)
    for asked in _asked(case.asked):
        yield replace(case, asked=asked)


def _asked(asked: Asked) -> Iterator[Asked]:
    for name, value in asked.context.items():
        yield replace(asked, context={key: kept for key, kept in asked.context.items() if key != name})
        if not isinstance(value, str) and len(value) > 1:
            for number in range(len(value)):
                fewer = [*value[:number], *value[number + 1 :]]
                yield replace(asked, context={**asked.context, name: fewer})
    if not asked.told:
        yield replace(asked, told=True)


def _documents(document: Document) -> Iterator[Document]:
    statements = document["Statement"]
    if len(statements) > 1:
        for number in range(len(statements)):
            yield {**document, "Statement": [*statements[:number], *statements[number + 1 :]]}
            yield {**document, "Statement": [{**statements[number], "Effect": "Allow"}]}
    for number, statement in enumerate(statements):
        for smaller in _statements(statement):
            yield {**document, "Statement": [*statements[:number], smaller, *statements[number + 1 :]]}
    if document.get("Version") != "2012-10-17":
        yield {**document, "Version": "2012-10-17"}


def _statements(statement: Statement) -> Iterator[Statement]:
    if "Sid" in statement:
        yield {name: value for name, value in statement.items() if name != "Sid"}
    for name, everything in _WHOLE.items():
        if statement.get(name) != everything:
            kept = {key: value for key, value in statement.items() if key not in (name, f"Not{name}")}
            yield {**kept, name: everything}
    for name in ("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"):
        for fewer in _fewer(statement.get(name)):
            yield {**statement, name: fewer}
    for tests in _fewer_tests(statement.get("Condition", {})):
        yield {**statement, "Condition": tests}
    if statement.get("Condition") == {}:
        yield {name: value for name, value in statement.items() if name != "Condition"}


def _fewer_tests(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    for operator, tests in condition.items():
        rest = {name: kept for name, kept in condition.items() if name != operator}
        yield rest
        for key, values in tests.items():
            if len(tests) > 1:
                yield {**rest, operator: {name: kept for name, kept in tests.items() if name != key}}
            for fewer in _fewer(values):
                yield {**rest, operator: {**tests, key: fewer}}


def _fewer(values: Any) -> Iterator[Any]:
    """Yield what is left of a list, or of a principal's kinds, without one of its members; alone without a list."""
    if isinstance(values, dict):
        for kind, named in values.items():
            if len(values) > 1:
                yield {name: kept for name, kept in values.items() if name != kind}
            for fewer in _fewer(named):
                yield {**values, kind: fewer}
    elif isinstance(values, list):
        if len(values) == 1:
            yield values[0]
        elif len(values) > 1:
            yield from ([*values[:number], *values[number + 1 :]] for number in range(len(values)))
