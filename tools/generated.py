"""Write a generated header, or check that the one in the tree is current."""

import argparse
import sys
from pathlib import Path

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
