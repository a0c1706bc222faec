"""Rational minimax approximation, in relative error, of the even parts of tanhshrink and of tanh.

x - tanh(x) = x^3 Q(x^2), where Q(y) = (1 - tanh(sqrt y) / sqrt y) / y is positive and smooth on
y >= 0: the cancellation of x - tanh(x) near 0 is gone before anything is rounded. The derivative
is the square of tanh(x) = x T(x^2), where T(y) = tanh(sqrt y) / sqrt y.
"""

from mpmath import cos, lu_solve, matrix, mp, mpf, pi, sqrt, tanh

mp.dps = 60

GRID_POINTS_PER_LOBE = 60  # an extremum off the grid is higher by at most (pi/120)^2/2 = .04 %


def even_part(y):
    """Q(y) = (1 - tanh(sqrt y) / sqrt y) / y, to about 50 digits for 0 <= y <= 1000."""
    if y < mpf("1e-30"):  # 1/3 - 2y/15 + 17y^2/315 - ...; the next term is below 1e-91
        return mpf(1) / 3 - 2 * y / 15 + 17 * y**2 / 315
    with mp.workdps(mp.dps + 40):  # 1 - tanh(x)/x loses up to 30 digits
        x = sqrt(y)
        return (1 - tanh(x) / x) / y


def even_part_of_tanh(y):
    """T(y) = tanh(sqrt y) / sqrt y, to about 60 digits for y >= 0."""
    if y < mpf("1e-30"):  # 1 - y/3 + 2y^2/15 - ...; the next term is below 1e-91
        return 1 - y / 3 + 2 * y**2 / 15
    x = sqrt(y)
    return tanh(x) / x


def horner(coefficients, y):
    """The polynomial with these coefficients, lowest degree first."""
    value = mpf(0)
    for c in reversed(coefficients):
        value = value * y + c
    return value


def chebyshev_points(count, upper):
    """Points on [0, upper], end points included, crowded where a fit oscillates fastest.

    The map y = s p/(1 - s) sends the pole of Q and T nearest to 0, y = -p = -(pi/2)^2, to infinity.
    """
    p = (pi / 2) ** 2
    s = [upper / (upper + p) * (1 - cos(pi * i / (count - 1))) / 2 for i in range(count)]
    return [p * t / (1 - t) for t in s]


def levelled_fit(n, m, points, values):
    """N of degree n, D of degree m, D(0) = 1, and E with N/D = (1 + (-1)^i E) values[i].

    The equations are linear in N, D and the product E D; each step takes D in that product from
    the step before (D = 1 at first), and the steps contract because E is small.
    """
    size = n + m + 2
    denominator, level = [mpf(1)], mpf(0)
    for _ in range(50):
        a, b = matrix(size, size), matrix(size, 1)
        for i, (y, value) in enumerate(zip(points, values, strict=True)):
            sign = (-1) ** i
            target = value * (1 + sign * level)
            slope = value * sign * horner(denominator, y)
            for j in range(n + 1):
                a[i, j] = y**j
            for j in range(1, m + 1):
                a[i, n + j] = -target * y**j
            a[i, n + m + 1] = -slope
            b[i] = target - level * slope
        solution = list(lu_solve(a, b))
        numerator, denominator = solution[: n + 1], [mpf(1), *solution[n + 1 : n + m + 1]]
        previous, level = level, solution[-1]
        if abs(level - previous) <= abs(level) * mpf("1e-9"):
            return numerator, denominator, abs(level)
    raise ArithmeticError(f"type [{n}/{m}]: the levelled fit did not converge")


def extrema(errors):
    """Index of the largest error in each run of errors of one sign."""
    found = []
    for i, error in enumerate(errors):
        if found and (error > 0) == (errors[found[-1]] > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    return found


def rational_minimax(function, n, m, upper):
    """Fit N/D of type [n/m] to Q or T on [0, upper] by the Remez exchange.

    Returns
    -------
    numerator, denominator : list of mpf
        Lowest degree first, D(0) = 1.
    error : mpf
        The largest relative error, found on a fine grid; at most .1 % above the least possible
        (de la Vallee Poussin: the least possible is at least the level of the last reference).
    """
    size = n + m + 2
    upper = mpf(upper)
    grid = chebyshev_points(GRID_POINTS_PER_LOBE * size, upper)
    exact = [function(y) for y in grid]
    points = chebyshev_points(size, upper)
    for _ in range(40):
        numerator, denominator, level = levelled_fit(n, m, points, [function(y) for y in points])
        errors = [
            horner(numerator, y) / (horner(denominator, y) * q) - 1
            for y, q in zip(grid, exact, strict=True)
        ]
        error = max(map(abs, errors))
        if error <= level * mpf("1.001"):
            return numerator, denominator, error
        reference = extrema(errors)
        while len(reference) > size:  # drop the smaller of the two outermost
            reference.pop(0 if abs(errors[reference[0]]) < abs(errors[reference[-1]]) else -1)
        if len(reference) < size:
            raise ArithmeticError(f"type [{n}/{m}]: the error does not alternate often enough")
        points = [grid[i] for i in reference]
    raise ArithmeticError(f"type [{n}/{m}]: the exchange did not converge")
