"""tanhshrink keeps the whole contract of a unary numpy.ufunc; np.tanh is the model."""

import copy
import doctest
import importlib.metadata
import importlib.resources
import inspect
import pickle
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import oracle
import tanhshrink as package
from tanhshrink import tanhshrink

BLOCK = 1024  # the most elements a kernel works on at a time; arrays here reach beyond it


@pytest.fixture
def x(dtype):
    """Numbers of every size, longer than two blocks."""
    exponents = np.random.default_rng(8).uniform(-12, 6, 2 * BLOCK + 77)
    signs = np.where(np.arange(exponents.size) % 3, 1, -1)
    return (signs * 2.0**exponents).astype(dtype)


@pytest.fixture
def want(x, derivative):
    return oracle.correctly_rounded(x, derivative)


# What it is


SIGNATURE = (
    "(x, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, "
    "signature=None)"
)


@pytest.fixture
def public(name):
    """The ufunc as the package offers it."""
    return getattr(package, name)


def test_it_is_a_genuine_unary_ufunc(public):
    assert isinstance(public, np.ufunc)
    assert (public.nin, public.nout, public.nargs) == (1, 1, 2)
    assert public.types == [f"{char}->{char}" for char in "efdgFDGO"]
    assert set(np.tanh.types) <= set(public.types)
    assert public.identity is None
    assert public.signature is None


def test_it_knows_its_name_and_where_it_lives(public, name):
    assert public.__name__ == public.__qualname__ == name
    assert public.__module__ == "tanhshrink"
    assert repr(public) == f"<ufunc '{name}'>"
    assert str(inspect.signature(public)) == SIGNATURE


def test_the_package_offers_exactly_the_names_in_its_all():
    public = {name: value for name, value in vars(package).items() if not name.startswith("_")}
    offered = [name for name, value in public.items() if not inspect.ismodule(value)]
    assert sorted(package.__all__) == sorted(offered)
    assert package.__version__ == importlib.metadata.version("tanhshrink")


def test_the_installed_package_is_typed():
    files = importlib.resources.files("tanhshrink")
    assert (files / "py.typed").is_file()
    assert (files / "__init__.pyi").is_file()


def test_the_package_takes_less_than_a_megabyte_in_a_wheel():
    folder = Path(package.__file__).parent
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(len(zlib.compress(path.read_bytes())) for path in files) < 10**6


def test_the_examples_of_its_docstring_run(public, name):
    parser = doctest.DocTestParser()
    examples = parser.get_doctest(public.__doc__, {}, name, None, None)
    result = doctest.DocTestRunner().run(examples)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_is_the_same_object(public, duplicate):
    assert duplicate(public) is public


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_gives_the_same_object(public, protocol):
    assert pickle.loads(pickle.dumps(public, protocol)) is public


# Types in and out


@pytest.mark.parametrize("char", "?bBhHiIlLqQefd")
def test_dtypes_are_promoted_as_by_tanh(char):
    x = np.array([0, 1], dtype=char)
    got = tanhshrink(x)
    assert got.dtype == np.tanh(x).dtype
    assert_array_equal(got, oracle.correctly_rounded(x.astype(got.dtype)))


@pytest.mark.parametrize("x", [0.5, 2, True, np.float32(0.5), np.int8(3), np.float16(2)])
def test_a_scalar_gives_a_scalar_of_the_type_tanh_gives(x):
    got = tanhshrink(x)
    assert type(got) is type(np.tanh(x))
    assert got == oracle.correctly_rounded(np.array([x], dtype=got.dtype))[0]


def test_a_list_gives_a_float64_array():
    got = tanhshrink([[1, 2.5], [-3, 0]])
    assert got.dtype == np.float64
    assert_array_equal(got, oracle.correctly_rounded(np.array([[1, 2.5], [-3, 0]])))


@pytest.mark.parametrize("x", ["1.0", np.datetime64("2026-01-01"), b"1", None, object()])
def test_what_is_not_a_number_is_refused(x):
    with pytest.raises(TypeError):
        tanhshrink(x)


def test_dtype_chooses_the_precision():
    assert tanhshrink(0.5, dtype=np.float32).dtype == np.float32
    x = np.array([0.1], dtype=np.float32)
    assert tanhshrink(x, dtype="d") == tanhshrink(np.float64(x[0]))


def test_a_cast_that_loses_precision_must_be_allowed():
    x, out = np.array([0.1]), np.empty(1, dtype=np.float32)
    with pytest.raises(TypeError, match="cast"):
        tanhshrink(x, dtype=np.float32, casting="safe")
    with pytest.raises(TypeError, match="cast"):
        tanhshrink(x, out=out, casting="safe")
    tanhshrink(x, out=out)
    assert out == np.float32(tanhshrink(0.1))
    with pytest.raises(TypeError, match="cast"):
        tanhshrink(x, out=np.empty(1, dtype=int))


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError):
        tanhshrink()
    with pytest.raises(TypeError):
        tanhshrink(1.0, None, None)
    with pytest.raises(TypeError):
        tanhshrink(1.0, axis=0)
    with pytest.raises(ValueError, match="shape"):
        tanhshrink(np.ones(3), out=np.empty(2))


# Where the result goes


def test_out_is_filled_and_returned(function, x, want):
    out = np.full_like(x, 7)
    assert function(x, out=out) is out
    assert_array_equal(out, want)
    assert function(x, out) is out


def test_out_may_be_the_input(function, x, want):
    function(x, out=x)
    assert_array_equal(x, want)


@pytest.mark.parametrize("shift", [1, 3, 64, BLOCK])
def test_out_may_overlap_the_input(function, x, want, shift):
    forward, backward = x.copy(), x.copy()
    function(forward[:-shift], out=forward[shift:])
    assert_array_equal(forward[shift:], want[:-shift])
    function(backward[shift:], out=backward[:-shift])
    assert_array_equal(backward[:-shift], want[shift:])
    function(x, out=x[::-1])
    assert_array_equal(x[::-1], want)


def test_where_leaves_the_rest_alone(function, x, want):
    chosen = np.arange(x.size) % 3 == 0
    out = np.full_like(x, 7)
    function(x, out=out, where=chosen)
    assert_array_equal(out[chosen], want[chosen])
    assert (out[~chosen] == 7).all()


def test_a_read_only_out_is_refused():
    out = np.empty(3)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        tanhshrink(np.ones(3), out=out)


# Shapes and layouts


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3, 5)])
def test_the_shape_is_kept(function, dtype, shape, derivative):
    x = np.ones(shape, dtype=dtype)
    out = np.empty_like(x)
    assert function(x, out=out) is out
    assert function(x).shape == shape
    assert_array_equal(out, oracle.correctly_rounded(x, derivative))


def test_negative_strides(function, x, want):
    assert_array_equal(function(x[::-2]), want[::-2])
    out = np.empty_like(x)
    function(x, out=out[::-1])
    assert_array_equal(out[::-1], want)


def test_out_with_gaps(function, x, want):
    out = np.full(3 * x.size, 7).astype(x.dtype)
    function(x, out=out[::3])
    assert_array_equal(out[::3], want)
    assert (out[1::3] == 7).all()
    assert (out[2::3] == 7).all()


def test_unaligned_data(function, x, want):
    def unaligned_like(array):
        return np.empty(array.nbytes + 1, dtype=np.uint8)[1:].view(array.dtype)

    unaligned, out = unaligned_like(x), unaligned_like(x)
    unaligned[:] = x
    function(unaligned, out=out)
    assert not out.flags.aligned
    assert_array_equal(out, want)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_byte_swapped_data(function, x, want):
    swapped = x.astype(x.dtype.newbyteorder())
    assert_array_equal(function(swapped), want)
    function(x, out=swapped)
    assert_array_equal(swapped, want)


def test_fortran_order_is_kept(function, dtype, derivative):
    x = np.asfortranarray(np.linspace(-3, 3, 35).reshape(5, 7).astype(dtype))
    got = function(x)
    assert got.flags.f_contiguous
    assert_array_equal(got, oracle.correctly_rounded(x, derivative))


def test_broadcast_input_and_output(function, dtype, derivative):
    row = np.linspace(-3, 3, 7).astype(dtype)
    want = np.broadcast_to(oracle.correctly_rounded(row, derivative), (5, 7))
    assert_array_equal(function(np.broadcast_to(row, (5, 7))), want)
    assert_array_equal(function(row, out=np.empty((5, 7), dtype=dtype)), want)


# Methods


def test_at_works_in_place_and_repeats_repeated_indices(function, dtype):
    x = np.array([0.5, 1.5, 2.5], dtype=dtype)
    want = x.copy()
    for i in [0, 2, 2]:
        want[i] = function(want[i])
    function.at(x, [0, 2, 2])
    assert_array_equal(x, want)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("reduce", [[1.0]]),
        ("accumulate", [[1.0]]),
        ("reduceat", [[1.0], [0]]),
        ("outer", [1.0, 1.0]),
    ],
)
def test_methods_for_two_arguments_are_refused_as_by_tanh(method, arguments):
    with pytest.raises(Exception) as refusal:  # noqa: PT011  whatever np.tanh raises
        getattr(np.tanh, method)(*arguments)
    with pytest.raises(refusal.type):
        getattr(tanhshrink, method)(*arguments)


def test_resolve_dtypes():
    assert tanhshrink.resolve_dtypes((np.dtype("i2"), None)) == (np.dtype("f4"), np.dtype("f4"))


# Other array classes


def test_masked_arrays_keep_their_mask():
    x = np.ma.array([0.5, np.nan, 2.0], mask=[False, True, False])
    got = tanhshrink(x)
    assert isinstance(got, np.ma.MaskedArray)
    assert_array_equal(got.mask, x.mask)
    assert_array_equal(got.compressed(), tanhshrink(x.compressed()))


def test_a_subclass_gives_the_subclass():
    class Special(np.ndarray):
        pass

    x = np.linspace(-1, 1, 5).view(Special)
    got = tanhshrink(x)
    assert type(got) is Special
    assert_array_equal(np.asarray(got), tanhshrink(np.asarray(x)))


def test_array_ufunc_is_asked():
    class Asked:
        def __array_ufunc__(self, ufunc, method, *inputs, **arguments):
            return ufunc, method, inputs, arguments

    asked = Asked()
    assert tanhshrink(asked, where=True) == (tanhshrink, "__call__", (asked,), {"where": True})
    assert tanhshrink(1.0, out=asked) == (tanhshrink, "__call__", (1.0,), {"out": (asked,)})


def test_array_wrap_is_asked():
    class Wrapped:
        def __array__(self, dtype=None, copy=None):
            return np.array([0.5, 2.0])

        def __array_wrap__(self, array, context=None, return_scalar=False):
            return "wrapped", array, context[0]

    label, array, ufunc = tanhshrink(Wrapped())
    assert label == "wrapped"
    assert ufunc is tanhshrink
    assert_array_equal(array, tanhshrink(np.array([0.5, 2.0])))


def test_memory_mapped_files(tmp_path):
    x = np.memmap(tmp_path / "x", dtype=np.float32, mode="w+", shape=(100,))
    x[:] = np.linspace(-3, 3, 100)
    want = oracle.correctly_rounded(np.array(x))
    got = tanhshrink(x)
    assert type(got) is type(np.tanh(x))
    assert_array_equal(got, want)
    tanhshrink(x, out=x)
    assert_array_equal(np.fromfile(tmp_path / "x", dtype=np.float32), want)


def test_errstate_is_obeyed():
    with np.errstate(under="raise"), pytest.raises(FloatingPointError, match="underflow"):
        tanhshrink(np.array([1e-200]))
    with np.errstate(under="warn"), pytest.warns(RuntimeWarning, match="underflow.* tanhshrink"):
        tanhshrink(np.array([1e-200]))
    with np.errstate(under="ignore"):
        tanhshrink(np.array([1e-200]))


# bfloat16, of the package ml_dtypes, which is not imported by tanhshrink


def run_python(code):
    """Run code in a new interpreter, for what depends on the order of imports and calls."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_ml_dtypes_is_not_imported():
    run = run_python("import sys, tanhshrink; tanhshrink.tanhshrink(1); print(*sys.modules)")
    assert "numpy" in run.stdout.split()
    assert "ml_dtypes" not in run.stdout.split()


IMPORT, IMPORT_ML_DTYPES = "from tanhshrink import tanhshrink", "import ml_dtypes, numpy as np"
CALL, MAKE = "tanhshrink(0.5)", "x = np.array([0.5, -2], dtype=ml_dtypes.bfloat16)"


@pytest.mark.parametrize(
    "steps",
    [
        [IMPORT_ML_DTYPES, IMPORT, MAKE],
        [IMPORT, IMPORT_ML_DTYPES, MAKE],
        [IMPORT, CALL, IMPORT_ML_DTYPES, MAKE],
        [IMPORT, IMPORT_ML_DTYPES, MAKE, "tanhshrink(x, dtype='f4')"],
        [IMPORT, IMPORT_ML_DTYPES, MAKE, "tanhshrink(x, out=np.empty(2, dtype='f4'))"],
        [IMPORT, IMPORT_ML_DTYPES, MAKE, "tanhshrink.at(x.copy(), [0])"],
        [
            IMPORT,
            IMPORT_ML_DTYPES,
            MAKE,
            "tanhshrink(x.astype('f4'), out=x.copy(), casting='unsafe')",
        ],
    ],
    ids="; ".join,
)
def test_bfloat16_keeps_its_dtype_whatever_came_first(steps):
    show = "got = tanhshrink(x); print(got.dtype, *got.view('u2'))"
    run = run_python("\n".join([*steps, show]))
    want = oracle.correctly_rounded(np.array([0.5, -2], dtype=oracle.BFLOAT16))
    assert run.stderr == ""
    assert run.stdout.split() == ["bfloat16", *map(str, want.view("u2"))]


def test_bfloat16_computed_in_float32_on_request():
    x = np.array([0.5, -2], dtype=ml_dtypes.bfloat16)
    got = tanhshrink(x, dtype="f4")
    assert got.dtype == np.float32
    assert_array_equal(got, oracle.correctly_rounded(x.astype(np.float32)))


def test_bfloat16_with_an_out_of_another_dtype_as_by_tanh():
    x = np.array([0.5, -2], dtype=ml_dtypes.bfloat16)
    out = np.empty(2, dtype=np.float32)
    tanhshrink(x, out=out)
    same_loop = np.array_equal(np.tanh(x, out=out.copy()), np.tanh(x).astype(np.float32))
    want = oracle.correctly_rounded(x) if same_loop else oracle.correctly_rounded(x.astype("f4"))
    assert_array_equal(out, want.astype(np.float32))


# Threads


def test_many_threads_get_the_same_bits(function, x, want):
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(function, [x] * 64):
            assert_array_equal(got, want)


def test_other_threads_run_during_a_long_call(function):
    """Seen by looking at a result that is being written: its start is there, its end is not."""
    x = np.full(2**24, 0.5)
    out = np.empty_like(x)

    def seen_half_done():
        out[[0, -1]] = np.nan
        worker = threading.Thread(target=function, args=(x, out))
        worker.start()
        seen = False
        while worker.is_alive():
            seen = seen or (not np.isnan(out[0]) and np.isnan(out[-1]))
        worker.join()
        return seen

    assert any(seen_half_done() for _ in range(20))
