"""Tests that only one module uses private names of Textual, and that the app works without these names."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from textual.css.stylesheet import Stylesheet

import flattr_tui.ui as package
from flattr_tui.ui import textual_private
from flattr_tui.ui.key_settings import is_key


def _import_modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name != textual_private.__name__:
            yield importlib.import_module(module.name)


def _is_private(name: str) -> bool:
    documented = {"_exit", "_replace"}  # documented names of os and of named tuples
    return name.startswith("_") and not name.startswith(("__", "_on_")) and name not in documented


def _defined_names(tree: ast.AST) -> set[str]:
    """Return the names that a module defines: functions, classes, variables and attributes that it assigns."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def test_no_other_module_uses_a_private_name_of_a_library() -> None:
    trees = {module.__name__: ast.parse(inspect.getsource(module)) for module in _import_modules()}
    ours = set().union(*(_defined_names(tree) for tree in trees.values()))
    used = {
        f"{name}: {node.attr}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in ours
    }
    imported = {
        f"{name}: {alias.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("flattr_tui")
        for alias in node.names
        if _is_private(alias.name)
    }
    assert used | imported == set()


def test_no_class_of_ours_overrides_a_private_name_of_textual() -> None:
    overridden = set()
    for module in _import_modules():
        for kind in vars(module).values():
            if not inspect.isclass(kind) or kind.__module__ != module.__name__:
                continue
            bases = [base for base in kind.__mro__ if base.__module__.startswith("textual")]
            names = {name for name in vars(kind) if _is_private(name) and not name.startswith("_abc")}
            overridden |= {f"{kind.__name__}.{name}" for name in names for base in bases if name in vars(base)}
    assert {name for name in overridden if not name.split(".")[1].startswith(INHERITED)} == set()


INHERITED = (
    "_inherit_",
    "_merged_",
    "_default_",
    "_reactives",
    "_computes",
    "_css_",
    "_decorated_",
    "_animatable",
    "_component_classes",
    "_BINDINGS",
)
"""Beginnings of the names that Textual's metaclass sets on each class."""


def test_without_its_private_names_textual_styles_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert textual_private.has_style_internals()
    monkeypatch.setattr(Stylesheet, "__init__", lambda self: None)
    assert not textual_private.has_style_internals()


@pytest.mark.parametrize("name", ["x", "X", "?", "question_mark", "ctrl+slash", "minus", "f5", "é"])
def test_these_are_keys(name: str) -> None:
    assert is_key(name)


@pytest.mark.parametrize("name", ["hyphen_minus", "Question_Mark", "latin_small_letter_a", "snowman", "no_such", ""])
def test_no_keyboard_sends_these(name: str) -> None:
    assert not is_key(name)
