"""The version, from the installed package's own record."""

from importlib.metadata import version

VERSION = version("precipice")
