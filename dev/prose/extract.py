"""Takes the prose out of a Python file as Markdown: the docstrings, and the text of messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Prose", "prose_of_python"]

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_ENTRY = re.compile(r"\*{0,2}\w[\w.]*: ")
"""A line such as `name: what it is`, below `Args:`."""
_SENTENCE = re.compile(r"[A-Za-z'{][\w'{}]*(?:[ ,:;]+\S+){3}")
"""Text with at least four words: anything shorter is a name, a key or a pattern."""
_WORD = re.compile(r"(?:^|\s)[a-z]{2,}\b")
"""A word in lower case: a list of the names of actions has none."""


@dataclass
class Prose:
    """Markdown, and the line of the source for each of its lines."""

    lines: list[str] = field(default_factory=list)
    source_lines: list[int] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        """Add a line of the source."""
        self.lines.append(text)
        self.source_lines.append(line)


def prose_of_python(source: str) -> Prose:
    """Return the docstrings of a module and the texts in it that hold a sentence."""
    tree = ast.parse(source)
    documentation = set(_docstrings(tree))
    prose = Prose()
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in documentation and isinstance(node, ast.Constant):
            _add_docstring(prose, node)
        elif node not in inside and isinstance(node, (ast.Constant, ast.JoinedStr)):
            inside.update(ast.walk(node))
            # A line of a list, such as an exit code, is a sentence of its own.
            for part in re.split(r"\n(?=\s)", _text(node)):
                if _SENTENCE.search(part) and _WORD.search(part):
                    prose.add(node.lineno, " ".join(part.split()))
                    prose.add(node.lineno, "")
    return prose


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the docstrings, those below an assignment included."""
    for node in ast.walk(tree):
        for statement in node.body if isinstance(node, _DOCUMENTED) else ():
            if (
                isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            ):
                yield statement.value


def _add_docstring(prose: Prose, node: ast.Constant) -> None:
    lines = str(node.value).splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    for number, line in enumerate(lines, start=node.lineno):
        text = line.strip()
        is_entry = line.startswith(" " * (margin + 1)) and _ENTRY.match(text)
        prose.add(number, f"- {text}" if is_entry else text)
        if text.endswith(":") and " " not in text:
            prose.add(number, "")
    prose.add(node.lineno + len(lines) - 1, "")


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return node.value if isinstance(node.value, str) else ""
