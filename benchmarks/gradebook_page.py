"""What the gradebook page of a class costs: bytes, and time in this machine's browser until it can be used and sorted.

    python -m benchmarks.gradebook_page [--rounds 5]

Classes of 100, 1,000 and 4,000 over the six tasks, opened in turn. Ready: until the table can be sorted and searched.
Milliseconds as median [minimum, maximum]; each with its ratio to the class of 100.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from benchmarks.class_report import class_report
from checks.core.course import load_course
from checks.reports import gradebook_page
from tests.chromium import chromium, executable

SIZES = (100, 1_000, 4_000)
LAID_OUT = "const t = performance.now(); {}; document.body.offsetHeight; return performance.now() - t"
ACTIONS = {
    "sort by name": 'document.querySelector("th[data-sort=name] button").click()',
    "sort by score": 'document.querySelector("th[data-sort=number1] button").click()',
    "sort by a step": 'document.querySelector("th[data-sort=step7] button").click()',
    "search": 'const s = document.getElementById("search"); s.value = "0012"; s.dispatchEvent(new Event("input"))',
}
Sample = dict[str, float]


def main() -> None:
    """Make the pages, open each in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    path = executable()
    if path is None:
        sys.exit("no browser: make engines")
    course = load_course()
    samples: dict[int, list[Sample]] = {size: [] for size in SIZES}
    with TemporaryDirectory(prefix="mlsd-bench-") as scratch, chromium(path) as browser:
        pages = {size: Path(scratch, f"{size}.html") for size in SIZES}
        for size, page in pages.items():
            page.write_text(gradebook_page.render(class_report(course, size)), encoding="utf-8")
        for turn in range(rounds + 1):
            for size, page in pages.items():
                sample = _open(browser, page)
                if turn:  # the first warms the browser
                    samples[size].append(sample)
        print(f"{'learners':16}" + "".join(f"{size:<30,}" for size in SIZES))
        print(f"{'megabytes':16}" + "".join(f"{page.stat().st_size / 1e6:<30.2f}" for page in pages.values()))
    for name in ("ready", *ACTIONS):
        print(f"{name:16}" + "".join(f"{_shown(samples, size, name):30}" for size in SIZES))


def _open(browser: Browser, page: Path) -> Sample:
    """Open a page in a fresh window and use it. Milliseconds; `ready` counts from the start of the navigation."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    window = context.new_page()
    window.goto(page.as_uri())
    sample = {"ready": window.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")}
    for name, action in ACTIONS.items():
        sample[name] = window.evaluate(f"() => {{ {LAID_OUT.format(action)} }}")
    context.close()
    return sample


def _shown(samples: dict[int, list[Sample]], size: int, name: str) -> str:
    values = [sample[name] for sample in samples[size]]
    base = statistics.median(sample[name] for sample in samples[SIZES[0]])
    median = statistics.median(values)
    return f"{median:.0f} [{min(values):.0f}, {max(values):.0f}] x{median / base:.1f}"


if __name__ == "__main__":
    main()
