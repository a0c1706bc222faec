"""The types of one byte of ml_dtypes: every number correctly rounded, in its own dtype, as np.tanh.

bfloat16, which has kernels of its own, is in test_rounding.py and test_ufunc.py; the complex types
are in test_half_complex.py.
"""

import bisect
import functools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import gmpy2
import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import tanhshrink as package
from tanhshrink import _ufunc

OFFERED = {
    name: np.dtype(value)
    for name, value in vars(ml_dtypes).items()
    if isinstance(value, type) and issubclass(value, np.generic)
}
SMALL = {
    name: dtype
    for name, dtype in OFFERED.items()
    if name.startswith("float") and dtype.itemsize == 1
}


@pytest.fixture(params=SMALL)
def dtype(request):
    return SMALL[request.param]


@pytest.fixture
def public(name):
    """The ufunc as the package offers it."""
    return getattr(package, name)


def every_number(dtype):
    return np.arange(2 ** ml_dtypes.finfo(dtype).bits, dtype=np.uint8).view(dtype)


def bits(x):
    return x.view(np.uint8)


# The oracle: MPFR, and a sorted list of the type's numbers. No cast to the type takes part, because
# those of ml_dtypes round twice, first to float32.


def exact_result(magnitude, derivative):
    """f(magnitude) for a number above zero, as an mpfr."""
    with gmpy2.context(precision=1200):  # next to 2^-127, x - tanh(x) loses 254 bits
        x = gmpy2.mpfr(magnitude)
        if x > 500:  # tanh(x) is 1 to 2^-1400
            return gmpy2.mpfr(1) if derivative else x - 1 + gmpy2.exp2(-1000)
        tanh = gmpy2.tanh(x)
        return tanh**2 if derivative else x - tanh


def nearest(value, numbers):
    """The nearest of sorted (number, bits) to an mpfr above zero."""
    place = bisect.bisect(numbers, value, key=lambda number: number[0])
    if place == 0 or place == len(numbers):
        return numbers[min(place, len(numbers) - 1)]
    below, above = numbers[place - 1], numbers[place]
    with gmpy2.context(precision=1200):
        to_below, to_above = value - below[0], above[0] - value
    if to_below == to_above:  # to even
        return below if below[1] % 2 == 0 else above
    return below if to_below < to_above else above


@functools.cache
def expected(dtype, derivative):
    """Bits of the correctly rounded results for every number of the dtype."""
    numbers = every_number(dtype)
    values = numbers.astype(np.float64)
    of_sign = {
        sign: sorted(
            (abs(float(value)), int(pattern))
            for value, pattern in zip(values, bits(numbers), strict=True)
            if np.isfinite(value) and (np.signbit(value) == sign or value == 0)
        )
        for sign in (False, True)
    }
    for sign, sorted_numbers in of_sign.items():  # of two zeros, the one of this sign
        zeros = [pattern for value, pattern in sorted_numbers if value == 0]
        for pattern in zeros[:-1] if sign else zeros[1:]:
            sorted_numbers.remove((0.0, pattern))
    with np.errstate(invalid="ignore"):
        want = bits(values.astype(dtype)).copy()  # infinities and NaNs are the type's own
    for i, value in enumerate(values):
        sorted_numbers = of_sign[bool(np.signbit(value)) and not derivative]
        if value == 0:
            want[i] = sorted_numbers[0][1]
        elif np.isinf(value) and derivative:
            want[i] = nearest(gmpy2.mpfr(1), sorted_numbers)[1]
        elif np.isfinite(value):
            result = exact_result(abs(float(value)), derivative)
            want[i] = nearest(result, sorted_numbers)[1]
    return want


def test_every_number_is_correctly_rounded(function, dtype, derivative):
    x = every_number(dtype)
    with np.errstate(all="raise"):
        got = function(x)
    assert got.dtype == dtype
    want = expected(dtype, derivative)
    wrong = bits(got) != want
    report = [
        f"{function.__name__} x={x[i]} got={got[i]} want={want.view(dtype)[i]}"
        for i in np.flatnonzero(wrong)
    ]
    assert not report, f"{len(report)} wrong in {dtype}: {report[:8]}"


def test_every_number_is_the_same_in_every_layout(function, dtype):
    x = every_number(dtype)
    want = bits(function(x))
    assert_array_equal(bits(function(x[::-3])), want[::-3])
    assert_array_equal(bits(function(np.tile(x, 40).reshape(40, -1).T)), np.tile(want, (40, 1)).T)
    assert function(x[:0]).shape == (0,)
    gaps = np.full(2 * x.size, x[1])
    function(x, out=gaps[::2])
    assert_array_equal(bits(gaps[::2]), want)
    assert_array_equal(bits(gaps[1::2]), bits(x)[1])
    chosen = np.arange(x.size) % 3 == 0
    out = np.full(x.size, x[1])
    function(x, out=out, where=chosen)
    assert_array_equal(bits(out), np.where(chosen, want, bits(x)[1]))
    shifted = np.append(x, x[:1])
    function(shifted[:-1], out=shifted[1:])
    assert_array_equal(bits(shifted[1:]), want)
    at = x.copy()
    function.at(at, np.arange(0, x.size, 2))
    assert_array_equal(bits(at)[::2], want[::2])
    assert_array_equal(bits(at)[1::2], bits(x)[1::2])
    function(x, out=x)
    assert_array_equal(bits(x), want)


def test_a_scalar_gives_a_scalar(function, dtype):
    got = function(dtype.type(1))
    assert type(got) is dtype.type
    assert got == function(np.array([1]).astype(dtype))[0]


# Types in and out


@pytest.mark.parametrize("offered", OFFERED)
def test_the_result_has_the_dtype_that_tanh_gives(public, offered):
    x = np.zeros(2, dtype=OFFERED[offered])
    assert public(x).dtype == np.tanh(x).dtype
    assert public(x[0]).dtype == np.tanh(x[0]).dtype


@pytest.mark.parametrize(
    "offered", [name for name in OFFERED if name.lstrip("u").startswith("int")]
)
def test_small_integers_are_computed_as_floats(public, offered):
    x = np.array([0, 1], dtype=OFFERED[offered])
    assert_array_equal(public(x), public(x.astype(np.tanh(x).dtype)))


FORMS = {
    "dtype, itself": lambda f, x: f(x, dtype=x.dtype),
    "dtype, float32": lambda f, x: f(x, dtype=np.float32),
    "dtype, float64": lambda f, x: f(x, dtype=np.float64),
    "dtype, complex": lambda f, x: f(x, dtype=np.complex64),
    "dtype of float32 input": lambda f, x: f(x.astype(np.float32), dtype=x.dtype),
    "signature, itself": lambda f, x: f(x, signature=(x.dtype, x.dtype)),
    "signature, output": lambda f, x: f(x, signature=(None, x.dtype)),
    "signature, float32": lambda f, x: f(x, signature="f->f"),
    "signature, input of float32 input": lambda f, x: f(
        x.astype(np.float32), signature=(x.dtype, None), casting="unsafe"
    ),
    "signature of float32 input": lambda f, x: f(
        x.astype(np.float32), signature=(x.dtype, x.dtype), casting="unsafe"
    ),
    "signature of float32 input, safe": lambda f, x: f(
        x.astype(np.float32), signature=(x.dtype, None), casting="safe"
    ),
    "signature to float32": lambda f, x: f(x, signature=(x.dtype, np.dtype(np.float32))),
    "signature and out": lambda f, x: f(
        x.astype(np.float32),
        out=np.empty(x.shape, np.float32),
        signature=(x.dtype, None),
        casting="unsafe",
    ),
    "out, itself": lambda f, x: f(x, out=x.copy()),
    "out, float16": lambda f, x: f(x, out=np.empty(x.shape, np.float16)),
    "out, float32": lambda f, x: f(x, out=np.empty(x.shape, np.float32)),
    "out, float64": lambda f, x: f(x, out=np.empty(x.shape, np.float64)),
    "out, complex": lambda f, x: f(x, out=np.empty(x.shape, np.complex64)),
    "out, bfloat16": lambda f, x: f(x, out=np.empty(x.shape, ml_dtypes.bfloat16)),
    "out, integer": lambda f, x: f(x, out=np.empty(x.shape, int)),
    "out of float32 input": lambda f, x: f(x.astype(np.float32), out=x.copy()),
    "out of float32 input, unsafe": lambda f, x: f(
        x.astype(np.float32), out=x.copy(), casting="unsafe"
    ),
    "resolve_dtypes": lambda f, x: np.empty(1, f.resolve_dtypes((x.dtype, None))[1]),
    "resolve_dtypes, signature": lambda f, x: np.empty(
        1,
        f.resolve_dtypes(
            (np.dtype(np.float32), None), signature=(x.dtype.type, None), casting="unsafe"
        )[1],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_dtypes_asked_for_are_taken_or_refused_as_by_tanh(name, dtype, form):
    x = np.array([0.5, 1, 2]).astype(dtype)
    fresh = _ufunc.make_ufunc(name, "baseline")  # has seen no type yet
    try:
        like = FORMS[form](np.tanh, x)
    except TypeError:  # of a class that depends on what NumPy remembers of earlier calls
        with pytest.raises(TypeError):
            FORMS[form](fresh, x)
        return
    got = FORMS[form](fresh, x)
    assert got.dtype == like.dtype
    if not form.startswith("resolve_dtypes"):
        # tanh tells in which precision the form computes: the type's own, or another
        dtypes = (x.dtype, np.float32, like.dtype)
        x = next(y for y in map(x.astype, dtypes) if (np.tanh(y).astype(like.dtype) == like).all())
        assert_array_equal(got, fresh(x).astype(like.dtype))


def test_a_dtype_found_by_its_signature_keeps_its_references(name):
    wanted, x = np.dtype(ml_dtypes.float8_e5m2), np.ones(1, dtype=np.float32)
    before = sys.getrefcount(wanted)
    for _ in range(100):
        fresh = _ufunc.make_ufunc(name, "baseline")
        fresh(x, signature=(wanted, None), casting="unsafe")
    assert before <= sys.getrefcount(wanted) <= before + 100


# The order of imports and calls


MAKE = "import ml_dtypes, numpy as np; x = np.array([0.5, 1, 2]).astype(ml_dtypes.float8_e4m3fn)"
EARLIER = {
    "ml_dtypes first": "{make}\n{load}",
    "ml_dtypes last": "{load}\n{make}",
    "after a call": "{load}\nf(0.5)\n{make}",
    "after a call with another dtype": "{load}\n{make}\nf(x.astype('f4'))",
    "after a call with dtype": "{load}\n{make}\nf(x, dtype='f4')",
    "after a call with signature": "{load}\n{make}\nf(x, signature='d->d')",
    "after a call with out": "{load}\n{make}\nf(x, out=np.empty(3, 'f4'))",
    "after a call with integers": "{load}\n{make}\nf(np.array([1], ml_dtypes.int4))",
    "after a call with another small type": "{load}\n{make}\nf(x.astype(ml_dtypes.float8_e5m2))",
    "after at": "{load}\n{make}\nf.at(x.copy(), [0])",
    "after resolve_dtypes": "{load}\n{make}\nf.resolve_dtypes((x.dtype, None))",
    "after small out of float32 input": "{load}\n{make}\n"
    "f(x.astype('f4'), out=x.copy(), casting='unsafe')",
    "after a refusal": "{load}\n{make}\ntry: f(x, out=np.empty(3, int))\nexcept TypeError: pass",
}


@pytest.mark.parametrize("earlier", EARLIER)
def test_the_dtype_is_kept_whatever_came_first(name, earlier, derivative):
    code = EARLIER[earlier].format(make=MAKE, load=f"from tanhshrink import {name} as f")
    code += "\ngot = f(x); print(got.dtype, *got.view('u1'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr == ""
    dtype = SMALL["float8_e4m3fn"]
    places = bits(np.array([0.5, 1, 2]).astype(dtype))
    want = expected(dtype, derivative)[places]
    assert run.stdout.split() == ["float8_e4m3fn", *map(str, want)]


def test_threads_that_see_the_types_first_at_once_all_get_right_results(name, derivative):
    numbers = [every_number(dtype) for dtype in SMALL.values()]
    want = [expected(dtype, derivative).tobytes() for dtype in SMALL.values()]
    threads = 8
    for _ in range(20):
        fresh = _ufunc.make_ufunc(name, "baseline")
        start = threading.Barrier(threads)

        def all_types(fresh=fresh, start=start):
            start.wait()
            return [fresh(x).tobytes() for x in numbers]

        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(all_types) for _ in range(threads)]
        assert all(future.result() == want for future in futures)
