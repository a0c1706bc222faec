"""Object arrays: the method of each element is called, or its lack is an error that names it."""

import decimal
import fractions
import sys

import gmpy2
import mpmath
import numpy as np
import pytest

from tanhshrink import _ufunc


class Number:
    """A number that knows both functions, and counts how often it is asked."""

    def __init__(self, value):
        self.value = value
        self.asked = 0

    def tanhshrink(self):
        self.asked += 1
        return "shrunk", self.value

    def tanhshrink_grad(self):
        self.asked += 1
        return "differentiated", self.value


@pytest.fixture
def label(derivative):
    return "differentiated" if derivative else "shrunk"


def objects(*values):
    """An array of these very objects, which NumPy does not look into."""
    array = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array


def test_the_method_of_every_element_is_called_once(function, label):
    x = objects(*map(Number, range(300)))
    got = function(x)
    assert got.dtype == object
    assert list(got) == [(label, i) for i in range(300)]
    assert [number.asked for number in x] == [1] * 300


def test_an_object_alone_gives_what_its_method_returns(function, label):
    assert function(Number(7)) == (label, 7)
    got = function(np.array(Number(7), dtype=object))
    assert got == (label, 7)


@pytest.mark.parametrize("result", [None, 2, 1.5, [1, 2]])
def test_a_method_may_return_anything(function, name, result):
    number = type("Number", (), {name: lambda self: result})()
    assert function(objects(number, number)).tolist() == [result, result]


@pytest.mark.parametrize(
    "element",
    [
        fractions.Fraction(1, 3),
        decimal.Decimal("0.1"),
        mpmath.mpf("0.5"),
        mpmath.mpc(1, 2),
        gmpy2.mpfr("0.5"),
        gmpy2.mpq(1, 3),
        2**100,
        1,
        0.5,
        1j,
        True,
        None,
        np.float64(0.5),
        np.longdouble(0.5),
        np.arange(3.0),
        "0.5",
    ],
    ids=lambda element: type(element).__module__ + "." + type(element).__name__,
)
def test_an_element_without_the_method_is_refused_as_by_tanh(function, name, element):
    for ufunc, method in ((np.tanh, "tanh"), (function, name)):
        with pytest.raises(TypeError) as refusal:
            ufunc(objects(element))
        assert f"no callable {method} method" in str(refusal.value)
        assert type(element).__name__ in str(refusal.value)


@pytest.mark.parametrize("number", [fractions.Fraction(1, 3), decimal.Decimal(1), mpmath.mpf(1)])
def test_numbers_without_the_method_are_refused_outside_arrays_too(function, name, number):
    with pytest.raises(TypeError, match=f"no callable {name} method"):
        function(number)
    with pytest.raises(TypeError, match=f"no callable {name} method"):
        function([number, number])


def test_the_way_out_for_other_numbers_is_a_subclass_with_the_method(function, name, derivative):
    """As np.tanh does it; or astype(float), where float64 is precise enough."""

    def method(self):
        tanh = mpmath.tanh(mpmath.mpf(self.numerator) / self.denominator)
        return tanh**2 if derivative else mpmath.mpf(self.numerator) / self.denominator - tanh

    precise = type("Precise", (fractions.Fraction,), {name: method})
    with mpmath.workdps(50):
        got = function(objects(precise(1, 3)))[0]
    assert abs(got - function(1 / 3)) < 1e-16
    plain = objects(fractions.Fraction(1, 3), decimal.Decimal(1), mpmath.mpf(2))
    np.testing.assert_array_equal(function(plain.astype(float)), function(np.array([1 / 3, 1, 2])))


def test_elements_before_the_one_without_the_method_are_asked(function, name):
    x = objects(Number(1), Number(2), fractions.Fraction(1, 3), Number(4))
    with pytest.raises(TypeError, match=rf"Fraction which has no callable {name} method"):
        function(x)
    assert [x[i].asked for i in (0, 1, 3)] == [1, 1, 0]


def test_an_attribute_that_cannot_be_called_is_refused(function, name):
    number = type("Number", (), {name: 7})()
    with pytest.raises(TypeError, match=f"no callable {name} method"):
        function(objects(number))


def test_an_error_in_the_method_comes_through(function, name):
    def method(self):
        raise LookupError("no value")

    number = type("Number", (), {name: method})()
    with pytest.raises(LookupError, match="no value"):
        function(objects(Number(1), number))


def test_the_other_function_s_method_does_not_help(function, name):
    other = "tanhshrink" if name == "tanhshrink_grad" else "tanhshrink_grad"
    number = type("Number", (), {other: lambda self: 0})()
    with pytest.raises(TypeError, match=f"no callable {name} method"):
        function(objects(number))


def test_arrays_inside_an_object_array_are_elements(function, name):
    class Array(np.ndarray):
        def tanhshrink(self):
            return "shrunk", self.size

        def tanhshrink_grad(self):
            return "differentiated", self.size

    inner = np.arange(3.0).view(Array)
    assert function(objects(inner))[0][1] == 3
    with pytest.raises(TypeError, match=f"ndarray which has no callable {name} method"):
        function(objects(inner, np.arange(3.0)))


def test_where_calls_only_the_chosen_ones(function, label):
    x = objects(*map(Number, range(6)))
    out = np.full(6, "before", dtype=object)
    chosen = np.array([True, False] * 3)
    assert function(x, out=out, where=chosen) is out
    assert out[::2].tolist() == [(label, i) for i in (0, 2, 4)]
    assert out[1::2].tolist() == ["before"] * 3
    assert [number.asked for number in x] == [1, 0] * 3


def test_out_may_be_the_input_and_have_gaps(function, label):
    x = objects(*map(Number, range(4)))
    got = np.full(8, "before", dtype=object)
    function(x[::-1], out=got[::2])
    assert got[::2].tolist() == [(label, i) for i in (3, 2, 1, 0)]
    assert got[1::2].tolist() == ["before"] * 4
    function(x, out=x)
    assert x.tolist() == [(label, i) for i in range(4)]


def test_at_and_empty_arrays(function, label):
    x = objects(Number(0), Number(1))
    function.at(x, [1])
    assert x[1] == (label, 1)
    assert isinstance(x[0], Number)
    assert function(np.empty((0, 3), dtype=object)).shape == (0, 3)


def test_numbers_go_into_an_object_out_as_numbers(function):
    out = np.empty(3, dtype=object)
    function(np.array([0.5, 1, 2]), out=out)
    assert out.tolist() == function(np.array([0.5, 1, 2])).tolist()


def test_objects_are_not_computed_as_floats_unasked(function, name):
    with pytest.raises(TypeError, match="cast"):
        function(objects(0.5), dtype=float)
    with pytest.raises(TypeError, match=f"no callable {name} method"):
        function(np.array([0.5]), dtype=object)
    assert function(objects(0.5), dtype=float, casting="unsafe") == [function(0.5)]


def test_no_reference_is_lost_or_kept(name):
    function = _ufunc.make_ufunc(name, "baseline")
    result = object()
    number = type("Number", (), {name: lambda self: result})()
    x = objects(*[number] * 100)
    before = [sys.getrefcount(result), sys.getrefcount(number)]
    for _ in range(10):
        function(x)
    assert [sys.getrefcount(result), sys.getrefcount(number)] == before
