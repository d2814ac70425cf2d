"""One tree of errors: what there is, where, why, and what to do.

Exit statuses: 0 done, 1 a check failed, 2 bad input, 3 a source refused, 130 stopped.
"""


class PrecipiceError(Exception):
    """Stand at the root of every error that precipice raises on purpose.

    Args:
        what: one sentence saying what is wrong.
        where: the file and line (`uploads.csv:1`), folder or option it was found in.
        why: what was found instead, or what makes it wrong.
        fix: what to type or change.
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        """Give the whole message, a line for each part that is known."""
        lines = [self.what]
        lines += [f"  --> {self.where}"] if self.where else []
        lines += [f"  why: {self.why}"] if self.why else []
        lines += [f"  fix: {self.fix}"] if self.fix else []
        return "\n".join(lines)


class CheckError(PrecipiceError):
    """Say that something precipice made does not hold together (a sum, a hash, a stale record)."""

    exit_status = 1


class InputError(PrecipiceError):
    """Say that what the user gave cannot be used as it is."""

    exit_status = 2


class MissingExtraError(InputError):
    """Say that an optional part is not installed, and name the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed",
            why=f"it comes with the optional part '{extra}'",
            fix=f"pip install 'precipice[{extra}]'",
        )


class SourceError(PrecipiceError):
    """Say that a platform or download refused, slowed or broke off."""

    exit_status = 3
