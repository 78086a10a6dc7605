"""A Dockerfile, the image of layers that it makes, its containers; and containers beside virtual machines."""

from __future__ import annotations

from drawing import MARGIN, WIDTH, Drawing

LINES = (
    "FROM python:…",
    "WORKDIR /app",
    "COPY req….txt .",
    "RUN pip install",
    "COPY train.py .",
    "USER learner",
    'CMD ["python"…]',
)
LAYERS = ("train.py", "dependencies", "Python", "small Linux")


def _stack(drawing: Drawing, x: int, title: str, doubled: tuple[str, ...], shared: tuple[str, ...], note: str) -> None:
    """Rows of a machine: what each guest has of its own, and what all share."""
    drawing.box(x, 342, 282, 288, "area")
    drawing.text(x + 12, 370, title, "title")
    y = 384
    for words in doubled:
        for side in (0, 1):
            drawing.box(x + 10 + side * 134, y, 128, 36, "accent")
            drawing.text(x + 10 + side * 134 + 64, y + 24, words, "small accent-words middle")
        y += 40
    for words in shared:
        drawing.box(x + 10, y, 262, 36)
        drawing.text(x + 141, y + 24, words, "small middle")
        y += 40
    drawing.text(x + 12, 616, note, "small")


def draw() -> Drawing:
    """From recipe to process at the top, the comparison below."""
    drawing = Drawing(
        "From a Dockerfile to containers, and containers beside virtual machines",
        "docker build makes an image from a Dockerfile: read-only layers, a small Linux at the bottom, then Python, the "
        "dependencies and train.py. docker run starts containers from the image: each is a process with a thin writable "
        "layer of its own. Below: each virtual machine brings a whole system with its own kernel on a hypervisor; "
        "containers bring application and libraries, and share the kernel of the host.",
        642,
    )
    drawing.box(MARGIN, 12, 172, 286)
    drawing.text(26, 42, "Dockerfile", "title")
    drawing.text(26, 66, "the recipe", "small")
    for place, line in enumerate(LINES):
        drawing.text(26, 100 + place * 28, line, "code")
    drawing.box(240, 12, 150, 286, "area")
    drawing.text(254, 42, "Image", "title")
    drawing.text(254, 66, "read-only layers", "small")
    for place, layer in enumerate(LAYERS):
        drawing.box(250, 84 + place * 44, 130, 40, "accent")
        drawing.text(315, 110 + place * 44, layer, "small accent-words middle")
    drawing.text(254, 284, "its name: a hash", "small")
    drawing.text(446, 36, "Containers", "title")
    for y, number in ((50, 1), (180, 2)):
        drawing.card(440, y, 148, 118, f"container {number}", "- one process,", "- a thin layer", "- to write in")
    drawing.arrow((184, 155), (237, 155))
    drawing.text(210, 144, "build", "small middle")
    drawing.arrow((390, 155), (412, 155), (412, 109), (437, 109))
    drawing.arrow((390, 155), (412, 155), (412, 239), (437, 239))
    drawing.text(412, 98, "run", "small middle")
    drawing.text(MARGIN + 2, 330, "Two ways to keep applications apart:", "small")
    _stack(
        drawing,
        MARGIN,
        "Virtual machines",
        ("application", "libraries", "own kernel"),
        ("hypervisor", "hardware"),
        "a system each: gigabytes",
    )
    _stack(
        drawing,
        WIDTH - MARGIN - 282,
        "Containers",
        ("application", "libraries"),
        ("container engine", "the host's kernel", "hardware"),
        "processes that start in a second",
    )
    return drawing
