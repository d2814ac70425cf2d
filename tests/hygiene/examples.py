"""The examples of a page: its fenced blocks, what is said of them in a comment before, and what they print.

A block of `bash` or `python` runs, in the order of the page and in one folder a page.  A comment before it, which no
reader sees, may say otherwise:

- `<!-- not run: REASON -->`: why it cannot; paths named in the reason exist;
- `<!-- as in: PAGE -->`: each of its lines is run by that page;
- `<!-- fails: STATUS -->`: it is to end with this status;
- `<!-- continues: PAGE -->`: the page goes on in the folder of another, which runs first.

A `text` block right behind one that runs is what it prints: line by line, in this order, "…" for whatever else.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
CONTINUES = re.compile(r"^<!-- continues: (\S+) -->$", re.MULTILINE)
RUN = ("bash", "python")
READ = ("toml", "json")
"""Languages of what is read and has to be right: a study file, a document."""
SHOWN = ("text", "console", "csv", "")
"""Languages of what is only shown; what is typed at a prompt needs a reason all the same."""
PATHS = re.compile(r"(?:tests|docs|studies|benchmarks|scripts)/[\w./-]*\w|[\w-]+\.md")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    line: int
    """Where it stands, from 1."""
    language: str
    text: str
    mark: str
    """What the comment before it says; empty where there is none."""
    expected: str
    """The text block right behind it; empty where there is none."""

    @property
    def runs(self) -> bool:
        return self.language in RUN and not self.mark.startswith(("not run: ", "as in: "))


def blocks(page: Path) -> list[Block]:
    """Read the blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    listed = []
    for number, part in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        printed = after is not None and after["language"] == "text" and not text[part.end() : after.start()].strip()
        listed.append(
            Block(
                text[: part.start()].count("\n") + 1, part["language"], part["text"], part["mark"] or "",
                after["text"] if printed and after is not None else "",
            )
        )  # fmt: skip
    return listed


def continued(page: Path) -> Path | None:
    """Give the page in whose folder another goes on, if it does."""
    found = CONTINUES.search(page.read_text(encoding="utf-8"))
    return page.parent / found[1] if found else None


def commands(text: str) -> list[str]:
    """Give the lines of a block without comments and space."""
    return [line for line in (re.sub(r"\s+#.*", "", line).strip() for line in text.splitlines()) if line]


def run(block: Block, folder: Path, home: Path) -> str:
    """Run a block and say what is wrong; empty where nothing is."""
    binaries = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "XDG_DATA_HOME": str(home),
        "COLUMNS": "100",
    }
    command = ["bash", "-euc", block.text] if block.language == "bash" else [sys.executable, "-c", block.text]
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    status = int(block.mark.removeprefix("fails: ")) if block.mark.startswith("fails: ") else 0
    if done.returncode != status:
        return f"line {block.line}: ends with {done.returncode}\n{done.stdout}"
    lost = missing(block.expected, done.stdout)
    return f"line {block.line}: does not print {lost!r}, but\n{done.stdout}" if lost else ""


def missing(expected: str, printed: str) -> str:
    """Give the first line that was to be printed and was not, in its place."""
    lines = iter(line.rstrip() for line in printed.splitlines())
    for wanted in filter(None, (line.rstrip() for line in expected.splitlines())):
        pattern = re.compile(".*".join(map(re.escape, wanted.split("…"))))
        if not any(pattern.fullmatch(line) for line in lines):
            return wanted
    return ""
