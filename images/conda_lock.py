"""From what you ask for to what you get: environment.yml, the solver, the lock, environments."""

from __future__ import annotations

from drawing import MARGIN, WIDTH, Drawing

PLATFORMS = ("linux-64", "osx-arm64", "win-64")
ENVIRONMENTS = ("a server", "your laptop", "a colleague's")


def draw() -> Drawing:
    """The solver between two files, and an environment for each platform below."""
    drawing = Drawing(
        "environment.yml is what you ask for, the lock is what you get",
        "A solver reads environment.yml and the index of the channel once, and writes a lock file: for each platform, every "
        "package with version, build and hash. Each machine makes its environment from the part of the lock that is for "
        "its platform, without solving again.",
        526,
    )
    drawing.card(
        MARGIN, 12, 252, 152,
        "# environment.yml", "- what you ask for", "$ channel conda-forge", "$ python=3.11.7", "$ scikit-learn=1.7.2",
    )  # fmt: skip
    drawing.card(336, 12, 252, 62, "# Channel", "- its index of all packages")
    drawing.card(336, 104, 252, 60, "# Solver", "- runs once, needs the network", kind="accent")
    drawing.arrow((MARGIN + 252, 134), (333, 134))
    drawing.arrow((462, 74), (462, 101))
    drawing.arrow((462, 164), (462, 195))
    drawing.box(MARGIN, 198, 576, 172, "area")
    drawing.text(26, 228, "conda-lock.yml", "title")
    drawing.text(26, 252, "what you get: every package, those you did not name too", "small")
    for place, platform in enumerate(PLATFORMS):
        x = 24 + place * 188
        drawing.card(x, 266, 176, 92, f"$ {platform}", "- version, build,", "- sha256 of each", kind="accent")
        drawing.arrow((x + 88, 358), (x + 88, 415))
    drawing.text(124, 398, "install, no solving", "small")
    for place, words in enumerate(ENVIRONMENTS):
        drawing.card(24 + place * 188, 418, 176, 62, "environment", f"- {words}")
    drawing.text(WIDTH // 2, 510, "Next year the same lock gives the same packages.", "small middle")
    return drawing
