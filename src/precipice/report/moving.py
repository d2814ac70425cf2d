"""The part of the page that a reader moves: its numbers, figures and scripts, and what they may do."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from precipice.effects import OUTCOME_WORDS, Effect
from precipice.errors import CheckError
from precipice.report import publication
from precipice.report.charts import retention_heatmap
from precipice.report.explorer import explorable
from precipice.report.explorer_charts import specifications
from precipice.report.look import platform_name
from precipice.report.percents import event_label, percent
from precipice.report.placebo_charts import MEASURED
from precipice.report.plot import event_moment
from precipice.study.findings import Findings

if TYPE_CHECKING:
    from markupsafe import Markup

SOURCE = "https://cdn.jsdelivr.net/npm"
"""Under this address the converter keeps the modules that it carries; nothing is fetched from there."""
INTERPRETER = "2.0.0"
"""Version of Vega's interpreter, with which a page needs no right to make code out of text."""


@dataclass(frozen=True)
class Moving:
    """What the template puts into the page."""

    scripts: "tuple[Markup, ...]"
    """Vega, then ours; each a module."""
    numbers: "Markup"
    """JSON of `explorer-data`."""
    figures: "Markup"
    """JSON of `explorer-figures`: Vega specifications."""
    style: "Markup"
    policy: "Markup"
    """Content security policy of the whole page."""
    REPLACED: ClassVar[tuple[str, ...]] = ("numbers", "policy")
    """What differs where the page is served to its owner."""


def moving(findings: Findings) -> Moving:
    """Give the moving part of a study's page, as it may be published."""
    return written(numbers(findings))


def written(told: Mapping[str, Any], *, connect: bool = False) -> Moving:
    """Give the moving part of a page.

    Args:
        told: every number that it holds, as `numbers` gives them.
        connect: whether it may ask the server that it comes from.
    """
    from markupsafe import Markup

    scripts = tuple(Markup(script) for script in (bundle(), _file("page.js")))  # noqa: S704  Vega's and ours
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    asks = " connect-src 'self';" if connect else ""
    return Moving(
        scripts=scripts,
        numbers=_json(told),
        figures=_json(specifications()),
        style=Markup(_file("explorer.css")),  # noqa: S704  ours
        policy=Markup(  # noqa: S704  ours; its quotes stay quotes
            f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline';{asks} img-src data: blob:"
        ),
    )


def numbers(findings: Findings) -> dict[str, Any]:
    """Give every number that the moving part holds, as it may be published."""
    platforms = [{**part, "label": platform_name(part["name"])} for part in explorable(findings)]
    return {
        "unit": findings.study.study.unit,
        "cap": findings.study.study.cap,
        "fewest": publication.FEWEST,
        "platforms": platforms,
        "events": [
            {"label": event.label, "month": event.month, "time": event_moment(event), "platforms": [*event.platforms]}
            for event in findings.events
        ],
        "placebos": [_placebos(findings, effect) for effect in with_placebos(findings)],
        "retention": [_retention(findings, name) for name in publication.platforms(findings)
                      if name in publication.followed(findings)],
    }  # fmt: skip


def with_placebos(findings: Findings) -> list[Effect]:
    """Give the effects that have a number and placebos to stand among; of one that was refused, neither is shown."""
    return [effect for effect in findings.effects if effect.placebos and not effect.refused]


def _placebos(findings: Findings, effect: Effect) -> dict[str, Any]:
    event, name = event_label(findings, effect.event), platform_name(effect.platform)
    measured = f"{effect.method}: {MEASURED.get(effect.method, effect.method)}"
    whole = f"{measured}, {OUTCOME_WORDS[effect.outcome]}"
    estimates = [b.estimate for b in effect.placebos if np.isfinite(b.estimate)]
    values = [round(percent(value - effect.placebo_mean), 3) for value in estimates]
    ends = {"value": effect.percent, "low": effect.percent_low, "high": effect.percent_high}
    return {
        "label": f"{name}, {event} — {whole}",
        "event": event,
        "words": f"{whole}, on {name}.",
        "placebos": values,
        **{end: round(float(value), 3) for end, value in ends.items()},
    }


def _retention(findings: Findings, platform: str) -> dict[str, Any]:
    figure = retention_heatmap(findings, platform)
    cells = [
        {"first": row["first_upload"], "from": row["months_since_from"], "to": row["months_since_to"] + 1,
         "share": row["share_active"]}
        for row in figure.table().to_pylist()
    ]  # fmt: skip
    return {"platform": platform, "description": figure.description, "cells": cells}


@cache
def bundle() -> str:
    """Give Vega's parser, views and interpreter as one script, made offline of what the converter carries.

    Raises:
        CheckError: the converter carries other versions than those this page is made for.
    """
    import vl_convert

    snippet = (
        f'import {{parse, View}} from "{SOURCE}/vega@{vl_convert.get_vega_version()}/+esm";'
        f'import {{expressionInterpreter}} from "{SOURCE}/vega-interpreter@{INTERPRETER}/+esm";'
        "window.vega = {parse, View, expressionInterpreter};"
    )
    try:
        text = str(vl_convert.javascript_bundle(snippet))
    except ValueError as error:
        raise CheckError(
            "Vega cannot be put into the page",
            why=f"vl-convert {version('vl-convert-python')} does not carry Vega's interpreter {INTERPRETER}",
            fix="install vl-convert-python 1.9",
        ) from error
    note = "/*! Vega and vega-interpreter, University of Washington Interactive Data Lab, BSD-3-Clause; D3, ISC */\n"
    return note + text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _file(name: str) -> str:
    return (files("precipice.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _json(value: Mapping[str, Any] | Sequence[Any]) -> "Markup":
    """Write JSON that stands in a page: no text of it can end its block."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return Markup(text.replace("<", r"\u003c"))  # noqa: S704  escaped
