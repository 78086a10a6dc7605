"""Take the README's pictures of the gradebook: the example class, at the width of a laptop and of a telephone.

make grade
python -m images.screenshots reports/index.html
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.chromium import chromium, executable

IMAGES = Path(__file__).resolve().parent
WINDOWS = {"gradebook": (1280, 900, "light"), "gradebook_narrow": (390, 844, "dark")}


def main(page: Path) -> None:
    """Open the page, and write each picture."""
    path = executable()
    if path is None:
        sys.exit("no browser: make engines")
    with chromium(path) as browser:
        for name, (width, height, scheme) in WINDOWS.items():
            context = browser.new_context(
                offline=True,
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            window = context.new_page()
            window.goto(page.resolve().as_uri())
            if name == "gradebook_narrow":
                window.locator("#table tbody tr:has(td.f) a").nth(3).click()
            window.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
