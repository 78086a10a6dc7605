"""Times side by side, as ratios: commands, not tests. Machines are noisy: read the ratios, not the seconds.

    python -m benchmarks.grade --against 8c72594
        CPU of `mlsd grade` a submission over all tasks, and of an unchanged class, beside another revision in turn.
    python -m benchmarks.check [TASK]
        `mlsd check TASK` beside `dvc status`, in the same finished folder.
    python -m benchmarks.elsewhere
        `mlsd grade` beside a loop of pytest processes that use the tools' own libraries.
    python -m benchmarks.rebuild [TASK ...]
        The verdict of a step with `--rebuild` beside the same commands typed by hand.

Each takes `--rounds N`. `make bench` runs them all. What is compared is run in turn, so that it meets the same machine.
"""
