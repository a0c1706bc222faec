"""A test that takes `function` runs for both ufuncs on every CPU target; `dtype`, for each."""

import pytest

import oracle
import tanhshrink
from tanhshrink import _ufunc


def pytest_report_header():
    return f"tanhshrink: CPU targets tested: {', '.join(_ufunc.available_targets())}"


@pytest.fixture(scope="session", params=_ufunc.available_targets())
def target(request):
    """Name of a CPU target."""
    return request.param


@pytest.fixture(scope="session", params=["tanhshrink", "tanhshrink_grad"])
def name(request):
    """Name of a ufunc."""
    return request.param


@pytest.fixture(scope="session")
def ufunc(name):
    """Return the public ufunc of that name, which has the hook."""
    return getattr(tanhshrink, name)


@pytest.fixture(scope="session")
def derivative(name):
    """Whether that ufunc is the derivative."""
    return name == "tanhshrink_grad"


@pytest.fixture(scope="session")
def function(name, target):
    """That ufunc, built for that target."""
    return _ufunc.make_ufunc(name, target)


@pytest.fixture(scope="session", params=oracle.FORMATS, ids=lambda dtype: dtype.name)
def dtype(request):
    """One of the dtypes that have a loop of their own."""
    return request.param


@pytest.fixture(params=["float64", "complex128"])
def x(request):
    """Some numbers in a tensor of torch, of a dtype in which derivatives are checked."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    generator = torch.Generator().manual_seed(0)
    return torch.randn(7, dtype=getattr(torch, request.param), generator=generator)
