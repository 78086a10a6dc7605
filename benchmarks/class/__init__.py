"""What grading a class costs, as it grows, beside how it is done elsewhere: `python -m benchmarks.class --help`."""
