"""Captions: phrases of varied detail with the clauses they mean, drawn at random or made true of a given still."""

import random
from dataclasses import dataclass, replace

import words as w
from clauses import Absent, Clause, Setting, State, Things, Truth

VEHICLES = ["vehicle", "car", "van", "truck", "bus"]
DOINGS_OF = {
    "person": ["walking", "walking", "walking", "standing", "running", "crossing"],
    "bicycle": ["riding"],
    "dog": ["dogwalk", "running"],
    "animal": [],
} | {noun: ["driving", "stopped", "stopped", "parked", "braking"] for noun in VEHICLES}

# Combinations that no training caption may name: the test of understanding words rather than captions.
HELD_COLOURS = {("green", "van"), ("yellow", "car"), ("blue", "truck"), ("white", "bus"), ("brown", "person"), ("orange", "person")}
HELD_SETTINGS = {("dog", "rain"), ("bicycle", "dusk"), ("van", "fog"), ("truck", "night")}
HELD_QUADRUPLE = ("red", "car", "stopped", "night")  # "a red car waiting at night"


@dataclass(frozen=True)
class Caption:
    text: str
    clauses: tuple[Clause, ...]


def held_out(clauses: tuple[Clause, ...]) -> bool:
    """Whether a caption names a combination kept for the test."""
    settings = {clause.name for clause in clauses if isinstance(clause, Setting)}
    for clause in clauses:
        if not isinstance(clause, Things):
            continue
        if (clause.colour, clause.noun) in HELD_COLOURS or any((clause.noun, s) in HELD_SETTINGS for s in settings):
            return True
        if (clause.colour, clause.noun, clause.doing) == HELD_QUADRUPLE[:3] and "night" in settings:
            return True
    return False


class Author:
    """Writes captions from a seeded stream; never one that is held out unless asked to."""

    def __init__(self, seed: int, keep_held_out: bool = True):
        self.random = random.Random(seed)
        self.keep_held_out = keep_held_out

    def caption(self, clauses: tuple[Clause, ...], template: bool = True) -> Caption:
        text = self.say(clauses)
        if self.random.random() < 0.06 and not any(isinstance(c, Absent) for c in clauses):
            text += " " + self.random.choice(w.UNKNOWABLE)
        if template and self.random.random() < 0.6:
            text = self.random.choice(w.TEMPLATES).format(text)
        return Caption(text, clauses)

    def anything(self) -> Caption:
        """A caption that may be true or not of any still."""
        return self.caption(self._allowed(self._any_clauses))

    def describing(self, still: dict, row: int, truth: Truth, most: int = 3) -> Caption:
        """A caption that is true of one still, as far as its truth can be decided."""
        return self.caption(self._allowed(lambda: self._true_clauses(still, row, truth, most)))

    def mutated(self, caption: Caption) -> Caption:
        """The caption with one fact changed: near, and mostly false where the other was true."""
        return self.caption(self._allowed(lambda: self._changed(caption.clauses)))

    def _allowed(self, draw) -> tuple[Clause, ...]:
        while True:
            clauses = draw()
            if not (self.keep_held_out and held_out(clauses)):
                return clauses

    # what is said

    def _any_clauses(self) -> tuple[Clause, ...]:
        pattern = self.random.random()
        if pattern < 0.40:
            return (self._any_things(),)
        if pattern < 0.58:
            return (self._any_things(), self._any_setting())
        if pattern < 0.68:
            return (State(self.random.choice(list(w.STATES))),)
        if pattern < 0.75:
            return (State(self.random.choice(["empty", "empty_road", "no_people", "quiet", "busy", "only_parked"])), self._any_setting())
        if pattern < 0.82:
            return (self._any_setting(),)
        if pattern < 0.92:
            return (self._any_things(), self._any_things())
        return (Absent(self.random.choice(w.ABSENT)),)

    def _any_setting(self) -> Setting:
        return Setting(self.random.choice(list(w.SETTINGS)))

    def _any_things(self) -> Things:
        choice = self.random
        noun = choice.choices(list(w.NOUNS), [8, 3, 4, 2, 2, 2, 3, 2, 0.3])[0]
        doing = choice.choice(DOINGS_OF[noun]) if DOINGS_OF[noun] and choice.random() < 0.45 else None
        colour = choice.choice(w.COLOURS) if noun not in ("dog", "animal", "vehicle") and choice.random() < 0.3 else None
        where = self._any_where(noun) if doing != "crossing" and choice.random() < 0.25 else None
        count = "some"
        if colour is None and choice.random() < 0.45:
            count = choice.choice(list(w.COUNTS) + (["group", "crowd", "crowd"] if noun == "person" and doing is None and where is None else []))
        return Things(noun, count, colour, doing, where)

    def _any_where(self, noun: str) -> str:
        if noun in VEHICLES:
            return self.random.choice(["road", "road", "crossing", "parking"])
        return self.random.choice(["road", "pavement", "crossing", "plaza"])

    def _true_clauses(self, still: dict, row: int, truth: Truth, most: int) -> tuple[Clause, ...]:
        choice = self.random
        clauses: list[Clause] = []
        seen = [thing for thing in still["objects"] if thing["visible"] >= 0.5]
        for thing in choice.sample(seen, min(len(seen), choice.randint(1, most))):
            clause = self._about(thing, still["light"])
            if truth.of(clause)[row] == 1 and all(clause.noun != c.noun for c in clauses):
                clauses.append(clause)
        people = self._people(row, truth)
        if people and choice.random() < 0.4:
            clauses = [people] + [c for c in clauses if c.noun != "person"]
        clauses = clauses[:most]
        if not clauses or choice.random() < 0.1:
            states = [State(name) for name in w.STATES if name != "outdoors" and truth.of(State(name))[row] == 1]
            clauses = [choice.choice(states)] if states else [State("outdoors")]
        if choice.random() < 0.5:
            clauses.append(Setting(choice.choice([still["light"], still["light"], still["weather"]])))
            if choice.random() < 0.4:
                other = still["weather"] if clauses[-1].name == still["light"] else still["light"]
                clauses.append(Setting(other))
        return tuple(clauses)

    def _about(self, thing: dict, light: str) -> Things:
        choice = self.random
        kind = thing["kind"]
        noun = "vehicle" if kind in VEHICLES and choice.random() < 0.2 else kind
        colour = thing["colour"] if noun not in ("dog", "vehicle") and light != "infrared" and choice.random() < 0.45 else None
        doing = thing["action"] if choice.random() < 0.6 else None
        if noun == "dog" and doing == "walking":
            doing = "dogwalk"
        if doing is not None and noun not in w.DOINGS[doing][2]:
            doing = None
        where = thing["place"] if choice.random() < 0.3 else None
        if doing == "walking" and where in ("road", "crossing") and choice.random() < 0.6:
            doing, where = "crossing", None
        return Things(noun, "some", colour, doing, where)

    def _people(self, row: int, truth: Truth) -> Things | None:
        fitting = [Things("person", c) for c in ["one", "two", "three", "few", "several", "many", "plural", "group", "crowd"]]
        fitting = [clause for clause in fitting if truth.of(clause)[row] == 1]
        return self.random.choice(fitting) if fitting else None

    def _changed(self, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        at = self.random.randrange(len(clauses))
        clause = clauses[at]
        if isinstance(clause, Setting):
            names = w.LIGHTS if clause.name in w.LIGHTS else w.WEATHERS
            new: Clause = Setting(self.random.choice([name for name in names if name != clause.name]))
        elif isinstance(clause, Things):
            new = self._changed_things(clause)
        else:
            new = State(self.random.choice(list(w.STATES)))
        return clauses[:at] + (new,) + clauses[at + 1 :]

    def _changed_things(self, clause: Things) -> Things:
        choice = self.random
        parts = ["noun"] + [part for part in ("colour", "doing", "where") if getattr(clause, part)] * 2
        match choice.choice(parts + (["count"] if clause.count != "some" else [])):
            case "colour":
                return replace(clause, colour=choice.choice([c for c in w.COLOURS if c != clause.colour]))
            case "doing":
                return replace(clause, doing=choice.choice(DOINGS_OF[clause.noun]))
            case "where":
                return replace(clause, where=self._any_where(clause.noun))
            case "count":
                return replace(clause, count=choice.choice(list(w.COUNTS)))
        if clause.noun in VEHICLES:
            return replace(clause, noun=choice.choice([noun for noun in VEHICLES[1:] if noun != clause.noun]))
        return self._any_things()

    # how it is said

    def say(self, clauses: tuple[Clause, ...]) -> str:
        settings = [clause for clause in clauses if isinstance(clause, Setting)]
        others = [clause for clause in clauses if not isinstance(clause, Setting)]
        if not others:
            return " and ".join(self.random.choice(w.SETTINGS[setting.name][1]) for setting in settings)
        text = self.random.choice([" and ", " and ", " with ", ", "]).join(self._say(clause) for clause in others)
        self.random.shuffle(settings)
        return " ".join([text, *(self.random.choice(w.SETTINGS[setting.name][0]) for setting in settings)])

    def _say(self, clause: Clause) -> str:
        if isinstance(clause, Absent):
            return clause.words
        if isinstance(clause, State):
            return self.random.choice(w.STATES[clause.name])
        return self._say_things(clause)

    def _say_things(self, clause: Things) -> str:
        choice = self.random.choice
        if clause.count in w.GROUPS:
            return choice(w.GROUPS[clause.count][2])
        _, singulars, plurals = w.NOUNS[clause.noun]
        single = clause.count in ("some", "one")
        noun = choice(singulars if single else plurals)
        before, after = self._attributes(clause, noun)
        if single:
            article, _, noun = noun.partition(" ") if noun.startswith("a") else ("", "", noun)
            if clause.count == "one":
                article, noun = choice(w.ONE), noun if article else "person"
            elif article and before:
                article = "an" if before[0][0] in "aeiou" else "a"
            if not article:  # "someone", "somebody" take nothing before them
                before, after = [], self._after(clause)
            parts = [article, *before, noun, *after]
        else:
            parts = [choice(w.COUNTS[clause.count][2]), *before, noun, *after]
        return " ".join(part for part in parts if part)

    def _attributes(self, clause: Things, noun: str) -> tuple[list[str], list[str]]:
        doing, before = clause.doing, []
        if doing in w.BEFORE_NOUN and self.random.random() < 0.25 and " on a " not in noun:
            before, doing = [self.random.choice(w.BEFORE_NOUN[doing])], None
        after = self._after(replace(clause, doing=doing))
        if clause.colour and clause.noun != "person":
            before.insert(self.random.randint(0, 1) if before else 0, self.random.choice(w.COLOUR_WORDS[clause.colour]))
        if clause.noun == "bicycle" and clause.colour and " on a " in noun:
            before, after = [], [f"in {clause.colour}", *after]
        return before, after

    def _after(self, clause: Things) -> list[str]:
        choice = self.random.choice
        after = []
        if clause.colour and clause.noun == "person":
            after.append(choice(w.IN_COLOUR).format(choice(w.COLOUR_WORDS[clause.colour])))
        if clause.doing == "crossing":
            after.append(choice(w.CROSSING))
        elif clause.doing:
            after.append(choice(w.DOINGS[clause.doing][3]))
        if clause.where:
            after.append(choice(w.WHERES[clause.where][1]))
        return after
