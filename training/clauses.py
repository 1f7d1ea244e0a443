"""What a caption means: clauses, and the truth of any clause on any still (1 true, 0 false, -1 cannot be decided)."""

from dataclasses import dataclass

import numpy as np

from words import ACTIONS, COLOURS, COUNTS, DOINGS, GROUPS, KINDS, LIGHTS, NOUNS, PLACES, VIEWS, WEATHERS, WHERES

SEEN, HINTED = 0.5, 0.15  # share visible from which a thing counts; below the second it is not there at all
CLEAR_AREA, LEAST_AREA = 1 / 1728, 1 / 6912  # the same for its size, as a share of the picture


@dataclass(frozen=True)
class Things:
    """Things of one sort: "a red car waiting on the road", "two people", "a crowd"."""

    noun: str
    count: str = "some"  # "some" is one or more; else a key of COUNTS or GROUPS, or "none"
    colour: str | None = None
    doing: str | None = None
    where: str | None = None


@dataclass(frozen=True)
class Setting:
    """Light or weather: a key of SETTINGS."""

    name: str


@dataclass(frozen=True)
class State:
    """The scene as a whole: a key of STATES."""

    name: str


@dataclass(frozen=True)
class Absent:
    """A thing that the demo world does not have: never true."""

    words: str


Clause = Things | Setting | State | Absent


class Truth:
    """Truth columns [stills] int8 of clauses over a list of stills (the renderer's truth lines)."""

    def __init__(self, stills: list[dict]):
        self.count = len(stills)
        rows = [(i, o) for i, still in enumerate(stills) for o in still["objects"]]
        self.still = np.array([i for i, _ in rows], dtype=np.int64)
        self.kind = np.array([KINDS.index(o["kind"]) for _, o in rows], dtype=np.int8)
        self.action = np.array([ACTIONS.index(o["action"]) for _, o in rows], dtype=np.int8)
        self.place = np.array([PLACES.index(o["place"]) for _, o in rows], dtype=np.int8)
        self.colour = np.array([COLOURS.index(o["colour"]) for _, o in rows], dtype=np.int8)
        visible = np.array([o["visible"] for _, o in rows], dtype=np.float32)
        area = np.array([o["box"][2] * o["box"][3] for _, o in rows], dtype=np.float32)
        self.sure = (visible >= SEEN) & (area >= CLEAR_AREA)
        self.hinted = ~self.sure & (visible >= HINTED) & (area >= LEAST_AREA)
        self.light = np.array([LIGHTS.index(still["light"]) for still in stills], dtype=np.int8)
        self.weather = np.array([WEATHERS.index(still["weather"]) for still in stills], dtype=np.int8)
        self.view = np.array([VIEWS.index(still["view"]) for still in stills], dtype=np.int8)
        self.grey = self.light[self.still] == LIGHTS.index("infrared")  # things without a colour to be seen
        self.columns: dict[Clause, np.ndarray] = {}

    def of(self, clause: Clause) -> np.ndarray:
        column = self.columns.get(clause)
        if column is None:
            column = self.columns[clause] = self._compute(clause)
        return column

    def of_all(self, clauses: tuple[Clause, ...]) -> np.ndarray:
        """Truth of the clauses together: false when one is, else open when one is."""
        columns = np.stack([self.of(clause) for clause in clauses])
        return np.where((columns == 0).any(0), 0, np.where((columns < 0).any(0), -1, 1)).astype(np.int8)

    def _compute(self, clause: Clause) -> np.ndarray:
        match clause:
            case Absent():
                return np.zeros(self.count, dtype=np.int8)
            case Setting(name):
                return self._setting(name)
            case State(name):
                return self._state(name)
            case Things():
                return self._things(clause)

    def _things(self, clause: Things) -> np.ndarray:
        yes = np.isin(self.kind, [KINDS.index(kind) for kind in NOUNS[clause.noun][0]])
        maybe = np.zeros_like(yes)
        if clause.noun == "person":  # a cyclist is a person to some
            maybe |= self.kind == KINDS.index("bicycle")
            if clause.doing is not None or clause.where is not None:
                maybe[:] = False
        if clause.colour is not None:
            matches = self.colour == COLOURS.index(clause.colour)
            maybe, yes = (maybe | yes) & self.grey, yes & matches & ~self.grey
        if clause.doing == "crossing":
            yes &= np.isin(self.action, codes(ACTIONS, ["walking", "running"])) & np.isin(self.place, codes(PLACES, ["road", "crossing"]))
        elif clause.doing is not None:
            covers, open_, _, _ = DOINGS[clause.doing]
            maybe = (maybe & np.isin(self.action, codes(ACTIONS, covers + open_))) | (yes & np.isin(self.action, codes(ACTIONS, open_)))
            yes &= np.isin(self.action, codes(ACTIONS, covers))
        if clause.where is not None:
            there = np.isin(self.place, codes(PLACES, WHERES[clause.where][0]))
            yes, maybe = yes & there, maybe & there
        least, most = (self._range(clause.count))
        return self._between(yes, maybe, least, most)

    @staticmethod
    def _range(count: str) -> tuple[int, int]:
        if count == "some":
            return 1, 999
        if count == "none":
            return 0, 0
        return (COUNTS.get(count) or GROUPS[count])[:2]

    def bounds(self, yes: np.ndarray, maybe: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many things at least and at most per still."""
        sure, open_ = yes & self.sure, (yes & self.hinted) | (maybe & (self.sure | self.hinted))
        low = np.bincount(self.still[sure], minlength=self.count)
        return low, low + np.bincount(self.still[open_], minlength=self.count)

    def _between(self, yes: np.ndarray, maybe: np.ndarray, least: int, most: int) -> np.ndarray:
        low, high = self.bounds(yes, maybe)
        column = np.full(self.count, -1, dtype=np.int8)
        column[(low >= least) & (high <= most)] = 1
        column[(high < least) | (low > most)] = 0
        return column

    def _setting(self, name: str) -> np.ndarray:
        if name in WEATHERS:
            return (self.weather == WEATHERS.index(name)).astype(np.int8)
        column = (self.light == LIGHTS.index(name)).astype(np.int8)
        if name == "night":  # infrared light is what a camera uses at night
            column[self.light == LIGHTS.index("infrared")] = 1
        return column

    def _state(self, name: str) -> np.ndarray:
        nothing = np.zeros_like(self.sure)
        person = self.kind == KINDS.index("person")
        bicycle = self.kind == KINDS.index("bicycle")
        vehicle = np.isin(self.kind, codes(KINDS, ["car", "van", "truck", "bus"]))
        parked = self.action == ACTIONS.index("parked")
        road = np.isin(self.place, codes(PLACES, ["road", "crossing"]))
        active = ~(vehicle & parked)
        match name:
            case "outdoors":
                return np.ones(self.count, dtype=np.int8)
            case "blurred" | "covered":  # made by the augmentation, never by the renderer
                return np.zeros(self.count, dtype=np.int8)
            case "empty":
                return self._between(active, nothing, 0, 0)
            case "empty_road":
                return self._between(active & road, nothing, 0, 0)
            case "empty_square":
                column = self._between(active, nothing, 0, 0)
                return np.where((column == 1) & (self.view != VIEWS.index("plaza")), -1, column).astype(np.int8)
            case "empty_pavement":
                return self._between(active & ~road, nothing, 0, 0)
            case "no_people":
                return self._between(person, bicycle, 0, 0)
            case "no_traffic":
                return self._between(vehicle & active, nothing, 0, 0)
            case "no_vehicles":
                return self._between(vehicle, nothing, 0, 0)
            case "only_parked":
                return both(self._between(active, nothing, 0, 0), self._between(vehicle & parked, nothing, 1, 999))
            case "only_passing":
                moving = self.action == ACTIONS.index("driving")
                still = np.isin(self.action, codes(ACTIONS, ["stopped", "braking"]))
                return both(self._between(vehicle & moving, nothing, 1, 999), self._between(vehicle & still, nothing, 0, 0))
            case "traffic":
                return self._graded(vehicle & active, 2, 4)
            case "busy":
                return self._graded(active, 4, 8)
            case "quiet":
                column = self._graded(active, 2, 5)
                return np.where(column < 0, -1, 1 - column).astype(np.int8)
        raise KeyError(name)

    def _graded(self, yes: np.ndarray, few: int, many: int) -> np.ndarray:
        """False up to `few` things, true from `many`, open in between."""
        low, high = self.bounds(yes, np.zeros_like(yes))
        column = np.full(self.count, -1, dtype=np.int8)
        column[high <= few] = 0
        column[low >= many] = 1
        return column


def both(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where((a == 0) | (b == 0), 0, np.where((a < 0) | (b < 0), -1, 1)).astype(np.int8)


def codes(names: list[str], wanted: list[str]) -> list[int]:
    return [names.index(name) for name in wanted]
