"""The slips in the judge's own code that the proof must notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .slips import Slip

__all__ = ["SLIPS"]


def _of_operators() -> Iterator[Slip]:
    at = "operators"
    yield Slip(
        "numbers: not equal is equal",
        at,
        'NotEquals": _operator(read, eq, negated=True)',
        'NotEquals": _operator(read, eq)',
    )
    yield Slip(
        "at most is less",
        at,
        'LessThanEquals": _operator(read, le)',
        'LessThanEquals": _operator(read, lt)',
    )
    yield Slip("less is at most", at, 'LessThan": _operator(read, lt)', 'LessThan": _operator(read, le)')
    yield Slip(
        "at least is more",
        at,
        'GreaterThanEquals": _operator(read, ge)',
        'GreaterThanEquals": _operator(read, gt)',
    )
    yield Slip(
        "more is at least",
        at,
        'GreaterThan": _operator(read, gt)',
        'GreaterThan": _operator(read, ge)',
    )
    yield Slip(
        "numbers compared the other way round", at, "holds(of_request, of_policy)", "holds(of_policy, of_request)"
    )
    yield Slip("NotIpAddress is IpAddress", at, "Operator(_ip, negated=True,", "Operator(_ip,")
    yield Slip("host bits make a range unreadable", "addresses", "strict=False", "strict=True")
    yield Slip("texts: negation dropped", at, '("Not", True)', '("Not", False)')
    yield Slip(
        "StringEquals has wildcards", at, '"Equals"), _equals, wildcards=False', '"Equals"), _like, wildcards=True'
    )
    yield Slip(
        "StringEquals ignores case",
        at,
        '("String", "Equals"), _equals,',
        '("String", "Equals"), _equals_ignoring_case,',
    )
    yield Slip("StringLike has no wildcards", at, '"Like"), _like, wildcards=True', '"Like"), _equals, wildcards=False')
    yield Slip(
        "IgnoreCase heeds case",
        at,
        "matches(folded(wanted), given.lower(), wildcards=False)",
        "matches(wanted, given, wildcards=False)",
    )
    yield Slip(
        "ArnEquals has no wildcards",
        at,
        '("Arn", "Equals"), is_arn, wildcards=True',
        '("Arn", "Equals"), _equals, wildcards=False',
    )
    yield Slip("ArnLike is StringLike", at, '("Arn", "Like"), is_arn', '("Arn", "Like"), _like')
    yield Slip("Bool heeds case", at, "wanted.lower() == given.lower() and", "wanted == given and")


def _of_conditions() -> Iterator[Slip]:
    at = "conditions"
    without = "return self.if_exists or self.quantifier == _ALL or self.operator.negated"
    yield Slip("IfExists forgotten", at, without, "return self.quantifier == _ALL or self.operator.negated")
    yield Slip("ForAllValues fails without the key", at, without, "return self.if_exists or self.operator.negated")
    yield Slip("a negation fails without the key", at, without, "return self.if_exists or self.quantifier == _ALL")
    yield Slip(
        "ForAnyValue holds without the key",
        at,
        "return None if self.if_exists else False",
        "return None if self.if_exists else True",
    )
    combined = "return all_of(truths) if self.quantifier == _ALL else any_of(truths)"
    yield Slip("ForAllValues is ForAnyValue", at, combined, "return any_of(truths)")
    yield Slip("ForAnyValue is ForAllValues", at, combined, "return all_of(truths)")
    yield Slip("negated once too seldom", at, "truths = [negation(truth) for truth in truths]", "pass")
    yield Slip("Null the other way round", at, '"true" if is_absent else "false"', '"false" if is_absent else "true"')
    yield Slip("the case of a key's name counts", at, "keys.states(key.lower())", "keys.states(key)")
    yield Slip(
        "what differs fails",
        at,
        "return truths.pop() if len(truths) == 1 else None",
        "return truths.pop() if len(truths) == 1 else False",
    )
    yield Slip(
        "what differs holds",
        at,
        "return truths.pop() if len(truths) == 1 else None",
        "return truths.pop() if len(truths) == 1 else True",
    )
    yield Slip("an empty value is one of the set", at, "all(value == _EMPTY for value in values)", "not values")
    yield Slip("all values must match", at, "return any_of(truths())", "return all_of(truths())")
    yield Slip(
        "no variables in conditions", at, "variables=variables if operator.variables else False", "variables=False"
    )


def _of_evaluation() -> Iterator[Slip]:
    at = "evaluation"
    yield Slip(
        "Deny ignored",
        at,
        "certain = [outcome for outcome in denials if outcome.applies and outcome.effect]",
        "certain = denials = []",
    )
    yield Slip("a Deny that may hit ignored", at, "if because and not denials:", "if because:")
    yield Slip("nobody is let in by his own policies", at, "if not allows and is_own is False:", "if not allows:")
    yield Slip(
        "everybody is let in by his own policies",
        at,
        "return matches(account, request.account, wildcards=False)",
        "return True",
    )
    yield Slip("keys are like buckets", at, '("kms:", "sts:")', '("sts:",)')
    yield Slip(
        "an Allow that may apply applies",
        at,
        "for outcome in allows if outcome.applies and outcome.effect]",
        "for outcome in allows if outcome.effect]",
    )
    yield Slip(
        "a Deny that may apply applies",
        at,
        "for outcome in denials if outcome.applies and outcome.effect]",
        "for outcome in denials if outcome.effect]",
    )
    yield Slip("what is not known fits", at, "None if unknown else True, tuple(unknown)", "True, tuple(unknown)")
    yield Slip(
        "what is not known does not fit",
        at,
        "None if unknown else True, tuple(unknown)",
        "False if unknown else True, tuple(unknown)",
    )
    yield Slip(
        "only the first part counts", at, "if part.truth is False:", 'if part.truth is False and "Action" in part.name:'
    )


def _of_statements() -> Iterator[Slip]:
    at = "statement"
    yield Slip("the case of an action counts", at, "is_action(text.lower())", "is_action(text)")
    action = "matches(text, action, wildcards=True)"
    yield Slip("actions have no wildcards", at, action, action.replace("True", "False"))
    yield Slip("Not… read without Not", at, "truth is (written == name)", "truth")
    yield Slip(
        "no variables in resources",
        at,
        "resolved(text, keys, wildcards=True, variables=variables)",
        "resolved(text, keys, wildcards=True, variables=False)",
    )
    yield Slip("conditions forgotten", at, 'if "Condition" in statement:', 'if "Conditions" in statement:')
    yield Slip("principals forgotten", at, "yield _principal(statement, keys.caller)", 'yield Part("Principal", True)')
    yield Slip("part of the names is enough in NotPrincipal", at, "(is_excepted if negated else is_named)", "is_named")
    yield Slip(
        "resources forgotten",
        at,
        "lambda element: _has_resource(element, request, keys, variables)",
        "lambda element: True",
    )
    yield Slip(
        "a variable in a policy without a version",
        "document",
        'document.get("Version", _WITHOUT)',
        'document.get("Version", _WITH_VARIABLES)',
    )


def _of_texts() -> Iterator[Slip]:
    at = "wildcards"
    plain = "if len(first) > end or not text.startswith(first) or not text.endswith(last):"
    yield Slip("the start of a pattern forgotten", at, plain, "if len(first) > end or not text.endswith(last):")
    yield Slip("the end of a pattern forgotten", at, plain, "if len(first) > end or not text.startswith(first):")
    yield Slip("? is nothing", at, "ones = accepts.pop(ONE, 0)", "ones = accepts.pop(ONE, 0) & 0")
    yield Slip(
        "the case of a resource forgotten",
        "arns",
        "truth = matches(wanted, given, wildcards=True)\n    if truth is not",
        "wanted = wanted.lower() if isinstance(wanted, str) else wanted\n"
        "    truth = matches(wanted, given.lower(), wildcards=True)\n    if truth is not",
    )
    at = "variables"
    yield Slip(
        "a variable's default forgotten", at, "return None if default is None else tokens(default)", "return None"
    )
    yield Slip("the case of a variable counts", at, "key = name.lower()", "key = name")
    yield Slip("a literal * is a wildcard", at, "= [name] if", "= [WILDCARDS.get(name, name)] if")
    yield Slip(
        "a wildcard in a tag's value is one",
        at,
        "MarkedText):\n        return tokens(value)",
        "MarkedText):\n        return _wildcards(tokens(value), True)",
    )
    at = "truth"
    yield Slip(
        "all: what is not known is true",
        at,
        "return False\n        if truth is None:\n            result = None",
        "return False\n        if truth is None:\n            result = True",
    )
    yield Slip(
        "any: what is not known is false",
        at,
        "return True\n        if truth is None:\n            result = None",
        "return True\n        if truth is None:\n            result = False",
    )


def _of_callers() -> Iterator[Slip]:
    at = "keys"
    yield Slip("a key that is known to be missing is not known", at, "if name in self._absent:", "if not name:")
    yield Slip("the case of a request's keys counts", at, "{str(name).lower(): value for", "{str(name): value for")
    yield Slip(
        "a session's own ARN is the role's",
        at,
        'yield "aws:principalarn", who.arn',
        'yield "aws:principalarn", request.principal',
    )
    yield Slip(
        "the caller's account is the resource's",
        at,
        "owner = value_of_owner(request.account)",
        "owner = who.account",
    )
    yield Slip("what is not known is missing", at, "or (ABSENT, any_value(name))", "or (ABSENT,)")
    yield Slip("what is not known is there", at, "or (ABSENT, any_value(name))", "or (any_value(name),)")
    at = "principals"
    root = ", start + _ROOT[1]})"
    yield Slip("root is the root user only", at, f"{root}\n    by_caller", "})\n    by_caller")
    yield Slip("root has no roles", at, f"{root}\n    maybe", "})\n    maybe")
    yield Slip("a role's sessions are not meant by it", at, "by_role = {role}", "by_role = set()")
    yield Slip(
        "a session is not meant by its ARN",
        at,
        "by_caller_alone=frozenset({principal}) if session else frozenset()",
        "by_caller_alone=frozenset()",
    )
    yield Slip(
        "{AWS: *} is nobody",
        at,
        "truth = text == ANYBODY or _is_one_of(text, (who.by_account",
        "truth = _is_one_of(text, (who.by_account",
    )
    yield Slip("every canonical user is the caller", at, "or is_own(text) else None", "or is_own(text) else True")
    yield Slip(
        "an account's name is enough in NotPrincipal",
        at,
        "for names in (who.by_account, who.by_role, who.by_caller_alone) if names]",
        "for names in (who.by_account,) if names]",
    )


SLIPS: Final = (
    *_of_operators(),
    *_of_conditions(),
    *_of_evaluation(),
    *_of_statements(),
    *_of_texts(),
    *_of_callers(),
)
