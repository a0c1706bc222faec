"""Tensors of torch: values, layouts, threads."""

import contextlib
import math
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import tanhshrink

torch = pytest.importorskip("torch", reason="torch is not installed")

from tensors import DTYPES, as_numpy, assert_same_bits, numbers, of_numpy  # noqa: E402


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request):
    """A dtype that torch computes in."""
    return request.param


@contextlib.contextmanager
def threads(count):
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def test_bits_are_those_of_the_ufunc(ufunc, dtype):
    x = numbers(dtype)
    assert_same_bits(ufunc(x), of_numpy(ufunc, x))


@pytest.mark.parametrize("default", [torch.float32, torch.float64], ids=str)
def test_integers_and_bools_give_the_default_dtype_of_torch(ufunc, default):
    before = torch.get_default_dtype()
    torch.set_default_dtype(default)
    try:
        for dtype in (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
            x = torch.tensor([0, 1, 3]).to(dtype)
            assert torch.tanh(x).dtype == default
            assert_same_bits(ufunc(x), of_numpy(ufunc, x.to(default)))
    finally:
        torch.set_default_dtype(before)


LAYOUTS = {
    "0-d": lambda x: x[5],
    "empty": lambda x: x[:0],
    "empty, 2-d": lambda x: x[:0].reshape(0, 3),
    "every third": lambda x: x[1::3],
    "transposed": lambda x: x[:600].reshape(20, 30).T,
    "channels_last": lambda x: x[:720].reshape(2, 3, 12, 10).to(memory_format=torch.channels_last),
    "expanded": lambda x: x[:10].reshape(10, 1).expand(10, 7),
    "conjugated": lambda x: x.conj(),
    "negative": lambda x: torch._neg_view(x),
    "misaligned by one": lambda x: x[1:],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_gives_the_layout_that_torch_gives(ufunc, dtype, layout):
    x = LAYOUTS[layout](numbers(dtype))
    result = ufunc(x)
    assert result.stride() == torch.tanh(x).stride()
    assert_same_bits(result, of_numpy(ufunc, x))


def test_the_input_is_left_alone(ufunc, dtype):
    x = numbers(dtype)
    before = x.clone()
    ufunc(x)
    assert as_numpy(x).tobytes() == as_numpy(before).tobytes()


def test_samples_of_torch(ufunc):
    torch_tests = pytest.importorskip(
        "torch.testing._internal.common_methods_invocations",
        reason="torch's own tests need expecttest",
    )
    (op,) = [op for op in torch_tests.op_db if op.name == "nn.functional.tanhshrink"]
    for dtype in op.supported_dtypes("cpu"):
        for sample in op.sample_inputs("cpu", dtype):
            x = sample.input
            if not dtype.is_floating_point and not dtype.is_complex:
                x = x.to(torch.get_default_dtype())
            assert_same_bits(ufunc(sample.input), of_numpy(ufunc, x))
            if ufunc is tanhshrink.tanhshrink:  # that of torch is accurate in wide dtypes only
                wide = torch.complex128 if dtype.is_complex else torch.float64
                expected = op(sample.input.to(wide)).to(x.dtype)
                torch.testing.assert_close(ufunc(sample.input), expected)


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("shape", [(2**20,), (3, 2**19), (2,) * 20, (700, 1, 1500)])
def test_threads_change_no_bit(ufunc, count, shape):
    x = numbers(torch.float64, math.prod(shape)).reshape(shape)
    with threads(count):
        assert_same_bits(ufunc(x), of_numpy(ufunc, x))
        assert_same_bits(ufunc(x.movedim(0, -1)), of_numpy(ufunc, x.movedim(0, -1)))


@pytest.mark.parametrize("count", [1, 2])
def test_subnormal_numbers_that_torch_flushes_to_zero_do_not_matter(ufunc, dtype, count):
    x = numbers(dtype, 2**21 // dtype.itemsize)
    expected = of_numpy(ufunc, x)
    assert torch.set_flush_denormal(True)
    try:
        with threads(count):
            results = [ufunc(x)]
    finally:
        torch.set_flush_denormal(False)
    with threads(count):  # which may have been started while it was set
        results.append(ufunc(x))
    for result in results:
        assert_same_bits(result, expected)


@pytest.mark.parametrize("count", [1, 2])
def test_the_error_state_of_numpy_does_not_matter(ufunc, count):
    x = torch.full((2**20,), complex(1, np.inf), dtype=torch.complex64)
    x[1::2] = 1e-30  # underflows
    with threads(count), np.errstate(all="raise"):
        ufunc(x)


def run(program, *options):
    return subprocess.run(
        [sys.executable, *options, "-c", program], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_process_has_threads_of_its_own():
    # In a process without jax, which warns of forks.
    program = """
import multiprocessing, torch
from tanhshrink import tanhshrink
torch.set_num_threads(2)
x = torch.linspace(-3, 3, 2**20, dtype=torch.float64)
expected = tanhshrink(x).numpy().tobytes()
def compute(connection):  # without torch's own threads, which a fork loses too
    connection.send(tanhshrink(x).numpy().tobytes() == expected)
receiver, sender = multiprocessing.Pipe()
child = multiprocessing.get_context("fork").Process(target=compute, args=(sender,), daemon=True)
child.start()
print(receiver.poll(60) and receiver.recv())
"""
    assert run(program, "-W", "ignore::DeprecationWarning") == "True\n"


def test_a_program_that_is_ending_still_computes():
    # When the main thread has ended, no pool takes work any more.
    program = """
import atexit, threading, torch
from tanhshrink import tanhshrink
torch.set_num_threads(2)
x = torch.linspace(-3, 3, 2**20, dtype=torch.float64)
expected = tanhshrink(x)
def compute():
    threading.main_thread().join()
    print(torch.equal(tanhshrink(x), expected))
atexit.register(lambda: print(torch.equal(tanhshrink(x), expected)))
threading.Thread(target=compute).start()
"""
    assert run(program) == "True\nTrue\n"


def test_torch_is_imported_by_the_user_only_and_may_be_so_later():
    program = """
import sys
from tanhshrink import tanhshrink
tanhshrink([1.0])
assert "torch" not in sys.modules
import torch
print(tanhshrink(torch.tensor([0.0])))
"""
    assert run(program) == "tensor([0.])\n"


def test_bfloat16_works_without_ml_dtypes():
    program = """
import sys
sys.modules["ml_dtypes"] = None
import torch
from tanhshrink import tanhshrink
print(tanhshrink(torch.tensor([1.0], dtype=torch.bfloat16)).item())
"""
    assert float(run(program)) == float(tanhshrink.tanhshrink(ml_dtypes.bfloat16(1)))
