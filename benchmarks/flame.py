"""Draw where a command's CPU seconds go, by the functions of precipice that were at work: docs/images/flame.svg.

    python benchmarks/flame.py report STUDY
    python benchmarks/flame.py --out build/effects.svg effects STUDY --json

A hundred times a CPU second the stack is looked at, and is given the CPU seconds that passed since the last look: those
of all threads, the engine's too, since the function that waits for them is the one that asked.  Functions of libraries
count as their caller's, and a function of less than half a hundredth is left out, inside of its caller.
"""

import argparse
import colorsys
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import FrameType

PLACE = Path(__file__).parents[1] / "docs" / "images" / "flame.svg"
EVERY = 0.01  # CPU seconds
LEAST = 0.005  # of the whole: thinner boxes are not drawn
WIDTH, ROW, EDGE, LETTER = 800, 26, 12, 7.3  # pixels; the last a letter's width at 13 pixels
HEAD = 88
HUES = {"archive": 200, "effects": 28, "loops": 300, "profiles": 150, "report": 250, "study": 45, "supply": 100}
Stack = tuple[str, ...]


@dataclass
class Box:
    """A function in its caller."""

    cpu: float = 0.0
    inside: dict[str, "Box"] = field(default_factory=dict)


class Sampler:
    """Looks at the stack as CPU time passes."""

    def __init__(self) -> None:
        """Begin."""
        self.seen: dict[Stack, float] = defaultdict(float)
        self.last = time.process_time()

    def look(self, number: int, frame: FrameType | None) -> None:
        """Give the time that passed to the functions that are at work now."""
        now = time.process_time()
        stack: list[str] = []
        while frame is not None:
            name = frame.f_globals.get("__name__", "")
            if name.startswith("precipice."):
                stack.append(f"{name.removeprefix('precipice.')}.{frame.f_code.co_qualname}")
            frame = frame.f_back
        self.seen[tuple(reversed(stack))] += now - self.last
        self.last = now


def sampled(words: list[str]) -> Mapping[Stack, float]:
    """Run a command of precipice in this process and give the CPU seconds of each stack."""
    sampler = Sampler()
    before = signal.signal(signal.SIGPROF, sampler.look)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        from precipice.cli import main

        sys.argv = ["precipice", *words]
        main()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return sampler.seen


def tree(seen: Mapping[Stack, float]) -> Box:
    """Put stacks into each other; comprehensions, lambdas and steps of the command line count as their caller's."""
    whole = Box()
    for stack, cpu in seen.items():
        box = whole
        box.cpu += cpu
        for name in stack:
            if "<" in name or name.startswith("cli"):
                continue
            box = box.inside.setdefault(name, Box())
            box.cpu += cpu
    return whole


def drawn(whole: Box, title: str, words: str) -> str:
    """Draw boxes as SVG: callers above, what they call below, widths by CPU seconds, the most first."""
    scale, parts, depth = (WIDTH - 2 * EDGE) / whole.cpu, list[str](), 0
    left = [(whole, float(EDGE), 0)]
    while left:
        box, x, level = left.pop()
        depth = max(depth, level)
        for name, one in sorted(box.inside.items(), key=lambda item: -item[1].cpu):
            if one.cpu >= LEAST * whole.cpu:
                parts.append(_box(name, one, whole, x, HEAD + ROW * level, one.cpu * scale))
                left.append((one, x, level + 1))
            x += one.cpu * scale
    height = HEAD + ROW * depth + EDGE
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="Arial, Helvetica, Liberation Sans, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>",
        "<style>.paper{fill:#fff}.ink{fill:#222}.soft{fill:#555}.box text{fill:#111}"
        "@media(prefers-color-scheme:dark){.paper{fill:#16181c}.ink{fill:#eee}.soft{fill:#bbb}}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        f'<text class="ink" x="{EDGE}" y="24" font-size="17" font-weight="600">{escape(title)}</text>',
        f'<text class="soft" x="{EDGE}" y="46">{escape(words)}</text>', *_legend(), *parts, "</svg>", "",
    ])  # fmt: skip


def _legend() -> list[str]:
    """Say which part of precipice has which colour."""
    x, parts = float(EDGE), []
    for name in HUES:
        parts.append(f'<rect x="{x:.0f}" y="59" width="12" height="12" rx="2" fill="{_colour(name)}"/>')
        parts.append(f'<text class="soft" x="{x + 17:.0f}" y="70">{name}</text>')
        x += 17 + LETTER * len(name) + 22
    return parts


def _colour(name: str) -> str:
    """Give the colour of a function's part of precipice."""
    part = colorsys.hls_to_rgb(HUES.get(name.partition(".")[0], 0) / 360, 0.8, 0.6)
    return "#" + "".join(f"{round(255 * one):02x}" for one in part)


def _box(name: str, box: Box, whole: Box, x: float, y: float, width: float) -> str:
    module, _, function = name.rpartition(".")
    told = f"{module.rpartition('.')[2]}.{function} {box.cpu:.1f} s"
    room = int((width - 8) / LETTER)
    names = (told, f"{function} {box.cpu:.1f} s", function, f"{function[: room - 1]}…" if room > 4 else "")
    shown = next(text for text in names if len(text) <= max(room, 0))
    text = f'<text x="{x + 4:.1f}" y="{y + 17}">{escape(shown)}</text>' if shown else ""
    return (
        f'<g class="box"><title>{escape(name)}: {box.cpu:.2f} CPU-s, {box.cpu / whole.cpu:.1%}</title>'
        f'<rect x="{x:.1f}" y="{y}" width="{max(width - 1, 0.5):.1f}" height="{ROW - 2}" rx="2"'
        f' fill="{_colour(name)}"/>'
        f"{text}</g>"
    )


def main() -> None:
    """Run a command, draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PLACE)
    parser.add_argument("--title", default="Where the CPU seconds of a report go")
    parser.add_argument("--words", default="", help="the input, in words")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="words after `precipice`")
    arguments = parser.parse_args()
    seen = sampled(arguments.command)
    whole = tree(seen)
    words = f"{arguments.words or 'precipice ' + ' '.join(arguments.command)}: {whole.cpu:.0f} CPU-s in all"
    words += f", {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; callers above, what they call below"
    arguments.out.write_text(drawn(whole, arguments.title, words), encoding="utf-8")
    print(f"written: {arguments.out}, {whole.cpu:.1f} CPU-s", file=sys.stderr)


if __name__ == "__main__":
    main()
