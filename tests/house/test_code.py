"""How the code is written, as far as a test can see it."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "urbanreview"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 450


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def public_definitions(module: Path):
    """Walk public functions and classes of a module, and public methods of its public classes."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    bodies = [("", tree.body)]
    while bodies:
        before, body = bodies.pop()
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield f"{before}{node.name}", node
                if isinstance(node, ast.ClassDef):
                    bodies.append((f"{node.name}.", node.body))


def test_there_is_code_to_look_at():
    assert len(MODULES) > 40
    assert any(name == "open_raster" for module in MODULES for name, _ in public_definitions(module))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_and_every_public_name_has_a_docstring(module):
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))), f"{name_of(module)} has no docstring"
    without = [name for name, node in public_definitions(module) if not ast.get_docstring(node)]
    assert without == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_is_too_long(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_error_is_swallowed_and_none_is_bare(module):
    """No `except Exception`, no bare `except`, no `raise Exception`."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}"
            caught = {ast.unparse(part) for part in getattr(node.type, "elts", [node.type])}
            assert not caught & {"Exception", "BaseException"}, f"line {node.lineno}"
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            assert ast.unparse(raised) not in ("Exception", "BaseException"), f"line {node.lineno}"


@pytest.mark.parametrize("module", [module for module in MODULES if "cli" not in module.parts], ids=name_of)
def test_only_commands_print(module):
    printed = [
        node.lineno
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "click.echo", "sys.stdout.write")
    ]
    assert printed == []


def test_the_import_contracts_hold():
    command = Path(sys.executable).with_name("lint-imports")
    found = str(command) if command.exists() else shutil.which("lint-imports")
    if found is None:
        pytest.skip("import-linter is not installed: it comes with the extra [dev]")
    done = subprocess.run([found, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
