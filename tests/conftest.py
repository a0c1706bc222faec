"""A test that takes `function` runs for every CPU target; one that takes `dtype`, for each."""

import pytest

import oracle
from tanhshrink import _ufunc


def pytest_report_header():
    return f"tanhshrink: CPU targets tested: {', '.join(_ufunc.available_targets())}"


@pytest.fixture(scope="session", params=_ufunc.available_targets())
def target(request):
    """Name of a CPU target."""
    return request.param


@pytest.fixture(scope="session")
def function(target):
    """The ufunc built for that target."""
    return _ufunc.make_tanhshrink(target)


@pytest.fixture(scope="session", params=oracle.FORMATS, ids=lambda dtype: dtype.name)
def dtype(request):
    """One of the dtypes that have a loop of their own."""
    return request.param
