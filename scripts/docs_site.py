"""Build the documents as a site that needs no network: `make docs`, then open build/site/index.html.

The pages are those of `docs/`, in the order of `docs/site/nav.toml`.  Generated beside them: the commands from their
help, the names from their docstrings, the errors from where they are raised, and whatever pages of the project the
documents lead to.  Zensical, which follows MkDocs Material, turns them into HTML and stops at a link to nowhere.
"""

import argparse
import fnmatch
import html
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from site_pages import api_pages, commands_page, errors_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")
COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DATA = (".csv", ".json", ".cff")
"""Files that a reader may want to open, which the site therefore takes along."""
NARROW = "-narrow"
"""Ends the name of a picture drawn for a column of 85 mm, which a telephone shows in place of the wide one."""
ALWAYS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def name_of(page: Path) -> str:
    """Give a page's name on the site: its own in docs, one with the folders in it elsewhere."""
    if page.is_relative_to(DOCS):
        return page.relative_to(DOCS).as_posix()
    if page == ROOT / "README.md":
        return "index.md"
    return "project-" + page.relative_to(ROOT).as_posix().lower().replace("/", "-").replace("_", "-")


class Pages:
    """The pages of the site with their links, gathered from where a reader finds them in the project."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.waiting = [*sorted(DOCS.glob("*.md")), *(ROOT / name for name in ALWAYS)]
        self.taken: set[Path] = set()

    def gather(self) -> None:
        """Write every page and every page and table that one leads to.

        Raises:
            FileNotFoundError: a link or a picture leads nowhere; Zensical looks at links between pages alone.
        """
        while self.waiting:
            page = self.waiting.pop()
            if page in self.taken:
                continue
            self.taken.add(page)
            text = page.read_text(encoding="utf-8")
            self.write(name_of(page), self._linked(text, page))

    def write(self, name: str, text: str) -> None:
        """Write one page of the site."""
        (self.place / name).write_text(text, encoding="utf-8")

    def _linked(self, text: str, page: Path) -> str:
        blocks: list[str] = []

        def keep(found: re.Match[str]) -> str:
            blocks.append(found.group())
            return f"\0{len(blocks) - 1}\0"

        text = COMMENT.sub("", CODE.sub(keep, text))
        text = LINK.sub(lambda found: self._link(found, page), text)
        return re.sub("\0(\\d+)\0", lambda found: blocks[int(found.group(1))], text)

    def _link(self, found: re.Match[str], page: Path) -> str:
        picture, words, target, part = found.groups(default="")
        aim = (page.parent / target).resolve()
        if aim.exists() and aim.is_relative_to(DOCS) and page.is_relative_to(DOCS):
            narrow = aim.with_stem(aim.stem + NARROW)
            return _fitting(target, narrow.name, words) if picture and narrow.exists() else found.group()
        if not aim.exists() and (self.place / target).exists():  # a generated page
            return found.group()
        if not aim.exists():
            raise FileNotFoundError(f"{page.name} leads to {target}, and there is no such file")
        if aim.suffix == ".md" and aim.exists():
            self.waiting.append(aim)
            return f"[{words}]({name_of(aim)}{part})"
        if aim.suffix in DATA:
            name = "files/" + aim.relative_to(ROOT).as_posix().replace("/", "-")
            (self.place / "files").mkdir(exist_ok=True)
            shutil.copyfile(aim, self.place / name)
            return f"[{words}]({name})"
        if picture:
            return f"![{words}]({aim.relative_to(DOCS).as_posix()})"
        return words  # source code, a folder: it lies in the project and not on the site


def _fitting(wide: str, narrow: str, words: str) -> str:
    """Show a picture as it was drawn for the width of the page."""
    beside = Path(wide).with_name(narrow).as_posix()
    return (
        f'<picture><source media="(max-width: 37.5rem)" srcset="{beside}">'
        f'<img src="{wide}" alt="{html.escape(words)}"></picture>'
    )


def named(text: str) -> str:
    """Let every public name in the list of names lead to its docstring."""
    for page, words in api_pages().items():
        for name in re.findall(r"^## `pc\.(\w+)`", words, re.MULTILINE):
            text = re.sub(rf"`pc\.{name}`(?!\()", f"[`pc.{name}`]({page}#pc-{name})", text)
    return text


def navigation(names: set[str]) -> list[dict[str, Any]]:
    """Put the pages that there are in the order of nav.toml."""
    listed = tomllib.loads((DOCS / "site" / "nav.toml").read_text(encoding="utf-8"))
    left = names - {listed["home"]}
    parts: list[dict[str, Any]] = [{"Home": listed["home"]}]
    for part in listed["part"]:
        pages: list[str] = []
        for pattern in part["pages"]:
            pages += sorted(name for name in fnmatch.filter(left, pattern) if name not in pages)
        left -= set(pages)
        parts.append({part["name"]: pages})
    return [*parts, {"More": sorted(left)}] if left else parts


def inline(value: object) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {inline(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def assemble(place: Path) -> None:
    """Write all that Zensical needs into a folder."""
    pages = place / "pages"
    shutil.rmtree(place, ignore_errors=True)
    pages.mkdir(parents=True)
    shutil.copytree(DOCS / "images", pages / "images")
    shutil.copytree(DOCS / "site" / "assets", pages / "assets")
    shutil.copytree(DOCS / "site" / "overrides", place / "overrides")
    site = Pages(pages)
    for name, text in {"commands.md": commands_page(), "errors.md": errors_page(), **api_pages()}.items():
        site.write(name, text)
    site.gather()
    site.write("python.md", named((pages / "python.md").read_text(encoding="utf-8")))
    settings = (DOCS / "site" / "zensical.toml").read_text(encoding="utf-8")
    order = inline(navigation({page.name for page in pages.glob("*.md")}))
    settings = settings.replace('"SOURCE"', json.dumps(str(ROOT / "src"))).replace(
        "[project]\n", f"[project]\nnav = {order}\n", 1
    )
    (place / "zensical.toml").write_text(settings, encoding="utf-8")


def main() -> int:
    """Assemble the pages, build the site, and put it where it belongs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "site", help="where the site is to lie")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "docs", help="folder for what is in between")
    given = parser.parse_args()
    assemble(given.work)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "zensical.toml"]
    done = subprocess.run(command, cwd=given.work, check=False)  # noqa: S603  our own arguments
    if done.returncode:
        return done.returncode
    shutil.rmtree(given.to, ignore_errors=True)
    shutil.copytree(given.work / "site", given.to)
    print(f"open {given.to / 'index.html'}")  # noqa: T201  a script says what it made
    return 0


if __name__ == "__main__":
    sys.exit(main())
