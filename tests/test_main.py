"""The command line, python -m tanhshrink."""

import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

import tanhshrink
from tanhshrink import _runtime, _ufunc


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tanhshrink", *arguments], capture_output=True, text=True
    )


def table(output):
    """The numbers of a printed table by their first column, in hexadecimal: tells -0 from 0."""
    rows = [[float(cell) for cell in line.split()] for line in output.splitlines()[1:]]
    return {x.hex(): values for x, *values in rows}


def test_it_shows_what_is_running_and_a_table_beside_the_naive_formula():
    shown = run()
    assert (shown.returncode, shown.stderr) == (0, "")
    runtime, printed = shown.stdout.split("\n\n")
    assert tanhshrink.__version__ in runtime
    assert _ufunc.TARGET in runtime
    assert ", ".join(_ufunc.available_targets()) in runtime
    assert np.__version__ in runtime
    assert platform.python_version() in runtime
    assert runtime.splitlines()[-1].startswith("GPU ")

    rows = table(printed)
    assert len(rows) >= 10
    assert rows[(1e-5).hex()][0] == 3.333333333200001e-16
    assert str(rows[(-0.0).hex()][0]) == "-0.0"
    for x, (exact, naive) in rows.items():
        x = float.fromhex(x)
        assert exact == tanhshrink.tanhshrink(x)
        assert naive == x - np.tanh(x)


def test_show_runtime_prints_the_same():
    code = "import tanhshrink; tanhshrink.show_runtime()"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run().stdout.startswith(shown.stdout)


def test_show_runtime_names_the_array_libraries_found_and_imports_none():
    code = (
        "import sys, tanhshrink; tanhshrink.show_runtime()\n"
        "print(sorted({'ml_dtypes', 'torch', 'jax', 'dask', 'pandas'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [line.split() for line in shown.stdout.splitlines()]
    for library in _runtime.LIBRARIES:
        try:
            expected = [[library, version(library)]]
        except PackageNotFoundError:
            expected = []
        assert [line for line in lines if line[0] == library] == expected
    assert lines[-1] == ["[]"]


def test_eval_prints_every_digit():
    shown = run("eval", "0.5", "1e-5", "-2", "-0", "inf", "-1e-5")
    assert (shown.returncode, shown.stderr) == (0, "")
    results = [line.split()[:2] for line in shown.stdout.splitlines()[1:]]
    assert results == [
        ["0.5", "0.03788284273999024"],
        ["1e-05", "3.333333333200001e-16"],
        ["-2.0", "-1.035972419924183"],
        ["-0.0", "-0.0"],
        ["inf", "inf"],
        ["-1e-05", "-3.333333333200001e-16"],
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["eval", "0.5", "half"], "'half'"),
        (["eval", "1e-5", "1,5"], "'1,5'"),
        (["eval"], "VALUE"),
        (["evaluate"], "'evaluate'"),
    ],
)
def test_a_bad_argument_is_named_on_stderr(arguments, named):
    shown = run(*arguments)
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert named in shown.stderr
    assert "Traceback" not in shown.stderr
