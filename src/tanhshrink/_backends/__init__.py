"""One small file for each array library that NumPy's own protocols do not cover.

``call(ufunc, x, /, out=None, **kwargs)`` of each computes one of the two ufuncs, with the
arguments that the user wrote.
"""


def refuse(ufunc, problem, remedy):
    """Raise a TypeError that says what is wrong with an argument, and what to do."""
    raise TypeError(f"{ufunc.__name__}: {problem}; {remedy}")


def class_name(x):
    """Return the name of the class of x as a user would write it."""
    return f"{type(x).__module__.partition('.')[0]}.{type(x).__qualname__}"


def single(out):
    """Return the output, which NumPy takes in a tuple, too."""
    return out[0] if isinstance(out, tuple) and len(out) == 1 else out


def refuse_all_but_x(ufunc, x, is_foreign, out, kwargs):
    """Refuse a call with more arguments than x, or where only `out` is of the library."""
    out = single(out)
    if not is_foreign:
        refuse(
            ufunc,
            f"out is a {class_name(out)} but x is a {class_name(x)}",
            "use the result instead",
        )
    keyword = "out" if out is not None else next(iter(kwargs), None)
    if keyword:
        remedy = "use the result instead" if keyword == "out" else f"compute without {keyword}"
        refuse(ufunc, f"{keyword} cannot be given for a {class_name(x)}", remedy)
