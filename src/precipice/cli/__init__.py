"""The command line: a module a command; each reads, calls one function, prints.

Results go to stdout, words and progress to stderr.  Exit: 0 done, 1 a check failed, 2 bad input, 3 a source refused,
130 stopped.
"""

import difflib
import importlib
import os
import sys

import click

from precipice.errors import InputError, PrecipiceError

COMMANDS = {
    "init": "make a study: commented precipice.toml, artists.csv, events.csv",
    "collect": "ask the platforms for artists' uploads: drawn at random, resumable, metadata only",
    "refresh": "fetch what is new since artists were collected; with --recheck, take out what is gone",
    "ingest": "take dumps, gallery-dl output or tables into the archive",
    "remove": "take artists out of the archive, and keep them out",
    "cohorts": "draw cohorts, monthly series, retention",
    "effects": "what the events did beyond ordinary attrition, with placebos",
    "profile": "what cohorts upload and say: declared AI, opting out, words in tags",
    "supply": "fresh human work to come, and the runway of models that train on it",
    "simulate": "models trained on what models made, generation by generation",
    "report": "the main job: figures, tables, report.html, run.json",
    "export": "what the report says as a data set to be published: CSV, croissant.json, README",
    "doctor": "what this machine has and a study needs: engines, memory, disk",
}

EXAMPLES = """
\b
Begin with:
  precipice init study --example openmoji
  precipice report study

Every command shows examples of its own:  precipice COMMAND --help
"""


class Verbs(click.Group):
    """Commands by name, each imported when it is called, with a suggestion for a mistyped one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"precipice.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            raise InputError(
                f"there is no command '{args[0]}'",
                why=f"there are {', '.join(COMMANDS)}",
                fix=f"did you mean:  precipice {close[0]}" if close else "see:  precipice --help",
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Verbs, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="precipice")
def cli() -> None:
    """Do artists stop sharing their work? Upload records in; cohorts, effects and a report out."""


def main() -> None:
    """Run the command line and exit with the status of what happened."""
    colour = False if os.environ.get("NO_COLOR") else None
    try:
        cli.main(prog_name="precipice", standalone_mode=False, color=colour)
    except PrecipiceError as error:
        _show(error, colour)
        sys.exit(error.exit_status)
    except click.exceptions.Abort:
        _stopped()
    except KeyboardInterrupt:
        _stopped()
    except click.ClickException as error:
        _show(_in_our_words(error), colour)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stdout = None
        sys.exit(0)


def _in_our_words(error: click.ClickException) -> InputError:
    context = getattr(error, "ctx", None)
    fix = f"see:  {context.command_path} --help" if context is not None else "see:  precipice --help"
    return InputError(error.format_message().rstrip(".").replace("\n", " "), fix=fix)


def _show(error: PrecipiceError, colour: bool | None) -> None:
    first, *rest = str(error).splitlines()
    click.echo(click.style("error: ", fg="red", bold=True) + first, err=True, color=colour)
    for line in rest:
        click.echo(line, err=True, color=colour)


def _stopped() -> None:
    click.echo("stopped; what was there is kept. Go on with:", err=True)
    click.echo("  " + " ".join(["precipice", *map(_quoted, sys.argv[1:])]), err=True)
    sys.exit(130)


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)
