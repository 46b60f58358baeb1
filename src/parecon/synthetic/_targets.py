"""Economies with targets whose plan is known.

A planted activity economy (`planted_activities`) with its consumers replaced by targets for what
they got: prices p, deliveries x and levels stay those of the plan when weights are such that one
more unit of every good is worth its price. With r = x/T, the part of a target that is reached,

    harmony   w = p T / (2 - r) short of the target, p x beyond it       (w/T H'(r - 1) = p)
    log       w = p x
    ray       T = x / k for one k, sum w = p.x
    linear    w / T in proportion to p, sum w = p.x
"""

from __future__ import annotations

import math

import numpy as np

from parecon.economy import Economy
from parecon.errors import EconomyError, nearest
from parecon.families import Targets
from parecon.families.targets import FORMS, Form
from parecon.synthetic._activities import planted_activities
from parecon.synthetic._draw import Floats, Seed, check_range, generator
from parecon.synthetic._planted import Planted


def planted_targets(
    n_goods: int,
    n_activities: int,
    *,
    seed: Seed,
    form: Form = "harmony",
    reached: tuple[float, float] = (0.4, 1.6),
    resources: float = 0.1,
    entries: tuple[int, int] = (10, 20),
    capacities: float = 0.3,
    free_resources: int = 0,
) -> Planted:
    """Draw an activity economy with a target for every made good, together with its plan.

    Parameters
    ----------
    n_goods, n_activities, seed, resources, entries, capacities, free_resources
        As of `planted_activities`.
    form : {"harmony", "ray", "log", "linear"}
        Of the targets.
    reached : (low, high)
        Range of delivered over target, one number for all targets of a ray. Above 0.

    Returns
    -------
    Planted
        With the families "targets" and "activities". Prices and quantities are unique in the forms
        harmony and log; of a ray only the quantities are, of a basket only the prices.

    Raises
    ------
    EconomyError
        A parameter is out of its range.
    """
    if form not in FORMS:
        raise EconomyError(f"form: expected one of {FORMS}, got {form!r}{nearest(form, FORMS)}")
    low, high = check_range("reached", reached, 0.0, 1e6)
    if low <= 0.0:
        raise EconomyError(f"reached: expected a range above 0, got {reached}")
    rng = generator(seed)
    drawn = planted_activities(
        n_goods, n_activities, seed=rng, n_consumers=1, resources=resources, entries=entries,
        capacities=capacities, free_resources=free_resources,
    )  # fmt: skip
    households, activities = drawn.economy.families
    good = households.pattern()[1]
    quantity = drawn.optimum["consumers"]["quantity"]
    part = rng.uniform(low, high, 1 if form == "ray" else good.size)
    target = quantity / part
    price = drawn.price[good]
    weight = weights_for(form, price, quantity, target)
    targets = Targets(good, target, weight, form, label="targets")
    economy = Economy(drawn.economy.goods, drawn.economy.endowment, [targets, activities])
    optimum = {
        "targets": {"quantity": quantity, "spending": price * quantity},
        "activities": drawn.optimum["activities"],
    }
    return Planted(
        economy, drawn.price, optimum, welfare_of_targets(form, weight, quantity / target)
    )


def weights_for(form: str, price: Floats, quantity: Floats, target: Floats) -> Floats:
    """(k,) at which one more unit of each good is worth its price."""
    if form == "linear":
        worth = price * target
        return worth * (float(price @ quantity) / float(worth.sum()))
    short = np.maximum(2.0 - quantity / target, 1.0)
    if form == "harmony":
        return np.where(quantity < target, price * target / short, price * quantity)
    return price * quantity


def welfare_of_targets(form: str, weight: Floats, part: Floats) -> float:
    """Money; formulas of `parecon.families.targets`."""
    if form == "ray":
        return float(weight.sum()) * math.log(float(part.min()))
    if form == "linear":
        return float(weight.sum()) * math.log(float(weight @ part) / float(weight.sum()))
    short = np.minimum(part - 1.0, 0.0)
    worth = np.log(part)
    if form == "harmony":
        worth = np.where(part < 1.0, short - short**2 / 2, worth)
    return float(weight @ worth)
