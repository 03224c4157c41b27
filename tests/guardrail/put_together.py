"""Values put together by chance from all that CloudFormation has for it, for a text that they can turn out to be."""

from __future__ import annotations

from random import Random
from typing import Any

Node = Any


class PutTogether:
    """Makes nodes that can be a given text, and the sections of the template that they need.

    Args:
        chance: decides.
        known: whether the template says all, so that a node is that text and no other.
    """

    def __init__(self, chance: Random, *, known: bool = False) -> None:
        self._chance = chance
        self._known = known
        self.sections: dict[str, dict[str, Node]] = {
            "Parameters": {"Open": {"Type": "String"}},
            "Mappings": {},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "Open"}, "b"]}},
        }

    def node(self, text: str, depth: int = 0) -> Node:
        """Return a node that can be the text."""
        ways = [self._literal, self._default, self._mapped]
        if not self._known:
            ways += [self._open, self._resolved, self._resolved_by_default, self._one_of_several]
        if depth < 3:
            ways += [self._joined, self._joined, self._by_colons, self._substituted, self._selected, self._split]
            ways += [] if self._known else [self._in_a_branch]
        return self._chance.choice(ways)(text, depth)

    def _literal(self, text: str, _: int) -> Node:
        return text

    def _parameter(self, **what: Any) -> Node:
        name = f"P{len(self.sections['Parameters'])}"
        self.sections["Parameters"][name] = {"Type": "String", **what}
        return {"Ref": name}

    def _default(self, text: str, _: int) -> Node:
        return self._parameter(Default=text) if text else text

    def _open(self, _: str, __: int) -> Node:
        return self._chance.choice(
            [self._parameter(), self._parameter(Type="AWS::SSM::Parameter::Value<String>", Default="/a")]
        )

    def _one_of_several(self, text: str, _: int) -> Node:
        return self._parameter(AllowedValues=["x", text, "y"])

    def _resolved(self, _: str, __: int) -> Node:
        region = {"Ref": "AWS::Region"}
        return self._chance.choice(
            [
                "{{resolve:ssm:/a/b}}",
                "{{resolve:secretsmanager:x:SecretString:k}}",
                {"Fn::Sub": "{{resolve:ssm:/${AWS::Region}/b}}"},
                {"Fn::Join": ["", ["{{resolve:ssm:/", region, "}}"]]},
            ]
        )

    def _resolved_by_default(self, _: str, __: int) -> Node:
        return self._parameter(Default="{{resolve:ssm:/p}}")

    def _mapped(self, text: str, _: int) -> Node:
        name = f"M{len(self.sections['Mappings'])}"
        self.sections["Mappings"][name] = {"a": {"b": text, "c": text if self._known else "other"}}
        return {"Fn::FindInMap": [name, "a", self._chance.choice(["b", {"Ref": "Open"}])]}

    def _in_a_branch(self, text: str, depth: int) -> Node:
        branches = [self.node(text, depth + 1), "other"]
        self._chance.shuffle(branches)
        return {"Fn::If": ["C", *branches]}

    def _joined(self, text: str, depth: int) -> Node:
        places = sorted(self._chance.sample(range(1, len(text)), min(2, len(text) - 1))) if len(text) > 1 else []
        parts = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
        return {"Fn::Join": ["", [self.node(part, depth + 1) for part in parts]]}

    def _by_colons(self, text: str, depth: int) -> Node:
        return {"Fn::Join": [":", [self.node(part, depth + 1) if part else "" for part in text.split(":")]]}

    def _substituted(self, text: str, depth: int) -> Node:
        start = self._chance.randint(0, len(text))
        end = self._chance.randint(start, len(text))
        if start == end:
            return text
        inner = self.node(text[start:end], depth + 1)
        if isinstance(inner, dict) and "Ref" in inner and self._chance.random() < 0.5:
            return {"Fn::Sub": f"{text[:start]}${{{inner['Ref']}}}{text[end:]}"}
        return {"Fn::Sub": [f"{text[:start]}${{V}}{text[end:]}", {"V": inner}]}

    def _selected(self, text: str, depth: int) -> Node:
        at = "1" if self._known else self._chance.choice([1, "1", {"Ref": "Open"}])
        return {"Fn::Select": [at, ["before", self.node(text, depth + 1), "after"]]}

    def _split(self, text: str, depth: int) -> Node:
        return text if "|" in text else {"Fn::Select": [1, {"Fn::Split": ["|", self.node(f"a|{text}|b", depth + 1)]}]}
