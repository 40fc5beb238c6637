"""`--set group.field=value`: change a recipe by name."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from beholder.errors import UnknownName, UsageError

FIXED = ("view",)
"""Groups that cannot be changed by name."""

R = TypeVar("R")


def apply_overrides(recipe: R, overrides: Sequence[str]) -> R:
    """Replace settings of a recipe.

    Args:
        recipe: The start; it is not changed.
        overrides: Texts like `optim.weight_decay=0.1`.

    Returns:
        The changed recipe; its groups check their new values.

    Raises:
        UnknownName: No such setting; the nearest real names are in the text.
        UsageError: No `=`, or a value of another type.
    """
    changes: dict[str, dict[str, object]] = {}
    known = _settings(recipe)
    for text in overrides:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"expected group.field=value after --set, found {text!r}")
        group, field = _find(name.strip(), known)
        changes.setdefault(group, {})[field] = _parse(
            text, value.strip(), known[f"{group}.{field}"]
        )
    # All at once: a group checks its values together, so their order must not matter.
    groups = {g: dataclasses.replace(getattr(recipe, g), **c) for g, c in changes.items()}
    changed: R = dataclasses.replace(cast("Any", recipe), **groups)
    return changed


def _settings(recipe: Any) -> dict[str, object]:
    groups = {
        field.name: getattr(recipe, field.name)
        for field in dataclasses.fields(recipe)
        if field.name not in FIXED and dataclasses.is_dataclass(getattr(recipe, field.name))
    }
    return {
        f"{name}.{field.name}": getattr(group, field.name)
        for name, group in groups.items()
        for field in dataclasses.fields(group)
    }


def _find(name: str, known: dict[str, object]) -> tuple[str, str]:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or sorted(known)
        raise UnknownName(f"no setting {name!r}; did you mean {', '.join(near)}?")
    group, field = name.split(".")
    return group, field


def _parse(text: str, value: str, old: object) -> object:
    kind: Callable[[str], object] = type(old)
    try:
        return kind(value)
    except ValueError as error:
        raise UsageError(f"expected {type(old).__name__} in {text!r}, found {value!r}") from error
