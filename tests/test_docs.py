"""The examples of the README."""

import doctest
import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_the_examples_of_the_readme_run(block):
    for library in re.findall(r"import (\w+)\n", block):
        pytest.importorskip(library, reason=f"{library} is not installed")
    names = {}
    exec("from tanhshrink import tanhshrink, tanhshrink_grad", names)
    examples = doctest.DocTestParser().get_doctest(block, names, "README", None, None)
    result = doctest.DocTestRunner().run(examples)
    assert result.attempted >= 4
    assert result.failed == 0
