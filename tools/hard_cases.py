"""Search the float64 inputs whose x - tanh(x), or derivative, lies closest to a rounding boundary.

    python tools/hard_cases.py linear 1 2 --points 1e11 --threshold 2^-34
    python tools/hard_cases.py large
    python tools/hard_cases.py ties --derivative

A boundary is a midpoint of two neighbouring doubles. Each line printed is x, log2 of the distance
in ulp of f(x), and the correctly rounded result, the last two by MPFR; hardest first. The random
model spreads the distances evenly over [0, 1/2] ulp.

linear: *every* x among the doubles searched whose distance is below the threshold. In each block
  f is its Taylor polynomial of degree 5; hard_cases.c says how the hits are found, and adds to the
  threshold what bounds all errors. MPFR then drops the few hits beyond the threshold.
large: where x - 1 is exact and 1 - tanh(x) is small, f crosses each midpoint once: solve
  1 - tanh(x) = (k + 1/2) ulp, or 1 - tanh(x)^2 = (k + 1/2) ulp, for x and try the two doubles
  beside the solution. (Near the last crossings, some doubles further away are below the threshold
  too: linear finds those.)
ties: x^3/3 is a midpoint for x = 3 m 2^e, m odd, 9 m^3 of 54 bits, and f(x) lies just below: a
  sample. So does the derivative for x = m 2^e, m odd, m^2 of 54 bits. Subnormal results have no
  ties, for neither 3 nor 2 divides 1075; there x^3/3, or x^2, = (k + 1/2) 2^-1074 is solved for the
  smallest k.
"""

import argparse
import ctypes
import math
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import gmpy2
import numpy as np
from gmpy2 import exp2, mpfr

from oracle import correctly_rounded

SOURCE = Path(__file__).with_name("hard_cases.c")
THRESHOLD = 2.0**-44  # ulp
BLOCK = 2**34  # doubles
CAPACITY = 2**20  # hits in a block


def compile_search():
    if shutil.which("cc") is None:
        sys.exit("hard_cases.py needs a C compiler: there is no `cc` on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/hard_cases.so"
        command = ["cc", "-std=c11", "-O3", "-ffp-contract=off", "-shared", "-fPIC"]
        if subprocess.run([*command, "-o", library, SOURCE, "-lm"]).returncode != 0:
            sys.exit(f"hard_cases.py: cc could not compile {SOURCE.name}, see above")
        search = ctypes.CDLL(library).hard_cases_search_block
    pointer, integer, double = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
    search.argtypes = [pointer, pointer, integer, integer, double, double, pointer, integer]
    search.restype = integer
    return search


def index_of(x):
    """Positive doubles are numbered in order: by their bits."""
    return int(np.float64(x).view(np.uint64))


def double_at(index):
    return float(np.uint64(index).view(np.float64))


def precise(x):
    """Enough bits: x - tanh(x) loses twice the exponent, a tie is as close again to a midpoint."""
    return gmpy2.context(precision=300 + 4 * max(0, -math.frexp(x)[1]))


def value(x, derivative):
    """f(x), in the precision of the caller."""
    tanh = gmpy2.tanh(mpfr(x))
    return tanh**2 if derivative else x - tanh


def ulp_exponent(x, derivative=False):
    """f(x) counts units of 2 to this power."""
    with precise(x):
        return max(gmpy2.get_exp(value(x, derivative)) - 53, -1074)


def midpoint_distance(x, derivative=False):
    """Of f(x), in ulp."""
    with precise(x):
        in_ulp = value(x, derivative) / exp2(ulp_exponent(x, derivative))
        return abs(in_ulp - gmpy2.floor(in_ulp) - 0.5)


def taylor_coefficients(x, derivative=False):
    """Of f around x, degree 0 to 5, in ulp of f, the variable counting doubles."""
    with precise(x):
        tanh, squares = [gmpy2.tanh(mpfr(x))], []
        for n in range(6):  # tanh' = 1 - tanh^2
            squares.append(sum(tanh[i] * tanh[n - i] for i in range(n + 1)))
            tanh.append(((n == 0) - squares[n]) / (n + 1))
        f = squares if derivative else [x - tanh[0], 1 - tanh[1], *(-c for c in tanh[2:6])]
        unit = exp2(ulp_exponent(x, derivative))
        return [c * mpfr(math.ulp(x)) ** n / unit for n, c in enumerate(f)]


def search_block(search, first, end, threshold, derivative=False):
    """Every index in [first, end) with f within `threshold` of a midpoint, and a few more."""
    centre = (first + end) // 2
    x = double_at(centre)
    g = taylor_coefficients(x, derivative)
    with precise(x):
        exact = [divmod(int(gmpy2.rint(c * 2**128)) % 2**128, 2**64) for c in g[:3]]
        # The degrees left out: |tanh| <= tan(1) < 1.6 and |tanh - 1| <= 2/(exp(2x - 2) - 1) on the
        # circle of radius 1 around x bound all coefficients beyond the second (Cauchy).
        largest = min(1.6, 2 / math.expm1(2 * x - 2)) if x > 1 else 1.6
        if derivative:  # |tanh^2| <= 1.6^2 and |tanh^2 - 1| <= |tanh - 1| (|tanh - 1| + 2)
            largest *= largest + 2
        h = (end - centre) * mpfr(math.ulp(x))
        left_out = float(largest * h**6 / (1 - h) / exp2(ulp_exponent(x, derivative)))
    g012, g345 = np.array(exact, dtype=np.uint64), np.array(g[3:], dtype=np.float64)
    found = np.empty(CAPACITY, dtype=np.int64)
    block = g012.ctypes, g345.ctypes, first - centre, end - centre
    hits = search(*block, threshold, left_out, found.ctypes, CAPACITY)
    if hits < 0:
        reason = "too many hits" if hits == -1 else "the error bound is not met"
        sys.exit(f"hard_cases.py: {reason} near x = {x.hex()}")
    return [centre + k for k in found[:hits].tolist()]


def split_at_binades(first, end, derivative=False):
    """Parts of [first, end) in which x and f(x) each stay in one binade: search_block needs it."""
    ends = map(double_at, (first, end - 1))
    if len({(math.ulp(x), ulp_exponent(x, derivative)) for x in ends}) == 1:
        yield first, end
    else:
        yield from split_at_binades(first, (first + end) // 2, derivative)
        yield from split_at_binades((first + end) // 2, end, derivative)


def linear(derivative, lo, hi, points, threshold, seed):
    """The hits in [lo, hi), or in random blocks of it, and the number of doubles searched."""
    if not (2.0**-340 <= lo < hi <= 20 and points >= 1 and 0 < threshold <= 2.0**-4):
        sys.exit("hard_cases.py linear: 2^-340 <= LO < HI <= 20, POINTS >= 1, THRESHOLD <= 2^-4")
    first, last = index_of(lo), index_of(hi)
    points = min(points, last - first)
    size = int(min(BLOCK, CAPACITY / (8 * threshold), points))
    starts = random.Random(seed).sample(range(first, last, size), math.ceil(points / size))
    search = compile_search()
    parts = [p for s in starts for p in split_at_binades(s, min(s + size, last), derivative)]
    hits = [i for part in parts for i in search_block(search, *part, threshold, derivative)]
    hits = [double_at(i) for i in hits]
    return hits, sum(end - first for first, end in parts)


def beside(solutions):
    for solution in solutions:
        x = float(solution)
        yield from (x, math.nextafter(x, math.inf if x < solution else 0))


def large(derivative=False):
    """12 <= x < 17.5, where the ulp of f is 2^-49, then from 17 on 2^-48: one midpoint is left.

    The derivative: 14 <= x < 19.5, where its ulp is 2^-53.
    """
    with gmpy2.context(precision=300):
        if derivative:
            most = int((1 - gmpy2.tanh(mpfr(14)) ** 2) * 2**54)
            squares = [1 - k * exp2(-54) for k in range(1, most + 1, 2)]
            solutions = [gmpy2.atanh(gmpy2.sqrt(s)) for s in squares]
            return beside(solutions), index_of(19.5) - index_of(14)
        most = int((1 - gmpy2.tanh(mpfr(12))) * 2**50)
        solutions = [gmpy2.atanh(1 - k * exp2(-50)) for k in [2, *range(1, most + 1, 2)]]
    return beside(solutions), index_of(17.5) - index_of(12)


def ties(derivative=False):
    """100 ties, and the doubles beside the 100 smallest midpoints."""
    rng = random.Random(1)
    with gmpy2.context(precision=200):
        if derivative:
            odd = range(94_906_267, 2**27, 2)  # 54 bits: m^2 > 2^53
            hits = [math.ldexp(rng.choice(odd), rng.randint(-537, -35)) for _ in range(100)]
            solutions = [gmpy2.sqrt((2 * k + 1) * exp2(-1075)) for k in range(100)]
        else:
            odd = [m for m in range(100_001, 126_101, 2) if (9 * m**3).bit_length() == 54]
            hits = [math.ldexp(3 * rng.choice(odd), rng.randint(-358, -45)) for _ in range(100)]
            solutions = [gmpy2.cbrt((6 * k + 3) * exp2(-1075)) for k in range(100)]
    return [*hits, *beside(solutions)], 0


def report(hits, searched, threshold, derivative):
    distances = ((midpoint_distance(x, derivative), x) for x in set(hits))
    ranked = sorted((d, x) for d, x in distances if d < threshold)
    results = correctly_rounded(np.array([x for _, x in ranked]), derivative)
    for (distance, x), result in zip(ranked, results.tolist(), strict=True):
        print(f"{x.hex()} {gmpy2.log2(distance):.2f} {result.hex()}")
    verdict = f"# {len(ranked)} below 2^{math.log2(threshold):.4g}"
    verdict += f", hardest 2^{gmpy2.log2(ranked[0][0]):.2f}" if ranked else ""
    if searched:
        model = f"{2 * threshold * searched:.4g}, hardest 2^{-1 - math.log2(searched):.2f}"
        verdict += f"; of {searched:.5g} doubles a random model expects {model}"
    print(verdict)


def number(text):
    return 2.0 ** int(text[2:]) if text.startswith("2^") else float(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    for method in (linear, large, ties):
        command = commands.add_parser(method.__name__)
        command.set_defaults(method=method)
        command.add_argument("--derivative", action="store_true", help="of tanh(x)^2 instead")
    command = commands.choices["linear"]
    command.add_argument("lo", type=number)
    command.add_argument("hi", type=number)
    command.add_argument("--points", type=number, default=math.inf, help="all of [LO, HI)")
    command.add_argument("--threshold", type=number, default=THRESHOLD, help="in ulp, like 2^-44")
    command.add_argument("--seed", type=int, default=1, help="of the choice of blocks")
    options = vars(parser.parse_args())
    hits, searched = options.pop("method")(**options)
    report(hits, searched, options.get("threshold", THRESHOLD), options["derivative"])


if __name__ == "__main__":
    main()
