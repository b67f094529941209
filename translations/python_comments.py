"""Comments for translators on texts in Python: in which module, field, table or function each stands.

All of it is what the module says of itself: its first line, names and the first lines of docstrings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CALLS = {"N_": 0, "_": 0, "gettext": 0, "ngettext": 0, "P_": 1}  # and which parameter the text is
SENTENCE = re.compile(r"(.+?)(?:\.(?:\s|$)|\n\s*\n|$)", re.DOTALL)
MarkedText = tuple[str, str]  # its place, if it is marked with one, and its English
Classes = Mapping[str, Sequence[str]]  # the fields of each class, in their order


def classes(modules: Sequence[ast.Module]) -> dict[str, list[str]]:
    """The fields of every class whose instances are made from its annotated fields, by its name."""
    return {
        node.name: [
            item.target.id
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        ]
        for module in modules
        for node in _class_definitions(module)
    }


def _class_definitions(block: ast.AST) -> Iterator[ast.ClassDef]:
    """Every class, from the outside in; only statements hold them."""
    blocks = [block]
    for outer in blocks:
        if isinstance(outer, ast.ClassDef):
            yield outer
        blocks += [node for node in ast.iter_child_nodes(outer) if isinstance(node, ast.stmt)]


def python_comments(module: ast.Module, classes: Classes) -> Iterator[tuple[MarkedText, str]]:
    """Every text of a module, with its comment."""
    about = _first_sentence(module)
    for text, place in _Walk(classes).places(module):
        yield text, f"{place[0].upper()}{place[1:]}. In: {about}" if place else f"In: {about}"


def _first_sentence(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    match = SENTENCE.match(ast.get_docstring(node) or "")
    return " ".join(match[1].split()).rstrip(".") + "." if match else ""


@dataclass
class _Walk:
    """Goes through a module and knows, at each text, what stands around it."""

    classes: Classes
    around: list[ast.AST] = field(default_factory=list)

    def places(self, node: ast.AST) -> Iterator[tuple[MarkedText, str]]:
        """Every text below a node, and where it stands."""
        if text := _marked_text(node):
            yield text, self._place(node)
        self.around.append(node)
        for child in ast.iter_child_nodes(node):
            yield from self.places(child)
        self.around.pop()

    def _place(self, node: ast.AST) -> str:
        """The nearest things that tell something, joined: the field, the key, the table or function."""
        parts, inner = [], node
        for outer in reversed(self.around):
            if part := self._part(outer, inner):
                parts.append(part)
            if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                break
            inner = outer
        return ", ".join(parts)

    def _part(self, outer: ast.AST, inner: ast.AST) -> str:
        if isinstance(outer, ast.Call):
            return self._field(outer, inner)
        if isinstance(outer, ast.Dict) and inner in outer.values:
            key = outer.keys[outer.values.index(inner)]
            return f"for {_name(key)}" if key is not None and _name(key) else ""
        if isinstance(outer, (ast.Assign, ast.AnnAssign)):
            target = outer.targets[0] if isinstance(outer, ast.Assign) else outer.target
            return f"in {_name(target)}" if _name(target).isupper() else ""
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            purpose = _first_sentence(outer).rstrip(".")
            return f"told by {outer.name}" + (f" ({purpose})" if purpose else "")
        return ""

    def _field(self, call: ast.Call, inner: ast.AST) -> str:
        """Which field of a class, or which named parameter, a text is handed over as."""
        name = _name(call.func).split(".")[-1]
        if isinstance(inner, ast.keyword):
            return f"the {inner.arg} of {name}" if inner.arg else ""
        fields = self.classes.get(name, ())
        if inner in call.args and call.args.index(inner) < len(fields):
            return f"the {fields[call.args.index(inner)]} of {name}"
        return ""


def _marked_text(node: ast.AST) -> MarkedText | None:
    """The text that a call marks for translation, of a counted one that for one."""
    if not isinstance(node, ast.Call) or _name(node.func) not in CALLS:
        return None
    first = CALLS[_name(node.func)]
    texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args[: first + 1]]
    if len(texts) <= first or not all(isinstance(text, str) for text in texts):
        return None
    return (str(texts[0]) if first else "", str(texts[first]))


def _name(node: ast.AST) -> str:
    """A name or a constant as it is written; an enumeration's member by its own name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}" if _name(node.value) else node.attr
    return str(node.value) if isinstance(node, ast.Constant) else ""
