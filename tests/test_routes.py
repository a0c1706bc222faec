"""The columns `route` and `copies` of the table in docs/arrays.md, for arrays on a CPU."""

import importlib
import tracemalloc

import numpy as np
import pytest

from tanhshrink._dispatch import find_handler

VALUES = np.random.default_rng(0).standard_normal(2**18)


def sparse_matrix(sparse, x):
    return sparse.COO(np.stack([np.arange(x.size), np.arange(x.size) % 7]), x, (x.size, 7))


# What makes a large array, and whether a ufunc allocates nothing but the result.
BY_NUMPY = {
    "array": ("numpy", lambda np, x: x, True),
    "masked array": ("numpy", lambda np, x: np.ma.array(x, mask=x > 1), True),
    "dask": ("dask.array", lambda da, x: da.from_array(x, chunks=x.size // 4).persist(), True),
    "DataArray": ("xarray", lambda xr, x: xr.DataArray(x), True),
    "Dataset": ("xarray", lambda xr, x: xr.Dataset({"a": ("x", x)}), True),
    "Series": ("pandas", lambda pd, x: pd.Series(x), True),
    "DataFrame": ("pandas", lambda pd, x: pd.DataFrame({"a": x}), True),
    "Index": ("pandas", lambda pd, x: pd.Index(x), False),
    "nullable Series": ("pandas", lambda pd, x: pd.Series(x, dtype="Float64"), False),
    "COO": ("sparse", sparse_matrix, False),
    "GCXS": ("sparse", lambda sparse, x: sparse.GCXS(sparse_matrix(sparse, x)), False),
    "awkward": ("awkward", lambda ak, x: ak.unflatten(x, np.full(x.size // 4, 4)), True),
    "awkward, missing": ("awkward", lambda ak, x: ak.mask(ak.Array(x), x > 0), False),
    "Quantity": ("astropy.units", lambda units, x: x * units.one, True),
}


def peak_memory(function, x):
    """Return how much more memory than before there was at most, in units of a result."""
    function(x)  # imports what it needs
    tracemalloc.start()
    try:
        result = function(x)
        if hasattr(result, "dask"):
            result.persist(scheduler="sync")
        return tracemalloc.get_traced_memory()[1] / VALUES.nbytes
    finally:
        tracemalloc.stop()


@pytest.fixture(params=BY_NUMPY)
def array_by_numpy(request):
    """An array that takes part in NumPy's protocol, and whether it is not copied."""
    library, make, nothing_else = BY_NUMPY[request.param]
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    return make(module, VALUES), nothing_else


def test_numpy_and_its_protocol_need_no_backend(array_by_numpy):
    x, _ = array_by_numpy
    assert find_handler(type(x)) is None
    assert hasattr(x, "__array_ufunc__")


def test_no_more_memory_is_taken_than_by_ufuncs_of_numpy(ufunc, array_by_numpy):
    x, nothing_else = array_by_numpy
    peak = peak_memory(ufunc, x)
    assert peak <= 1.05 * peak_memory(np.cbrt, x)
    assert (peak < 1.2) == nothing_else


@pytest.mark.parametrize(
    ("library", "make", "backend"),
    [
        ("array_api_strict", lambda xp, x: xp.asarray(x), "array_api"),
        ("torch", lambda torch, x: torch.from_numpy(x), "torch"),
        ("jax", lambda jax, x: jax.numpy.asarray(x), "jax"),
    ],
)
def test_other_arrays_go_to_their_backend(library, make, backend):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    module_of_backend = importlib.import_module(f"tanhshrink._backends.{backend}")
    assert find_handler(type(make(module, VALUES))) is module_of_backend.call


def test_the_array_api_standard_needs_no_copy(ufunc):
    xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    assert peak_memory(ufunc, xp.asarray(VALUES)) < 1.2


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "complex128"])
def test_torch_allocates_the_result_or_for_out_a_temporary(ufunc, dtype):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.from_numpy(VALUES).to(getattr(torch, dtype))
    for view in (x, x[::3], x.reshape(512, 512).T):
        for out in (None, torch.empty_like(view)):
            ufunc(view, out=out)
            with torch.profiler.profile(profile_memory=True) as profile:
                tracemalloc.start()
                result = ufunc(view, out=out)
                by_numpy = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            sizes = [event.self_cpu_memory_usage for event in profile.events()]
            assert [size for size in sizes if size > 0] == [result.nbytes]
            assert by_numpy < 0.2 * result.nbytes


@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64"])
@pytest.mark.parametrize("by", ["kernel", "formula"])
def test_jax_allocates_the_result_only(ufunc, dtype, by):
    jax = pytest.importorskip("jax", reason="jax is not installed")
    from tanhshrink._backends import jax_formulas

    function = ufunc if by == "kernel" else getattr(jax_formulas, ufunc.__name__)
    x = jax.numpy.asarray(VALUES, dtype)
    memory = jax.jit(lambda x: function(x)).lower(x).compile().memory_analysis()
    assert (memory.output_size_in_bytes, memory.temp_size_in_bytes) == (x.nbytes, 0)
