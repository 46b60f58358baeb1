"""Concave functions of one quantity each, and their outer approximation by tangents.

What is not linear in a linear-representable economy are terms f(t) of one quantity each: the
logarithm of a utility, the cost of a supply. A concave f lies below its tangents, so that with
tangents at points t_1 < ... < t_S

    f(t) <= f_S(t) = least of f(t_k) + f'(t_k) (t - t_k),

which is linear in pieces: t is the sum of pieces, each of a limited width, between the points where
neighbouring tangents meet, and pieces of steep slope fill first by themselves.

How the points are laid: densely around the quantity last found, ever wider apart away from it.
Where the quantity is right, its tangent has the right slope, so that it stays where it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parecon.families import Suppliers

Array = NDArray[np.float64]

# relative distances of tangents from the centre, in the spread of each term; then as many again in
# equal steps of the logarithm out to FARTHEST
_NEAR = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
_FAR = 6
FARTHEST = 16.0  # of the logarithm: a factor of ten million each way
N_PIECES = 1 + 2 * (len(_NEAR) + _FAR)
_LOWEST = 1e-12  # of the unit: a centre below it is as good as zero


class Concave(ABC):
    """Concave increasing or decreasing functions f(t) of t >= 0, (T,) of them; money."""

    @abstractmethod
    def value(self, t: Array) -> Array:
        """f(t), (..., T)."""

    @abstractmethod
    def slope(self, t: Array) -> Array:
        """f'(t)."""

    @abstractmethod
    def at_slope(self, slope: Array) -> Array:
        """The t at which f' is `slope`: the answer of the one who gains f(t) and pays slope t."""


@dataclass(frozen=True, eq=False)
class Logarithm(Concave):
    """f = weight log t + constant."""

    weight: Array

    def value(self, t: Array) -> Array:
        """weight log t"""
        with np.errstate(divide="ignore"):
            found: Array = self.weight * np.log(t)
        return found

    def slope(self, t: Array) -> Array:
        """weight / t"""
        found: Array = self.weight / t
        return found

    def at_slope(self, slope: Array) -> Array:
        """weight / slope"""
        found: Array = self.weight / slope
        return found


@dataclass(frozen=True, eq=False)
class Harmony(Concave):
    """f = weight H(t/target - 1) (formulas: `parecon.families.targets`)."""

    weight: Array
    target: Array

    def value(self, t: Array) -> Array:
        """w (r - 1 - (r - 1)^2/2) short of the target, w log r beyond it, r = t/target"""
        short = np.minimum(t / self.target, 1.0) - 1.0
        beyond = np.log(np.maximum(t / self.target, 1.0))
        found: Array = self.weight * (short - 0.5 * short**2 + beyond)
        return found

    def slope(self, t: Array) -> Array:
        """w (2 - r) / target, w / t"""
        short = 2.0 - np.minimum(t / self.target, 1.0)
        found: Array = self.weight / np.maximum(t, self.target) * short
        return found

    def at_slope(self, slope: Array) -> Array:
        """target (2 - z) for z = slope target / w above 1, w / slope below"""
        z = slope * self.target / self.weight
        found: Array = self.target * np.where(z > 1.0, np.maximum(2.0 - z, 0.0), 1.0 / z)
        return found


@dataclass(frozen=True, eq=False)
class SupplyCost(Concave):
    """f = -C(t), minus what a quantity costs its supplier (formulas: `families.Suppliers`)."""

    family: Suppliers

    def value(self, t: Array) -> Array:
        """-C(t)"""
        f = self.family
        relative, scale = t / f.quantity, f.price * f.quantity
        if f.form == "linear":
            cost = scale * (relative + (0.5 * relative**2 - relative) / f.elasticity)
        else:
            power = 1.0 + 1.0 / f.elasticity
            cost = scale * relative**power / power
        found: Array = -cost
        return found

    def slope(self, t: Array) -> Array:
        """-marginal cost"""
        f = self.family
        relative = t / f.quantity
        if f.form == "linear":
            marginal = f.price * (1.0 + (relative - 1.0) / f.elasticity)
        else:
            marginal = f.price * relative ** (1.0 / f.elasticity)
        found: Array = -marginal
        return found

    def at_slope(self, slope: Array) -> Array:
        """The quantity whose marginal cost is -slope."""
        f = self.family
        ratio = np.maximum(-slope, 0.0) / f.price
        if f.form == "linear":
            return np.maximum(0.0, f.quantity * (1.0 + f.elasticity * (ratio - 1.0)))
        found: Array = f.quantity * ratio**f.elasticity
        return found


@dataclass(frozen=True, eq=False)
class Pieces:
    """f_S in pieces, from zero up: (S, T) each.

    slope : money per unit of t, falling along the first axis. width : units of t, the last up to
    the greatest t. start : (T,) f_S(0), money.
    """

    slope: Array
    width: Array
    start: Array


def pieces(function: Concave, centre: Array, spread: Array, most: Array) -> Pieces:
    """Pieces around `centre` (T,) with nearest tangents a share `spread` (T,) of it apart.

    most : (T,) greatest t, inf for none.
    """
    t = _points(centre, spread)
    value, slope = function.value(t), function.slope(t)
    ends = _meetings(t, value, slope)
    ends = np.minimum(np.concatenate([np.zeros((1, t.shape[1])), ends]), most)
    last = np.broadcast_to(most, (1, t.shape[1]))
    width = np.diff(np.concatenate([ends, last]), axis=0)
    with np.errstate(invalid="ignore"):
        start = value[0] - slope[0] * t[0]
    return Pieces(slope, np.maximum(width, 0.0), start)


def _points(centre: Array, spread: Array) -> Array:
    """(S, T) points of tangency, rising."""
    near = np.log1p(np.outer(_NEAR, spread))
    edge = near[-1]
    steps = np.arange(1, _FAR + 1)[:, None] / _FAR
    far = edge * (FARTHEST / edge) ** steps
    away = np.concatenate([near, far])
    offset = np.concatenate([-away[::-1], np.zeros((1, len(centre))), away])
    found: Array = centre * np.exp(offset)
    return found


def _meetings(t: Array, value: Array, slope: Array) -> Array:
    """(S-1, T) where neighbouring tangents meet; halfway where rounding would say nonsense."""
    low, high = t[:-1], t[1:]
    bend = slope[:-1] - slope[1:]
    rise = (value[1:] - slope[1:] * high) - (value[:-1] - slope[:-1] * low)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        meet = rise / bend
    good = np.isfinite(meet) & (meet > low) & (meet < high) & (high > low * (1.0 + 1e-4))
    return np.where(good, meet, 0.5 * (low + high))
