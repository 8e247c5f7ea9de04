"""The package's face: its public names, their documentation, and what it costs to import it."""

import inspect
import subprocess
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

import pipeline
from pipeline.flow.wirewatch import Wirewatch

ROOT = Path(__file__).parent.parent
GROUPS = sorted(name for name, value in vars(Wirewatch).items() if isinstance(value, cached_property))


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    for name in pipeline.__all__:
        assert getattr(pipeline, name) is not None
        assert name in dir(pipeline)
    assert sorted(pipeline.__all__) == pipeline.__all__
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = pipeline.Nothing


def test_type_checkers_see_the_same_names() -> None:
    """What is imported for type checkers alone is what ``__getattr__`` loads."""
    source = (ROOT / "pipeline" / "__init__.py").read_text("utf-8")
    typed = source[source.index("if TYPE_CHECKING:") : source.index("__version__ =")]
    for name in set(pipeline.__all__) - {"__version__"}:
        module = "wirewatch" if name == "Wirewatch" else None
        value = getattr(pipeline, name)
        lines = [line for line in typed.splitlines() if name in line.replace(",", " ").split()]
        assert len(lines) == 1, name
        imported_from = lines[0].split()[1]
        assert getattr(sys.modules[imported_from], name) is value
        assert module is None or imported_from.endswith(module)


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import pipeline; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert [name for name in loaded.split() if name.startswith("pipeline")] == ["pipeline"]


def class_of(group: str) -> type:
    """The class of a group: it has the group's name, and so has its module, in whichever room of ``flow``."""
    [path] = (ROOT / "pipeline" / "flow").rglob(f"{group}.py")
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    kind: type = getattr(module, group.capitalize())
    return kind


def test_each_group_has_a_class_and_a_module_of_its_name() -> None:
    assert GROUPS
    assert all(inspect.isclass(class_of(group)) for group in GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_every_method_is_documented_with_its_arguments(group: str) -> None:
    kind = class_of(group)
    assert inspect.getdoc(kind)
    methods = {name: value for name, value in vars(kind).items() if inspect.isfunction(value) and name[0] != "_"}
    for name, method in methods.items():
        text = inspect.getdoc(method) or ""
        assert text.split("\n")[0].endswith("."), name
        assert "return" in get_type_hints(method), name
        if "Args:" in text:
            parameters = set(inspect.signature(method).parameters) - {"self"}
            assert all(f"    {parameter}: " in text for parameter in parameters), f"{group}.{name}"
