"""Write a generated header, or check that the one in the tree is current."""

import argparse
import sys
from pathlib import Path

import gmpy2

KERNELS = Path(__file__).resolve().parent.parent / "src" / "tanhshrink" / "_kernels"


def write_or_check(name, description, lines):
    """Run the command line of a generating tool.

    Parameters
    ----------
    name : str
        File name of the header inside the kernels' folder.
    description : str
        What ``--help`` says of the tool.
    lines : callable
        ``lines(rows)`` returns the header's lines. `rows` is None for all of them; otherwise it
        is the wanted sample size, and lines of rows left out are returned as None (not compared).
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="with --check: only N rows, if long"
    )
    arguments = parser.parse_args()
    if arguments.sample is not None and not arguments.check:
        parser.error("--sample only makes sense with --check: a header is written whole")
    if arguments.sample is not None and arguments.sample < 1:
        parser.error("--sample: N must be at least 1")

    path = KERNELS / name
    new = lines(arguments.sample)
    if not arguments.check:
        path.write_text("\n".join(new) + "\n")
        print(f"wrote {path.name}: {len(new)} lines")
        return

    old = path.read_text().splitlines()
    compared = [(i, line) for i, line in enumerate(new) if line is not None]
    if len(old) != len(new):
        sys.exit(f"{name} is stale: {len(old)} lines, but the tool makes {len(new)}")
    for i, line in compared:
        if old[i] != line:
            sys.exit(f"{name} is stale at line {i + 1}:\n  there: {old[i]}\n  made:  {line}")
    print(f"{name} is current: {len(compared)} of {len(new)} lines compared")


def table_rows(what, count, sample, bound, row):
    """Compute the rows of a table, and end the program if one misses the bound.

    Parameters
    ----------
    what : str
        What the verdict is about, on standard error.
    count : int
        How many rows there are.
    sample : int or None
        As for `lines` above.
    bound : float
        log2 of the error below which every row must be.
    row : callable
        ``row(i)`` returns the error of row i and its line.

    Returns
    -------
    list
        The lines; None for rows outside the sample.
    """
    wanted = range(count) if sample is None else {i * (count - 1) // sample for i in range(sample)}
    rows = [None] * count
    worst = gmpy2.mpfr(0)
    for i in wanted:
        error, rows[i] = row(i)
        worst = max(worst, error)
        if i % 64 == 0:
            print(f"\rrow {i} of {count}", end="", file=sys.stderr, flush=True)
    bound_met = gmpy2.log2(worst) < bound
    print(
        f"\r{what} 2^{float(gmpy2.log2(worst)):.2f} at most over {len(wanted)} rows:"
        f" bound 2^{bound:g} {'met' if bound_met else 'MISSED'}",
        file=sys.stderr,
    )
    if not bound_met:
        sys.exit(1)
    return rows
