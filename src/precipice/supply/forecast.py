"""Fresh human and synthetic uploads, months at hand and months to come, as paths that share one belief each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.months import month_text
from precipice.supply.flow import Belief, Float, Flow, draw_shares
from precipice.supply.paths import BLOCK, FORECASTERS, Forecaster, Shape

if TYPE_CHECKING:
    import pyarrow as pa

PATHS = 4_000
FARTHEST = 120
"""Months that are forecast at most."""
TIMES = 3
"""Nor more than so many times the history."""
QUANTILES = (0.1, 0.5, 0.9)
FLAT = 0.005
"""A share is kept so far from 0 and 1 where it is carried on: what was never seen can come."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Human uploads by cohort and synthetic ones, month by month, on many paths."""

    platform: str
    cohorts: tuple[str, ...]
    months: npt.NDArray[np.int32]
    """Months at hand, then those to come, as in `precipice.months`, shape (T + H,)."""
    known: int
    """T: complete months at hand."""
    began: int
    """Offset of the first month with synthetic uploads; T, the first to come, where their share is stated."""
    human: Float
    """Human uploads, shape (paths, C, T + H)."""
    synthetic: Float
    """Synthetic uploads, shape (paths, T + H)."""
    source: str
    """`labelled`, `corrected` or `stated`: where the share of synthetic uploads is from; `unknown` where nothing says,
    and `human` then holds all uploads."""
    forecaster: str
    """A key of `FORECASTERS`."""

    def bands(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each month and kind: 10, 50 and 90 % of the paths."""
        kinds = self.totals()
        kinds += [(f"{kinds[0][0]}, {name}", self.human[:, c]) for c, name in enumerate(self.cohorts)]
        for kind, values in kinds:
            low, middle, high = np.quantile(values, QUANTILES, axis=0)
            for t, month in enumerate(self.months.tolist()):
                yield {
                    "platform": self.platform, "kind": kind, "month": month_text(month),
                    "low": round(float(low[t]), 3), "middle": round(float(middle[t]), 3),
                    "high": round(float(high[t]), 3), "forecast": t >= self.known,
                }  # fmt: skip

    def years(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each kind and twelve months to come: 10, 50 and 90 % of the paths' sums."""
        for kind, values in self.totals():
            for start in range(self.known, values.shape[1] - 11, 12):
                low, middle, high = np.quantile(values[:, start : start + 12].sum(axis=1), QUANTILES)
                yield {
                    "platform": self.platform, "kind": kind, "from": month_text(int(self.months[start])),
                    "to": month_text(int(self.months[start + 11])), "low": round(float(low), 1),
                    "middle": round(float(middle), 1), "high": round(float(high), 1),
                }  # fmt: skip

    def totals(self) -> list[tuple[str, Float]]:
        """Give human and synthetic uploads, or all where nothing tells them apart, each of shape (paths, T + H)."""
        human = self.human.sum(axis=1)
        if self.source == "unknown":
            return [("all uploads", human)]
        return [("human", human), ("synthetic", self.synthetic)]

    def table(self) -> "pa.Table":
        """Give the bands as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.bands()))

    def summary(self) -> str:
        """Say what the last year was and what the last forecast year is."""
        last, ahead = slice(self.known - 12, self.known), slice(-12, None)
        parts = []
        for name, values in self.totals():
            now = np.quantile(values[:, last].sum(axis=1), QUANTILES)
            then = np.quantile(values[:, ahead].sum(axis=1), QUANTILES)
            named = name if name.endswith("uploads") else f"{name} uploads"
            end = month_text(int(self.months[-1]))
            parts.append(f"{named} {_range(now)} in the last year at hand, {_range(then)} in the year to {end}")
        return f"{self.platform}: {'; '.join(parts)} (middle, and 10 to 90 % of {len(self.human):,} paths)."


def _range(quantiles: Float) -> str:
    low, middle, high = quantiles
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"


def check_horizon(flow: Flow, until: int) -> int:
    """Give the months from the last complete one to `until`.

    Raises:
        InputError: there are none, or more than can be forecast.
    """
    last = int(flow.months[-1])
    most = min(FARTHEST, TIMES * len(flow.months))
    if not last < until <= last + most:
        raise InputError(
            f"{month_text(until)} cannot be forecast",
            where="--until",
            why=f"complete months end in {month_text(last)}, and from {len(flow.months)} of them at most {most} more "
            "are forecast",
            fix=f"choose a month from {month_text(last + 1)} to {month_text(last + most)}",
        )
    return until - last


def forecast(
    flow: Flow,
    until: int,
    belief: Belief | None,
    *,
    paths: int = PATHS,
    shape: Shape | None = None,
    forecaster: str = "bootstrap",
    seed: int = 1,
) -> Paths:
    """Forecast human uploads by cohort and synthetic uploads.

    All uploads are carried on in logs, capped; the cohorts in logs, scaled to all; the share of synthetic ones in
    log-odds, so that it stays between 0 and 1 and synthetic uploads within all.

    Args:
        flow: uploads and labels.
        until: last month to forecast.
        belief: what is believed of the label, or a share in its place; None where nothing is, and all uploads are
            forecast without telling them apart.
        paths: number of paths.
        shape: damping and cap.
        forecaster: a key of `FORECASTERS`.
        seed: of every draw; one seed gives the same total uploads whatever the belief.

    Raises:
        InputError: the month cannot be forecast, no such forecaster, or no label and no stated share.
    """
    horizon, shape = check_horizon(flow, until), shape or Shape()
    if forecaster not in FORECASTERS:
        raise InputError(
            f"there is no forecaster '{forecaster}'", why=f"there are {', '.join(FORECASTERS)}", fix="name one of those"
        )
    road = _Road(horizon, paths, shape, FORECASTERS[forecaster])
    rng_uploads, rng_shares, rng_ahead = (np.random.default_rng([seed, stream]) for stream in range(3))
    shares = np.zeros((paths, *flow.uploads.shape)) if belief is None else draw_shares(flow, belief, paths, rng_shares)
    uploads = _uploads_ahead(flow, road, rng_uploads)
    ahead = _shares_ahead(shares, flow, belief, road, rng_ahead)
    all_uploads = np.concatenate([np.broadcast_to(flow.uploads, (paths, *flow.uploads.shape)), uploads], axis=2)
    all_shares = np.concatenate([shares, ahead], axis=2)
    months = np.arange(flow.months[0], flow.months[-1] + horizon + 1, dtype=np.int32)
    return Paths(
        flow.platform, flow.cohorts, months, len(flow.months),
        flow.began if belief is not None and belief.stated is None else len(flow.months),
        all_uploads * (1 - all_shares), (all_uploads * all_shares).sum(axis=1),
        "unknown" if belief is None else belief.source, forecaster,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Road:
    """How numbers are carried on: how far, on how many paths, by what."""

    horizon: int
    paths: int
    shape: Shape
    carry: Forecaster

    def ahead(self, history: Float, rng: np.random.Generator) -> Float:
        """Carry histories on, one for all paths or one a path, shape (paths, horizon)."""
        return self.carry(np.broadcast_to(history, (self.paths, history.shape[-1])), self.horizon, self.shape, rng)


def _uploads_ahead(flow: Flow, road: _Road, rng: np.random.Generator) -> Float:
    """Give uploads to come by cohort, shape (paths, C, horizon)."""
    total = flow.uploads.sum(axis=0)
    best = np.convolve(total, np.ones(BLOCK) / BLOCK, "valid").max()
    ahead = np.clip(np.exp(road.ahead(np.log(total + 0.5), rng)) - 0.5, 0, road.shape.cap * best)
    weight = np.stack([_cohort_ahead(one, road, rng) for one in flow.uploads], axis=1)
    return np.asarray(weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9) * ahead[:, None, :])


def _cohort_ahead(uploads: Float, road: _Road, rng: np.random.Generator) -> Float:
    """Carry one cohort on from when it has uploads; one that is too young keeps its level."""
    began = int(np.flatnonzero(uploads > 0)[0]) if (uploads > 0).any() else len(uploads)
    own = uploads[began:]
    if len(own) <= BLOCK:
        return np.full((road.paths, road.horizon), own[-BLOCK:].mean() if len(own) else 0.0)
    # The first year of an open cohort is its filling up, which is no trend; where there is more, it is left out.
    own = own[BLOCK:] if len(own) >= 3 * BLOCK else own
    return np.asarray(np.exp(road.ahead(np.log(own + 0.5), rng)))


def _shares_ahead(shares: Float, flow: Flow, belief: Belief | None, road: _Road, rng: np.random.Generator) -> Float:
    """Give shares to come, shape (paths, C, horizon): none, as stated, or carried on."""
    shape = (*shares.shape[:2], road.horizon)
    if belief is None:
        return np.zeros(shape)
    if belief.stated is not None:
        return np.broadcast_to(rng.uniform(belief.stated.low, belief.stated.high, (road.paths, 1, 1)), shape)
    return np.stack([_share_ahead(shares[:, c, flow.began :], road, rng) for c in range(shape[1])], axis=1)


def _share_ahead(share: Float, road: _Road, rng: np.random.Generator) -> Float:
    """Carry a cohort's share on in log-odds of its means over three months, shape (paths, horizon)."""
    sums = np.cumsum(np.pad(share, ((0, 0), (1, 0))), axis=1)
    smooth = np.clip((sums[:, 3:] - sums[:, :-3]) / 3, FLAT, 1 - FLAT)
    return np.asarray(1 / (1 + np.exp(-road.ahead(np.log(smooth / (1 - smooth)), rng))))
