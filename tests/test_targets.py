"""Every CPU target gives the same bits, and the choice of one can be forced."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tanhshrink import _ufunc

VARIABLE = "TANHSHRINK_TARGET"


def random_bit_patterns(dtype, size):
    bytes_ = np.random.default_rng(7).bytes(size * dtype.itemsize)
    return np.frombuffer(bytes_, dtype=f"u{dtype.itemsize}").view(dtype)


def layouts(x):
    """The same kind of numbers, laid out in every way that takes another path through a loop."""
    square = x[: 300 * 300].reshape(300, 300)
    unaligned = np.empty(x.nbytes + 1, dtype=np.uint8)[1:].view(x.dtype)
    unaligned[:] = x
    return {
        "contiguous": x,
        "reversed": x[::-1],
        "every third": x[::3],
        "unaligned": unaligned,
        "Fortran order": np.asfortranarray(square),
        "transposed, with gaps": square.T[::2, 5:-3],
        "single elements": x[:2000].reshape(-1, 1)[:, ::-1],
        "broadcast": np.broadcast_to(x[:100], (50, 100)),
    }


def test_all_targets_give_the_same_bits_in_every_layout(function, name, dtype):
    x = random_bit_patterns(dtype, 1_000_000)
    baseline = _ufunc.make_ufunc(name, "baseline")
    with np.errstate(invalid="ignore"):  # signalling NaNs
        for layout, array in layouts(x).items():
            got, want = function(array), baseline(np.array(array, order="C"))
            got = np.ascontiguousarray(got)
            assert got.tobytes() == want.tobytes(), layout


def test_a_result_does_not_depend_on_its_neighbours_or_its_place(function, dtype):
    x = random_bit_patterns(dtype, 3000)
    with np.errstate(invalid="ignore"):
        together = function(x)
        for start in range(0, 40):
            for length in (1, 2, 3, 5, 8, 13, 31, 64, 200):
                part = x[start : start + length]
                assert function(part).tobytes() == together[start : start + length].tobytes()


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_baseline_is_always_available_and_the_target_in_use_is_one_of_those_available():
    assert "baseline" in _ufunc.available_targets()
    assert _ufunc.TARGET in _ufunc.available_targets()


def test_the_fastest_available_target_is_the_default():
    fastest_first = ("avx512", "avx2", "baseline")
    available = _ufunc.available_targets()
    assert available == tuple(target for target in fastest_first if target in available)
    without = {key: value for key, value in os.environ.items() if key != VARIABLE}
    code = "import tanhshrink; print(tanhshrink._ufunc.TARGET)"
    run = subprocess.run([sys.executable, "-c", code], env=without, capture_output=True, text=True)
    assert run.stdout.strip() == available[0]


def test_a_target_can_be_forced(target):
    code = "import tanhshrink; print(tanhshrink._ufunc.TARGET, tanhshrink.tanhshrink(0.5))"
    run = run_python(code, **{VARIABLE: target})
    assert run.stdout.split() == [target, "0.03788284273999024"]
    assert run.stderr == ""


@pytest.mark.parametrize("name", ["avx1024", "AVX2"])
def test_an_unknown_target_is_refused_by_a_message_that_names_those_available(name):
    run = run_python("import tanhshrink", **{VARIABLE: name})
    assert run.returncode == 1
    last_line = run.stderr.splitlines()[-1]
    assert last_line.startswith("ImportError")
    assert VARIABLE in last_line
    assert f'"{name}"' in last_line
    assert ", ".join(_ufunc.available_targets()) in last_line


def test_making_an_unknown_target_is_refused():
    with pytest.raises(ValueError, match=r"avx1024.*available.*baseline"):
        _ufunc.make_ufunc("tanhshrink", "avx1024")


def test_making_an_unknown_function_is_refused():
    with pytest.raises(ValueError, match="coth"):
        _ufunc.make_ufunc("coth", "baseline")
