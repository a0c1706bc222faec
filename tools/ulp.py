"""Check tanhshrink at random points of a range against the oracle, and report its worst error.

    python tools/ulp.py float64 0x1p-4 4 -n 1e6 --target avx2

The points are uniform in bit patterns, so every binade of the range gets its share; both signs and
both ends are included. The error is total and includes the final rounding: at most 0.5 ulp if
correctly rounded. Exit status: 0 if every bit is right, 1 if not, 2 for bad arguments.
"""

import argparse
import sys
import time

import numpy as np

from oracle import FORMATS, bit_patterns, correctly_rounded, ulp_error
from tanhshrink import _ufunc

DERIVATIVE = "tanhshrink_grad"
DTYPES = {dtype.name: dtype for dtype in FORMATS}
BATCH = 50_000
SILENT_SECONDS = 2


def hexadecimal(value):
    """A number of any format as its shortest hexadecimal literal; a NaN with its bits."""
    if np.isnan(value):
        return f"nan({bit_patterns(np.asarray(value)):#x})"
    mantissa, _, exponent = float(value).hex().partition("p")
    if not exponent:
        return mantissa  # inf
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


def describe(name, x, got, want, error, target):
    """One line about one input, fit to be pasted into a bug report."""
    return (
        f"{name} x={hexadecimal(x)} got={hexadecimal(got)} want={hexadecimal(want)} "
        f"err={error:.2f} ulp target={target}"
    )


def wrong_bits(got, want):
    """Where two arrays differ: in any bit, so in the sign of a zero or a NaN too."""
    return bit_patterns(got) != bit_patterns(want)


def describe_worst(name, x, got, want, target):
    """How many results are wrong, and the one with the largest error; None if all are right."""
    wrong = wrong_bits(got, want)
    if not wrong.any():
        return None
    x, got, want = x[wrong], got[wrong], want[wrong]
    errors = ulp_error(x, got, name == DERIVATIVE)
    worst = np.argmax(errors)
    line = describe(name, x[worst], got[worst], want[worst], errors[worst], target)
    return f"{wrong.sum()} of {wrong.size} wrong in {x.dtype.name}; the worst: {line}"


def random_points(rng, low, high, count):
    """`count` numbers of low <= |x| <= high, uniform in bit patterns, and both ends."""
    first, last = bit_patterns(np.array([low, high]))
    magnitudes = rng.integers(first, last, count, dtype=first.dtype, endpoint=True)
    magnitudes = np.append(magnitudes, [first, last]).view(low.dtype)
    return np.where(rng.integers(2, size=magnitudes.size), -magnitudes, magnitudes)


def parse_number(text):
    """Convert a decimal or hexadecimal argument."""
    try:
        return float.fromhex(text) if "0x" in text.lower() else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def parse_count(text):
    """Convert a count such as 1e6."""
    count = parse_number(text)
    if not (count >= 1 and count.is_integer()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(count)


def parse_arguments(arguments):
    """Parse the command line, and refuse what makes no sense."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("format", choices=DTYPES)
    parser.add_argument("low", type=parse_number, help="smallest |x|, decimal or 0x1p-4")
    parser.add_argument("high", type=parse_number, help="largest |x|")
    parser.add_argument("-n", type=parse_count, default=100_000, help="points (default: 1e5)")
    parser.add_argument("--derivative", action="store_true", help="check tanhshrink_grad instead")
    parser.add_argument("--target", choices=_ufunc.available_targets(), default=_ufunc.TARGET)
    parsed = parser.parse_args(arguments)
    dtype = DTYPES[parsed.format]
    with np.errstate(over="ignore", under="ignore"):
        parsed.low, parsed.high = np.array([parsed.low, parsed.high]).astype(dtype)
    if not (0 <= parsed.low <= parsed.high < np.inf):
        parser.error(f"low and high: 0 <= low <= high must hold, and both be finite {dtype.name}")
    return parsed


def main(arguments=None):
    """Run the command line and return its exit status."""
    parsed = parse_arguments(arguments)
    name = DERIVATIVE if parsed.derivative else "tanhshrink"
    function = _ufunc.make_ufunc(name, parsed.target)
    rng = np.random.default_rng()
    tested, wrong = 0, 0
    worst_error, worst = -1.0, None
    start = time.monotonic()
    while tested < parsed.n:
        x = random_points(rng, parsed.low, parsed.high, min(BATCH, parsed.n - tested))
        got, want = function(x), correctly_rounded(x, parsed.derivative)
        errors = ulp_error(x, got, parsed.derivative)
        # A wrong result is worse than any right one, even if only the sign of its zero is wrong.
        rank = errors + wrong_bits(got, want)
        i = np.argmax(rank)
        if rank[i] > worst_error:
            worst_error, worst = rank[i], (x[i], got[i], want[i], errors[i])
        tested += x.size
        wrong += np.count_nonzero(wrong_bits(got, want))
        if time.monotonic() - start > SILENT_SECONDS:
            print(f"\r{tested} of {parsed.n} points", end="", file=sys.stderr, flush=True)
    if time.monotonic() - start > SILENT_SECONDS:
        print(file=sys.stderr)
    print(f"{tested} points of {parsed.format}, {wrong} wrong")
    print(f"worst: {describe(name, *worst, parsed.target)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
