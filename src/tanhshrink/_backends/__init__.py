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
