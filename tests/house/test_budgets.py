"""Files and functions stay small enough to be read at one sitting.

Complexity, line length and statements are ruff's part (see pyproject.toml).
"""

import ast

import pytest

from tests.house.repository import SOURCE, source_files

MAX_FILE_LINES = 400
MAX_BODY_LINES = 40
MAX_PARAMETERS = 6
MAX_POSITIONAL = 4
MAX_NESTING = 3

_KERNELS = "backbones/selective_scan/triton_kernels.py"
EXCEPTIONS: dict[tuple[str, str], str] = {
    (_KERNELS, "forward"): "a Triton kernel takes every pointer and size as an argument of its own",
    (_KERNELS, "backward"): "the same, and a kernel cannot be split without storing its registers",
}
"""(file, function or class.function) to the reason why it may pass its budget."""

BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _functions(tree, prefix=""):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield prefix + node.name, node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from _functions(node, f"{prefix}{node.name}.")


def _body_lines(function):
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _parameters(function):
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [arg for arg in given if arg.arg not in ("self", "cls") and not _is_option(arg)]


def _is_option(arg):
    # An option of the command line is for people, who name it; nobody calls it in order.
    return arg.annotation is not None and "typer." in ast.unparse(arg.annotation)


def _nesting(node):
    depths = [0]
    for child in ast.iter_child_nodes(node):
        # An `elif` is an `if` inside the `orelse` of another; a reader sees one level.
        chained = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        opens = isinstance(child, BLOCKS) and not chained
        depths.append(opens + _nesting(child))
    return max(depths)


def _overruns(name, function):
    parameters = _parameters(function)
    keyword_only = [arg.arg for arg in function.args.kwonlyargs]
    private = any(part.startswith("_") for part in name.split("."))
    positional = 0 if private else sum(arg.arg not in keyword_only for arg in parameters)
    figures = {
        "body lines": (_body_lines(function), MAX_BODY_LINES),
        "parameters": (len(parameters), MAX_PARAMETERS),
        "positional parameters": (positional, MAX_POSITIONAL),
        "nesting": (_nesting(function), MAX_NESTING),
    }
    return [
        f"{name} (line {function.lineno}): {value} {what}, at most {most}"
        for what, (value, most) in figures.items()
        if value > most
    ]


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_file_keeps_its_budget(path):
    text = path.read_text(encoding="utf-8")
    file = str(path.relative_to(SOURCE))
    assert len(text.splitlines()) <= MAX_FILE_LINES
    overruns = [
        overrun
        for name, function in _functions(ast.parse(text))
        if (file, name) not in EXCEPTIONS
        for overrun in _overruns(name, function)
    ]
    assert not overruns, "split it, or take a dataclass:\n" + "\n".join(overruns)


def test_every_exception_is_still_needed():
    functions = {
        (str(path.relative_to(SOURCE)), name): function
        for path in source_files()
        for name, function in _functions(ast.parse(path.read_text(encoding="utf-8")))
    }
    idle = [key for key in EXCEPTIONS if key not in functions or not _overruns("", functions[key])]
    assert not idle


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_file_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the first line of a file says what it is for"
