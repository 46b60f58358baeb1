"""A village in Mesa whose councils plan every year: they change, the plan follows and comes back.

Workshops learn by doing: what the plan has them make this year makes them better at it next year.
Tastes drift, and budgets with effort and need. Needs `pip install mesa`.

    python mesa_village.py
"""

from __future__ import annotations

import mesa
import numpy as np

import parecon as pe

CRAFTS = ("bread", "cloth", "tools", "clinic")
GOODS = ("labour", "land", *CRAFTS)
LEARNING, FORGETTING, DRIFT = 0.02, 0.01, 0.05


class Workshop(mesa.Agent):
    """A worker council: q = A labour^a land^b tools^c."""

    def __init__(self, model: Village, good: int) -> None:
        super().__init__(model)
        self.good = good
        self.skill = float(model.rng.uniform(2.0, 4.0))
        self.exponents = model.rng.dirichlet([6.0, 2.0, 2.0, 3.0])[
            :3
        ]  # what is left: decreasing returns
        self.made = 0.0

    def learn(self) -> None:
        """Practice makes better, up to what the craft allows; without it skill fades."""
        self.skill *= 1.0 + LEARNING * np.tanh(self.made) - FORGETTING


class Household(mesa.Agent):
    """A consumer council: spends its budget in shares that drift."""

    def __init__(self, model: Village) -> None:
        super().__init__(model)
        self.taste = model.rng.dirichlet(np.full(len(GOODS) - 1, 2.0))
        self.budget = 100.0
        self.utility = 0.0

    def drift(self) -> None:
        """Tastes change a little; budgets are set by effort and need, never by prices."""
        tastes = self.taste * np.exp(DRIFT * self.model.rng.normal(size=len(self.taste)))
        self.taste = tastes / tastes.sum()
        self.budget = 100.0 * float(np.exp(0.1 * self.model.rng.normal()))


class Village(mesa.Model):
    """Plans once a year, each time from last year's plan."""

    def __init__(
        self, workshops: int = 40, households: int = 60, *, tol: float = 1e-8, seed: int = 1
    ) -> None:
        super().__init__(rng=np.random.default_rng(seed))
        self.workshops = [Workshop(self, 2 + k % len(CRAFTS)) for k in range(workshops)]
        self.households = [Household(self) for _ in range(households)]
        self.solver = pe.Solver(self.economy(), pe.Settings(tol=tol, certify=False))
        self.plan: pe.Plan | None = None
        self.iterations = 0
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "welfare": lambda model: model.plan.welfare,
                "price of bread": lambda model: float(model.plan.price[GOODS.index("bread")]),
                "iterations": lambda model: model.plan.n_iterations,
            }
        )

    def economy(self) -> pe.Economy:
        """Everything anew: only the first year needs it."""
        exponents = np.zeros((len(self.workshops), len(GOODS)))
        exponents[:, [GOODS.index("labour"), GOODS.index("land"), GOODS.index("tools")]] = [
            shop.exponents for shop in self.workshops
        ]
        return pe.Economy(
            goods=pe.Goods(GOODS),
            endowment=[30.0 * len(self.workshops), 10.0 * len(self.workshops), 0, 0, 0, 0],
            families=[
                pe.CobbDouglasWorkers(
                    output_good=[shop.good for shop in self.workshops],
                    exponents=exponents,
                    productivity=[shop.skill for shop in self.workshops],
                    label="workshops",
                ),
                pe.CESConsumers(
                    budget=[home.budget for home in self.households],
                    shares=self._tastes(),
                    elasticity=0.7,
                    label="households",
                ),
            ],
        )

    def _tastes(self) -> np.ndarray:
        """(households, goods): labour not sold is free time, land is not consumed."""
        tastes = np.array([home.taste for home in self.households])
        return np.insert(tastes, GOODS.index("land"), 0.0, axis=1)

    def step(self) -> None:
        """Agents change, the economy follows, and the plan goes back to the agents."""
        if self.plan is not None:
            self.agents_by_type[Workshop].do("learn")
            self.agents_by_type[Household].do("drift")
            self.solver.update(
                families={
                    "workshops": {"productivity": [shop.skill for shop in self.workshops]},
                    "households": {
                        "budget": [home.budget for home in self.households],
                        "shares": self._tastes(),
                    },
                }
            )
        self.plan = self.solver.solve()  # from last year's prices
        self.plan.raise_if_not_solved()
        made, enjoyed = self.plan.proposals
        for shop, output in zip(self.workshops, made.output, strict=True):
            shop.made = float(output)
        for home, utility in zip(self.households, enjoyed.utility, strict=True):
            home.utility = float(utility)
        self.datacollector.collect(self)


def main() -> None:
    """Thirty years."""
    village = Village()
    for _ in range(30):
        village.step()
    print(village.datacollector.get_model_vars_dataframe().iloc[::5].round(3))


if __name__ == "__main__":
    main()
