"""The command ``python -m tanhshrink``."""

import argparse
import sys

import numpy as np

from tanhshrink import show_runtime, tanhshrink

EXAMPLES = [-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0, 1e-2, 1e-5, 1e-8, -1e-100, -0.0]


def number(text):
    """Convert an argument to a float."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number; try 0.5 or 1e-5") from None


def print_table(values):
    """Print x, tanhshrink(x) and the naive formula for each of `values`."""
    print(f"{'x':>24} {'tanhshrink(x)':>24} {'x - np.tanh(x)':>24}")
    for x in values:
        row = (float(x), float(tanhshrink(x)), float(x - np.tanh(x)))
        print(" ".join(f"{value!r:>24}" for value in row))


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tanhshrink",
        description="Show what is running and a table of values beside the naive formula.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    evaluate = commands.add_parser(
        "eval",
        help="evaluate numbers",
        description="Print x, tanhshrink(x) and x - np.tanh(x) for each number x.",
    )
    evaluate.add_argument("values", nargs="+", type=number, metavar="VALUE")

    words = sys.argv[1:]
    if words[:1] == ["eval"] and not {"-h", "--help", "--"} & set(words):
        words.insert(1, "--")  # argparse takes -1e-5 for an option otherwise
    arguments = parser.parse_args(words)
    if arguments.command is None:
        show_runtime()
        print()
        print_table(EXAMPLES)
    else:
        print_table(arguments.values)


if __name__ == "__main__":
    sys.exit(main())
