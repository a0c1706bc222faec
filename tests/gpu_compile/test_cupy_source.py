"""The source that CuPy generates from the kernels, compiled for the CPU: the bits of the ufuncs."""

import numpy as np
import pytest

import digest_float32

pytest.importorskip("cupy", reason="CuPy is not installed (tox -e gpu-compile installs it)")

import cuda_toolchain

from gpu_values import (
    COMPLEX,
    NAMES,
    PARTS,
    REAL,
    SMALL,
    bits,
    cpu,
    hard_complex,
    hard_float64,
    random_numbers,
)

FAST_DOUBLES, SLOW_DOUBLES = 900, 1200  # what __CUDA_ARCH__ is on such GPUs
ESTIMATE_ERRORS = [-1, 0, 1]  # of the GPU's reciprocals, on whose bits nothing may depend

every_name = pytest.mark.parametrize("name", NAMES)


def forms(dtype):
    """Return those in which x and y are all there is."""
    return [form for form in cuda_toolchain.FORMS[dtype] if form != "masked"]


def assert_bits_of_the_cpu(on_cpu, name, x):
    want = bits(cpu(name, x))
    for form in forms(x.dtype.name):
        for error in ESTIMATE_ERRORS:
            got = on_cpu(name, x.dtype.name, form)(x, np.zeros_like(x), estimate_error=error)
            wrong = np.flatnonzero(bits(got) != want)
            assert wrong.size == 0, (
                f"{form}: {wrong.size} wrong, first {wrong[0]}: {x[wrong[0] // 2]}"
            )


@every_name
@pytest.mark.parametrize("dtype", SMALL)
def test_every_16_bit_number_gives_the_bits_of_the_cpu(on_cpu, name, dtype):
    x = np.arange(2**16, dtype=np.uint16).view(np.dtype(dtype))
    assert_bits_of_the_cpu(on_cpu, name, x)


@every_name
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_random_numbers_give_the_bits_of_the_cpu(on_cpu, name, dtype):
    assert_bits_of_the_cpu(on_cpu, name, random_numbers(dtype, 200_000))


@every_name
def test_hard_float64_are_correctly_rounded(on_cpu, name):
    x, want = hard_float64(name)
    for form in forms("float64"):
        got = on_cpu(name, "float64", form)(x, np.zeros_like(x))
        assert np.array_equal(got, want), form


@every_name
@pytest.mark.parametrize("dtype", COMPLEX)
def test_complex_numbers_give_the_bits_of_the_cpu(on_cpu, name, dtype):
    special = [0.0, -0.0, 1e-300, 1e-40, 0.25, 1.5, -3.0, 25.0, 400.0, 1e7, 1e300, np.inf, np.nan]
    with np.errstate(over="ignore"):
        parts = np.array(special).astype(PARTS[dtype])
    pairs = np.stack(np.meshgrid(parts, -parts), axis=-1).reshape(-1)
    x = [pairs.view(dtype), random_numbers(dtype, 20_000), hard_complex(dtype, 20_000)]
    assert_bits_of_the_cpu(on_cpu, name, np.concatenate(x))


@every_name
def test_complex64_on_the_real_axis_has_the_bits_of_float32(on_cpu, name):
    x = np.random.default_rng(5).uniform(0.25, 18, 1_000_000).astype(np.float32)
    x[0] = 3.3887107  # of all, the one that the formula for complex numbers rounds otherwise
    run = on_cpu(name, "complex64", "packed")
    got = run(x.astype(np.complex64), np.empty(x.size, np.complex64))
    assert np.array_equal(bits(got.real), bits(cpu(name, x)))


@every_name
def test_complex128_on_the_real_axis_has_the_bits_of_float64(on_cpu, name):
    x, want = hard_float64(name)
    run = on_cpu(name, "complex128", "plain")
    got = run(x.astype(np.complex128), np.empty(x.size, np.complex128))
    assert np.array_equal(got.real, want)


@pytest.mark.parametrize("derivative", [0, 1])
def test_few_complex128_need_more_than_the_first_step(on_cpu, tmp_path, derivative):
    parts = np.random.default_rng(6).standard_normal(2_000_000)
    step = cuda_toolchain.compile_steps(tmp_path)(parts.view(np.complex128), derivative)
    for first, most in ((2, 0.055), (3, 0.017), (4, 0.0015)):
        assert np.count_nonzero(step >= first) < most * step.size, first


@every_name
def test_float32_without_doubles_has_the_bits_of_the_cpu(on_cpu, name):
    x = random_numbers("float32", 1_000_000)
    want = bits(cpu(name, x))
    for error in ESTIMATE_ERRORS:
        run = on_cpu(name, "float32", "packed", SLOW_DOUBLES)
        assert np.array_equal(bits(run(x, np.zeros_like(x), estimate_error=error)), want)


@every_name
@pytest.mark.parametrize("architecture", [FAST_DOUBLES, SLOW_DOUBLES])
@pytest.mark.parametrize("error", ESTIMATE_ERRORS)
@pytest.mark.exhaustive
def test_every_float32_is_correctly_rounded(on_cpu, name, architecture, error):
    run = on_cpu(name, "float32", "packed", architecture)
    digests = digest_float32.read_digests(name == "tanhshrink_grad")
    size = digest_float32.CHUNK_SIZE
    for chunk in range(digest_float32.CHUNKS):
        x = np.arange(chunk * size, (chunk + 1) * size, dtype=np.uint32).view(np.float32)
        got = run(x, np.empty_like(x), estimate_error=error)
        results = np.where(np.isnan(got), digest_float32.NAN, got.view(np.uint32))
        assert digest_float32.digest(results) == digests[chunk], f"chunk {chunk}"


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_no_length_writes_beyond_its_end(on_cpu, dtype):
    x = random_numbers(dtype, 600)
    want = bits(cpu("tanhshrink", x))
    per_element = want.size // x.size
    for form in forms(dtype):
        run = on_cpu("tanhshrink", dtype, form)
        for length in range(514):
            y = np.ones_like(x)
            run(x[:length], y[:length])
            assert np.array_equal(bits(y)[: length * per_element], want[: length * per_element])
            assert (y[length:] == 1).all(), (form, length)


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_a_kernel_may_write_onto_its_input(on_cpu, dtype):
    x = random_numbers(dtype, 1000)
    want = bits(cpu("tanhshrink", x))
    for form in forms(dtype):
        y = x.copy()
        on_cpu("tanhshrink", dtype, form)(y, y)
        assert np.array_equal(bits(y), want), form


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_the_plain_form_takes_any_steps(on_cpu, dtype):
    x = random_numbers(dtype, 30 * 30).reshape(30, 30)
    run = on_cpu("tanhshrink", dtype, "plain")
    for view in (x.T, x[::-2, 1::3], x[:, 1:], np.broadcast_to(x[:1], (7, 30)), x[3, ::-1]):
        got = run(view, np.zeros(view.shape, view.dtype))
        assert np.array_equal(bits(got), bits(cpu("tanhshrink", view.copy())))
        out = np.zeros((2 * view.shape[0], *view.shape[1:]), view.dtype)[::2]
        assert np.array_equal(bits(run(view, out).copy()), bits(got))


@pytest.mark.parametrize("dtype", [*REAL, *COMPLEX])
def test_the_masked_form_writes_where_the_mask_is_true(on_cpu, dtype):
    x = random_numbers(dtype, 1000)
    mask = np.random.default_rng(3).random(x.size) < 0.5
    y = on_cpu("tanhshrink", dtype, "masked")(x, np.ones_like(x), mask)
    assert (y[~mask] == 1).all()
    assert np.array_equal(bits(y[mask]), bits(cpu("tanhshrink", x[mask])))


@pytest.mark.parametrize("error", ESTIMATE_ERRORS)
def test_quotients_are_as_near_as_promised(on_cpu, tmp_path, error):
    f32_divide, f64_divide, f64_reciprocal = cuda_toolchain.compile_divisions(tmp_path)
    rng = np.random.default_rng(4)
    for dtype, divide, low, most in (
        (np.float32, f32_divide, 0, 0.500001),
        (np.float64, f64_divide, -450, 1.6),
    ):
        a = (rng.uniform(1, 2, 10**6) * 2.0 ** rng.integers(-50, 50, 10**6)).astype(dtype)
        b = (rng.uniform(1, 2, 10**6) * 2.0 ** rng.integers(low, 50, 10**6)).astype(dtype)
        quotient = divide(a, b, error)
        ulp = np.spacing(quotient).astype(np.longdouble)
        assert (abs(quotient - np.longdouble(1) * a / b) <= most * ulp).all()
    b *= 2.0 ** rng.integers(-50, 450, 10**6)
    assert np.array_equal(f64_reciprocal(b, b, error), 1 / b)
