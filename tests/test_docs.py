"""The examples of the README and of docs/, which show a result each."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{document.name}: {block.splitlines()[0]}")
    for document in DOCUMENTS
    for block in re.findall(r"```python\n(.*?)```", document.read_text(), re.DOTALL)
]
EXAMPLES = [block for block in BLOCKS if ">>>" in block.values[0]]
SCRIPTS = [block for block in BLOCKS if ">>>" not in block.values[0]]


def skip_without_what_it_needs(block):
    """Skip the test of an example, with a reason, where a library, compiler or GPU is missing."""
    for library in re.findall(r"^(?:>>> )?(?:import|from) ([\w.]+)", block, re.MULTILINE):
        reason = f"{library} is not installed"
        module = pytest.importorskip(library, reason=reason, exc_type=ImportError)
        if library == "cupy" and not module.cuda.is_available():
            pytest.skip("CuPy finds no GPU")
    if "torch.compile(" in block and not shutil.which("g++"):
        pytest.skip("torch's inductor needs g++")


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # which torch uses itself
@pytest.mark.parametrize("block", EXAMPLES)
def test_the_examples_give_what_they_show(block):
    skip_without_what_it_needs(block)
    names = {"__name__": "__main__"}
    exec("from tanhshrink import tanhshrink, tanhshrink_grad", names)
    examples = doctest.DocTestParser().get_doctest(block, names, "example", None, None)
    assert examples.examples[-1].want
    # torch still wants the global names when it forgets what it compiled.
    assert doctest.DocTestRunner().run(examples, clear_globs=False).failed == 0


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_print_what_their_comments_say(script, tmp_path):
    skip_without_what_it_needs(script)
    expected = re.findall(r"print\(.*\)  # (.*)", script)
    assert expected
    path = tmp_path / "script.py"
    path.write_text(script)
    run = subprocess.run([sys.executable, path], stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout.splitlines() == expected
