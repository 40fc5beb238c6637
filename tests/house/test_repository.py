"""The repository is lean, speaks of no one's machine, and its manuals are true."""

import json
import re
import tomllib

import pytest

from tests.house.repository import ROOT, SOURCE, tracked_files

MAX_FILE_BYTES = 20 * 2**20
SMALL_TEXT_BYTES = 2**20
# Built from pieces, or this file would accuse itself.
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/("
    + "|".join(["ho" + "me", "ro" + "ot", "wo" + "rk", "Us" + "ers", "op" + "t"])
    + r")/\w"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
TEST_COMMAND = (
    "python3 -m venv .venv-test && .venv-test/bin/pip install -e '.[test]' && .venv-test/bin/pytest"
)
MAIN_COMMAND = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/beholder demo"


def test_no_tracked_file_is_large():
    large = [path.name for path in tracked_files() if path.stat().st_size > MAX_FILE_BYTES]
    assert not large


def test_no_tracked_text_names_a_place_on_a_machine():
    found = []
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" in data or len(data) > SMALL_TEXT_BYTES:
            continue
        for number, line in enumerate(data.decode("utf-8").splitlines(), start=1):
            if MACHINE_PATHS.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found


def test_readme_and_ci_run_the_same_tests():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert MAIN_COMMAND in readme
    assert TEST_COMMAND in readme
    assert TEST_COMMAND in [line.strip() for line in ci.splitlines()]


def test_readme_shows_every_room():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = [path for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    files = [path for path in SOURCE.glob("*.py") if not path.name.startswith("__")]
    names = [f"{room.name}/" for room in rooms] + [file.name for file in files]
    missing = [name for name in names if f"\n{name} " not in readme]
    assert not missing


@pytest.mark.parametrize(
    "path",
    sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")),
    ids=lambda path: path.name,
)
def test_links_lead_somewhere(path):
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    broken = [target for target in local if not (path.parent / target).exists()]
    assert not broken


def test_the_core_install_is_small():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[<>=!~ ]", line)[0] for line in project["dependencies"]]
    assert names == ["numpy", "av", "onnxruntime", "scipy", "typer"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks" / "results").glob("*.json")), ids=lambda path: path.name
)
def test_a_result_says_when_where_and_with_what(path):
    result = json.loads(path.read_text(encoding="utf-8"))
    assert {"date", "hardware", "versions"} <= set(result)


def test_every_benchmark_is_listed():
    listed = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    scripts = (ROOT / "benchmarks").glob("*.py")
    names = {path.stem for path in scripts if "__main__" in path.read_text(encoding="utf-8")}
    assert not [name for name in names if f"`python -m benchmarks.{name}" not in listed]
