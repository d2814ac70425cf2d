"""The same page on loopback, for its owner: series computed from the panel at any cutoff and cap, and who is in them.

Nothing is held back here, so nobody else may ask: the server listens on 127.0.0.1 at a random port, and answers only
who names it as its host, comes from no other page, and knows the token of this run.
"""

import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.cohorts import draw_by_cutoff
from precipice.errors import CheckError, InputError, MissingExtraError
from precipice.months import month_text, parse_month
from precipice.report import publication
from precipice.report.look import platform_name
from precipice.report.moving import Moving, moving, numbers, written
from precipice.series import Series, count
from precipice.study.findings import Findings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
CAPS = (*range(1, 11), 15, 20, 30, 50, 100, 1_000_000)
"""Caps of the slider; the last one leaves nothing out."""
MOST_CREATORS = 200
"""Creators that one answer names at most, those with most uploads first."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer; none of them lets another page read it."""


def check_extra() -> None:
    """Make sure that what serves pages is installed.

    Raises:
        MissingExtraError: it is not.
    """
    try:
        import starlette
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(error.name or "starlette", "serve") from error
    del starlette, uvicorn


def serve(page: Path, findings: Findings, *, ready: Callable[[str], None]) -> None:
    """Serve a study's page until it is interrupted.

    Args:
        page: as `render` wrote it.
        findings: that it shows.
        ready: called with the address, once it can be opened.

    Raises:
        MissingExtraError: what serves pages is not installed.
        CheckError: the page is not of these findings.
    """
    check_extra()
    import uvicorn

    with socket.create_server((HOST, 0)) as listening:
        port, token = listening.getsockname()[1], secrets.token_urlsafe(24)
        app = application(page, findings, port=port, token=token)
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
        ready(f"http://{HOST}:{port}/{token}/")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            return


def application(page: Path, findings: Findings, *, port: int, token: str) -> "Starlette":
    """Make the application, without a server.

    Raises:
        CheckError: the page is not of these findings.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    text = served_text(page.read_text(encoding="utf-8"), findings, token)

    def show(request: "Request") -> "Response":
        return HTMLResponse(text)

    def series(request: "Request") -> "Response":
        return _answer(lambda: recomputed(findings, **_asked(request, "platform", "cutoff", "cap")))

    def creators(request: "Request") -> "Response":
        return _answer(lambda: members(findings, **_asked(request, "platform", "cutoff", "cohort", "month")))

    routes = [Route(f"/{token}/", show), Route("/api/series", series), Route("/api/creators", creators)]
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port, token=token)])


@dataclass(frozen=True)
class Guard:
    """Refuse whoever is not the page itself, before anything else is looked at."""

    app: "ASGIApp"
    port: int
    token: str

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer, or say in a line why not."""
        from starlette.datastructures import MutableHeaders
        from starlette.responses import PlainTextResponse

        if scope["type"] != "http":
            return  # no web sockets, and nothing to start or stop

        async def sent(message: Any) -> None:  # noqa: ANN401  a message of ASGI
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self.refusal(scope)
        answer = self.app if refused is None else PlainTextResponse(f"{refused[1]}\n", status_code=refused[0])
        await answer(scope, receive, sent)

    def refusal(self, scope: "Scope") -> tuple[int, str] | None:
        """Give the status and the reason for which a request is refused; None for one that is not."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        hosts = [f"{name}:{self.port}" for name in (HOST, "localhost")]
        if len(headers.get("host", [])) != 1 or headers["host"][0] not in hosts:
            return 421, "this is not the host that was asked for"
        if any(origin != f"http://{headers['host'][0]}" for origin in headers.get("origin", [])):
            return 403, "another page may not ask"
        if any(site not in ("same-origin", "none") for site in headers.get("sec-fetch-site", [])):
            return 403, "another page may not ask"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, "there is nothing to change here"
        path = scope["path"].split("/")
        given = path[1] if path[1] != "api" else "".join(headers.get("x-precipice-token", []))
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return 403, "the token of this run is missing: open the address that precipice printed"
        return None


def served_text(text: str, findings: Findings, token: str) -> str:
    """Give a written page the owner's numbers in place of those that may be published.

    Raises:
        CheckError: the page is not of these findings.
    """
    before = moving(findings)
    exact = {"api": "/api", "token": token, "platforms": [exact_platform(findings, name) for name in _names(findings)]}
    after = written({**numbers(findings), **exact}, connect=True)
    for field in Moving.REPLACED:
        if text.count(str(getattr(before, field))) != 1:
            raise CheckError("the page is not of these findings", why=f"its {field} differ", fix="precipice report")
        text = text.replace(str(getattr(before, field)), str(getattr(after, field)))
    return text


def exact_platform(findings: Findings, platform: str) -> dict[str, Any]:
    """Give what the page needs to know of a platform whose series it asks for."""
    whole = next(series for series in findings.overall if series.platform == platform)
    first, last = publication.observed(findings, platform)
    months = np.arange(first, last + 1)
    shown = np.isin(whole.months, months)
    cutoffs = list(range(findings.panel.window(platform).first + 1, last + 1))
    own = findings.study.study.cutoff
    cutoffs = sorted({*cutoffs, own})
    return {
        "name": platform, "label": platform_name(platform), "period": 1, "start": months.tolist(),
        "end": months.tolist(), "complete": whole.complete[shown].astype(int).tolist(), "cutoffs": cutoffs,
        "own": cutoffs.index(own), "by_level": True, "levels": [], "published": {},
        "caps": [{"cap": cap, "cutoffs": []} for cap in sorted({*CAPS, findings.study.study.cap})],
        "all": whole.uploads[shown].tolist(),
    }  # fmt: skip


def recomputed(findings: Findings, platform: str, cutoff: str, cap: str) -> dict[str, Any]:
    """Count seniors and juniors of a platform anew.

    Raises:
        InputError: there is no such platform, cutoff or cap.
    """
    part = findings.panel.only(platform)
    first, last = publication.observed(findings, platform)
    if not cap.isdecimal():
        raise InputError(f"a cap is a whole number, not '{cap}'", fix="ask for 1 or more")
    drawn = draw_by_cutoff(part, parse_month(cutoff))
    if not len(part):
        return {}
    found = count(part, drawn, cap=int(cap), start=first, end=last)
    return {series.cohort: _rows(series) for series in found}


def _rows(series: Series) -> list[dict[str, Any]]:
    low, high = (np.round(limit, 2).tolist() for limit in series.interval("capped"))
    months, capped, complete = series.months.tolist(), series.capped.tolist(), series.complete.tolist()
    return [
        {"index": index, "start": months[index], "end": months[index], "complete": complete[index],
         "value": capped[index], "low": low[index], "high": high[index], "status": "given"}
        for index in np.flatnonzero(series.can_exist).tolist()
    ]  # fmt: skip


def members(findings: Findings, platform: str, cutoff: str, cohort: str, month: str) -> dict[str, Any]:
    """Say who of a cohort uploaded in a month: pseudonyms, never names.

    Raises:
        InputError: there is no such platform, cutoff, cohort or month.
    """
    part = findings.panel.only(platform)
    cohorts = {found.name: found for found in draw_by_cutoff(part, parse_month(cutoff))}
    if cohort not in cohorts:
        raise InputError(f"there is no cohort '{cohort}'", fix=f"ask for {' or '.join(cohorts)}")
    cells = (part.month.astype(np.int64) + part.start == parse_month(month)) & cohorts[cohort].members[part.row]
    row, uploads = part.row[cells], part.count[cells]
    order = np.lexsort((row, -uploads))[:MOST_CREATORS]
    total = part.uploads
    told = [
        {"creator": f"{int(part.creators[row[at]]) & (2**64 - 1):016x}", "uploads": int(uploads[at]),
         "first": month_text(int(part.first[row[at]])), "in_all": int(total[row[at]])}
        for at in order.tolist()
    ]  # fmt: skip
    return {"creators": len(row), "told": told}


def _names(findings: Findings) -> tuple[str, ...]:
    return publication.platforms(findings)


def _asked(request: "Request", *names: str) -> dict[str, str]:
    missing = [name for name in names if name not in request.query_params]
    if missing:
        raise InputError(f"{', '.join(missing)} is missing", fix="name it in the address")
    return {name: request.query_params[name] for name in names}


def _answer(compute: Callable[[], dict[str, Any]]) -> "Response":
    from starlette.responses import Response

    try:
        found, status = compute(), 200
    except InputError as error:
        found, status = {"error": str(error)}, 400
    return Response(json.dumps(found, allow_nan=False), status, media_type="application/json")
