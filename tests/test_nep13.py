"""Libraries that take part in NumPy's protocol for ufuncs (NEP 13): class, metadata and bits."""

import numpy as np
import pytest


def library(name):
    """Return a library, or skip the test and say why."""
    return pytest.importorskip(name, reason=f"{name} is not installed")


VALUES = np.array([0.5, -2.0, 0.0, -0.0, 1e-8, -1e-3, 20.0, 700.0, 0.1, 3.0, -3.0, 1.0])


def same_bits(result, expected):
    result = np.asarray(result)
    assert (result.dtype, result.shape) == (expected.dtype, expected.shape)
    assert result.tobytes() == expected.tobytes()
    return True


@pytest.mark.parametrize("chunks", [(2, 3), (1, 4), (3, 4), ((1, 2), (3, 1))])
def test_dask_stays_lazy_and_keeps_chunks(ufunc, chunks):
    da = library("dask.array")
    values = VALUES.reshape(3, 4)
    x = da.from_array(values, chunks=chunks)
    result = ufunc(x)
    assert type(result) is da.Array
    assert result.chunks == x.chunks
    assert (result.dtype, type(result._meta)) == (np.float64, np.ndarray)
    assert f"{ufunc.__name__}-" in result.name
    assert same_bits(result.compute(), ufunc(values))
    assert ufunc(x).name == result.name  # the same key: computed once
    out = da.zeros((3, 4), chunks=chunks)
    assert ufunc(x, out=out) is out
    assert same_bits(out.compute(), ufunc(values))


def test_dask_computes_nothing_until_it_is_asked(ufunc):
    da, delayed = library("dask.array"), library("dask").delayed
    computed = []
    x = da.from_delayed(delayed(lambda: computed.append(1) or VALUES)(), VALUES.shape, dtype=float)
    result = ufunc(ufunc(x)) + 1
    assert computed == []
    assert same_bits(result.compute(scheduler="sync"), ufunc(ufunc(VALUES)) + 1)
    assert computed == [1]


@pytest.mark.parametrize("dtype", ["?", "i1", "i2", "i8", "f2", "f4", "g", "F", "D"])
def test_dask_promotes_like_numpy(ufunc, dtype):
    da = library("dask.array")
    values = np.array([0, 1, 1]).astype(dtype)
    result = ufunc(da.from_array(values, chunks=2))
    assert result.dtype == ufunc(values).dtype
    assert (result.compute() == ufunc(values)).all()


CHUNKS = {  # what makes a chunk of an array, and an array of the result
    "array_api_strict": (lambda xp: xp.asarray, np.from_dlpack),
    "torch": (lambda torch: torch.from_numpy, np.from_dlpack),
    "jax": (lambda jax: lambda x: jax.numpy.asarray(x.astype("f4")), np.from_dlpack),
    "sparse": (lambda sparse: sparse.COO.from_numpy, lambda chunk: chunk.todense()),
    "numpy.ma": (lambda ma: ma.asarray, np.asarray),
}


@pytest.mark.parametrize("name_of_library", CHUNKS)
def test_dask_chunks_of_another_library_stay_in_it(ufunc, name_of_library):
    da = library("dask.array")
    make, convert = CHUNKS[name_of_library]
    make = make(library(name_of_library))
    values = np.array(VALUES, dtype=convert(make(VALUES)).dtype)
    x = da.from_array(values, chunks=5).map_blocks(make, meta=np.empty(0))
    classes = ufunc(x).map_blocks(lambda chunk: np.full(1, type(chunk) is type(make(values))))
    assert classes.compute().all()
    back = ufunc(x).map_blocks(convert, meta=np.empty(0))
    assert same_bits(back.compute(), ufunc(values))


@pytest.mark.parametrize("chunks", [{}, {"y": 3}])
def test_xarray_keeps_names_coordinates_and_attributes(ufunc, chunks):
    xr = library("xarray")
    if chunks:
        library("dask.array")
    x = xr.DataArray(
        VALUES.reshape(3, 4),
        dims=("x", "y"),
        coords={"x": [1, 2, 3]},
        name="u",
        attrs={"units": "1"},
    )
    if chunks:
        x = x.chunk(chunks)
    result = ufunc(x)
    assert type(result) is xr.DataArray
    assert (result.dims, result.name, result.attrs) == (("x", "y"), "u", {"units": "1"})
    assert result.coords.equals(x.coords)
    assert result.chunks == x.chunks
    assert same_bits(result.values, ufunc(VALUES.reshape(3, 4)))

    dataset = xr.Dataset({"a": x, "b": ("x", [1, 2, 3])}, attrs={"title": "t"})
    results = ufunc(dataset)
    assert type(results) is xr.Dataset
    assert results.attrs == {"title": "t"}
    assert results.a.chunks == x.chunks
    assert same_bits(results.a.values, ufunc(VALUES.reshape(3, 4)))
    assert same_bits(results.b.values, ufunc(np.array([1, 2, 3])))


def test_pandas_keeps_index_names_and_missing_values(ufunc):
    pd = library("pandas")
    series = pd.Series(VALUES, index=list("abcdefghijkl"), name="u")
    result = ufunc(series)
    assert type(result) is pd.Series
    assert (result.index.tolist(), result.name) == (list("abcdefghijkl"), "u")
    assert same_bits(result, ufunc(VALUES))

    frame = pd.DataFrame({"a": VALUES, "b": np.arange(12, dtype=np.float32)}, index=range(5, 17))
    results = ufunc(frame)
    assert type(results) is pd.DataFrame
    assert (results.columns.tolist(), results.index.tolist()) == (["a", "b"], frame.index.tolist())
    assert same_bits(results.a, ufunc(VALUES))
    assert same_bits(results.b, ufunc(np.arange(12, dtype=np.float32)))

    index = ufunc(pd.Index(VALUES, name="u"))
    assert (type(index), index.name) == (pd.Index, "u")
    assert same_bits(index, ufunc(VALUES))
    nullable = ufunc(pd.Series([1.0, None, 2.0], dtype="Float64"))
    assert nullable.dtype == "Float64"
    assert nullable.isna().tolist() == [False, True, False]
    assert nullable[2] == ufunc(2.0)
    integers = ufunc(pd.Series([1, None], dtype="Int64"))
    assert (integers.dtype, integers[0]) == ("Float64", ufunc(1.0))


@pytest.mark.parametrize("form", ["coo", "gcxs", "dok"])
def test_sparse_stays_sparse(ufunc, form):
    sparse = library("sparse")
    dense = np.zeros((4, 6))
    dense[[0, 1, 3], [5, 2, 0]] = [0.5, -2.0, 1e-8]
    x = sparse.COO.from_numpy(dense).asformat(form)
    result = ufunc(x)
    assert type(result) is type(x)
    assert (result.nnz, result.fill_value) == (3, 0)
    assert same_bits(result.todense(), ufunc(dense))


def test_awkward_keeps_the_lists(ufunc):
    ak = library("awkward")
    result = ufunc(ak.Array([[0.5, -2.0], [], [1e-8, None]]))
    assert type(result) is ak.Array
    assert same_bits(ak.to_numpy(ufunc(ak.Array(VALUES))), ufunc(VALUES))
    assert result.to_list() == [ufunc([0.5, -2.0]).tolist(), [], [ufunc(1e-8), None]]
    assert ak.type(ufunc(ak.Array([[1, 2], []]))).content.content.primitive == "float64"


def test_astropy_takes_dimensionless_quantities(ufunc):
    units = library("astropy.units")
    result = ufunc(VALUES * units.one)
    assert type(result) is units.Quantity
    assert result.unit == units.dimensionless_unscaled
    assert same_bits(result.value, ufunc(VALUES))
    assert ufunc(50 * units.percent).value == ufunc(0.5)
    out = np.empty(VALUES.shape) * units.one
    assert ufunc(VALUES * units.one, out=out) is out
    assert same_bits(out.value, ufunc(VALUES))
    for quantity in (1 * units.m, 1 * units.rad):
        with pytest.raises(units.UnitTypeError, match=rf"'{ufunc.__name__}'.* dimensionless"):
            ufunc(quantity)


def test_pint_refuses_as_it_does_every_ufunc_that_it_does_not_know(ufunc):
    one = library("pint").UnitRegistry().dimensionless
    for unknown in (ufunc, np.spacing):
        with pytest.raises(TypeError, match="all returned NotImplemented"):
            unknown(np.array([0.5]) * one)
    assert ufunc((np.array([0.5]) * one).magnitude) == ufunc(0.5)


def test_masked_arrays_keep_mask_and_fill_value(ufunc):
    x = np.ma.array(VALUES, mask=VALUES > 1, fill_value=7.0)
    result = ufunc(x)
    assert type(result) is np.ma.MaskedArray
    assert result.mask.tolist() == x.mask.tolist()
    assert result.fill_value == 7.0
    assert same_bits(result.compressed(), ufunc(VALUES[VALUES <= 1]))


def test_subclasses_of_numpy_are_what_they_are_for_tanh(ufunc, tmp_path):
    memory_map = np.memmap(tmp_path / "x", float, "w+", shape=VALUES.shape)
    memory_map[:] = VALUES
    record = np.rec.fromarrays([VALUES, VALUES], names="a,b")
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix(VALUES)
    assert type(ufunc(memory_map)) is type(np.tanh(memory_map)) is np.ndarray
    assert same_bits(ufunc(memory_map), ufunc(VALUES))
    assert ufunc(memory_map, out=memory_map) is memory_map
    assert same_bits(memory_map, ufunc(VALUES))
    assert same_bits(ufunc(record.a), ufunc(VALUES))
    assert type(ufunc(matrix)) is np.matrix
    assert same_bits(ufunc(matrix), ufunc(VALUES[np.newaxis]))
