"""Pages of the site that are written from the code: commands from their help, names from docstrings, errors."""

import ast
import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from precipice import HOME
from precipice.cli import COMMANDS

SOURCE = Path(__file__).parent.parent / "src" / "precipice"

TOLD = re.compile("‹[^›]*›")
"""A text of which nothing is known before it is told."""

PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "api-studies.md": ("Python: a study from end to end", ("verbs", "study", "archive")),
    "api-cohorts.md": ("Python: panels, cohorts, series", ("panel", "cohorts", "series", "replicates", "frames")),
    "api-effects.md": ("Python: effects", ("effects",)),
    "api-populations.md": ("Python: simulated platforms", ("population",)),
    "api-supply.md": ("Python: supply and loops", ("supply", "loops")),
    "api-files.md": ("Python: marks in files", ("marks",)),
    "api-records.md": ("Python: uploads, events, errors", ("records", "errors")),
}
"""For each page its heading, and the places whose public names it holds."""


def api_pages() -> dict[str, str]:
    """Give the pages of public names; Zensical fills in what their docstrings say, without importing anything.

    Raises:
        LookupError: a public name lies in a place that stands on no page.
    """
    pages = {}
    left = set(HOME)
    for page, (heading, places) in PARTS.items():
        names = [name for name, home in HOME.items() if home.split(".")[1] in places]
        left -= set(names)
        lines = [f"# {heading}", "", "All of these are in `import precipice as pc`; `help(pc.NAME)` says the same."]
        for name in sorted(names, key=str.lower):
            lines += ["", f"## `pc.{name}` {{#pc-{name}}}", "", f"::: {HOME[name]}.{name}", "    options:",
                      "      show_root_heading: false", "      show_root_toc_entry: false"]  # fmt: skip
        pages[page] = "\n".join(lines) + "\n"
    if left:
        raise LookupError(f"on no page: {', '.join(sorted(left))}; add their places to PARTS")
    return pages


def commands_page() -> str:
    """Give every command with what it does, its options and its examples, as its help has them."""
    lines = ["# Commands", "", "What `precipice COMMAND --help` prints, for all of them.",
             "`DIR` is the study's folder, and the current one where it is left out.", "",
             "| command | does |", "| --- | --- |"]  # fmt: skip
    lines += [f"| [`{name}`](#precipice-{name}) | {does} |" for name, does in COMMANDS.items()]
    for name in COMMANDS:
        command = importlib.import_module(f"precipice.cli.{name}").command
        lines += ["", f"## precipice {name}", *_command(command, name)]
    lines += ["", "## Exit status", "", "| status | means |", "| --- | --- |", "| 0 | done |", "| 1 | a check failed |",
              "| 2 | what was given cannot be used |", "| 3 | a source refused |", "| 130 | stopped |"]  # fmt: skip
    return "\n".join(lines) + "\n"


def _command(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=f"precipice {name}")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from ("", "```text", usage, "```", "")
    for paragraph in (command.help or "").split("\n\n"):
        yield from (" ".join(paragraph.replace("\b", "").split()), "")
    yield from ("| option | |", "| --- | --- |")
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None:
            words, does = (text.replace("|", "\\|").replace("<", "&lt;") for text in record)
            yield f"| `{words}` | {does} |"
    examples = (command.epilog or "").replace("\b", "").partition("Examples:\n")[2]
    if examples.strip():
        yield from ("", "```console")
        yield from (f"$ {line.strip()}" for line in examples.strip().splitlines())
        yield "```"


def errors_page() -> str:
    """Give every error that is raised on purpose: what it says, why, and what to do, by exit status and place."""
    lines = ["# Errors", "", "Each error says what is wrong, where, why, and what to type.",
             "Names in ‹angles› stand for what is told at that place.",
             "Errors are `pc.PrecipiceError`; the exit status is that of the command.", ""]  # fmt: skip
    kinds = {"InputError": "Exit status 2: what was given cannot be used",
             "MissingExtraError": "Exit status 2: an optional part is not installed",
             "CheckError": "Exit status 1: a check failed",
             "SourceError": "Exit status 3: a source refused, slowed or broke off"}  # fmt: skip
    found = sorted({error for path in sorted(SOURCE.rglob("*.py")) for error in _errors(path)})
    for kind, heading in kinds.items():
        rows = [error for error in found if error[0] == kind]
        if not rows:
            continue
        lines += [f"## {heading}", ""]
        if kind == "MissingExtraError":
            lines += ["| package | brought by |", "| --- | --- |"]
            lines += sorted({f"| {what} | `pip install 'precipice[{why}]'` |" for _, _, what, why, _ in rows})
        else:
            lines += _by_place(rows)
        lines.append("")
    return "\n".join(lines)


def _by_place(rows: Sequence[tuple[str, str, str, str, str]]) -> Iterator[str]:
    place = ""
    for _, at, what, why, fix in rows:
        if at.partition("/")[0] != place:
            place = at.partition("/")[0]
            yield from ("", f"### {place}", "", "| what | why | what to do |", "| --- | --- | --- |")
        yield f"| {what} | {why} | {fix} |"


def _errors(path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    place = path.relative_to(SOURCE).with_suffix("").as_posix().removesuffix("/__init__")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        kind = node.func.id
        if kind == "MissingExtraError" and len(node.args) > 1:
            yield kind, place, _words(node.args[0]), _words(node.args[1]), ""
        elif kind in ("InputError", "CheckError", "SourceError"):
            parts = {keyword.arg: _words(keyword.value) for keyword in node.keywords}
            what, why, fix = _words(node.args[0]), parts.get("why", ""), parts.get("fix", "")
            if not TOLD.fullmatch(what):  # whoever calls says what, and stands in the table himself
                yield kind, place, what, "" if TOLD.fullmatch(why) else why, fix


def _words(node: ast.expr) -> str:
    """Give a text with what is put into it in angles, fit for a table."""
    return _plain(node).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")


def _plain(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(_plain(part) for part in node.values)
        case ast.FormattedValue():
            return f"‹{_name(node.value)}›"
        case ast.BinOp(op=ast.Add()):
            return _plain(node.left) + _plain(node.right)
        case ast.IfExp():
            return " / ".join(filter(None, (_plain(node.body), _plain(node.orelse))))
        case _:
            return f"‹{_name(node)}›"


def _name(node: ast.expr) -> str:
    """Give the last name in an expression, which says best what will stand there."""
    names = [part.id if isinstance(part, ast.Name) else part.attr for part in ast.walk(node)
             if isinstance(part, ast.Name | ast.Attribute)]  # fmt: skip
    return names[-1].replace("_", " ") if names else "…"
