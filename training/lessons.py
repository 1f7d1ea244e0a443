"""What a batch of stills teaches: captions and whether they hold, the product's questions, grades, facts, patch maps.

None of it looks at a picture, so it can be made ahead by other processes while a step is computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

import words as w
from captions import Author, Caption
from clauses import Absent, Setting, State, Things, Truth
from data import BLURRED, COVERED, counts, patch_maps
from events import AGAINST, BACKGROUND, GRADES, MEANING, PROMPTS, TEMPLATES
from model import CONTEXT
from tokenizer import Tokenizer

OTHER_EVENTS = [
    (Things("person"),), (Things("vehicle", where="road"),), (Things("bicycle"),), (Things("dog"),), (Things("person", doing="standing"),),
    (Things("person", doing="crossing"),), (Things("car"),), (Things("truck"),), (Things("van"),), (Things("bus"),), (Things("car", colour="red"),),
    (Things("car", doing="stopped"),), (Things("person", "plural"),), (Things("person", doing="walking", where="pavement"),), (Things("vehicle", doing="driving"),),
]

# What the whole picture is asked beside the captions: sorts of things by what they do, how many, of which colour; the scene.
FACTS = (
    [Things(noun) for noun in w.NOUNS]
    + [Things(noun, doing=doing) for doing, (_, _, nouns, _) in w.DOINGS.items() for noun in nouns]
    + [Things("person", doing="crossing")]
    + [Things("person", count) for count in [*w.COUNTS, *w.GROUPS]]
    + [Things("vehicle", count) for count in w.COUNTS]
    + [Things(noun, where=where) for noun in ("person", "vehicle") for where in w.WHERES]
    + [Things(noun, colour=colour) for noun in ("person", "car", "van", "truck", "bus") for colour in w.COLOURS]
    + [Setting(name) for name in w.SETTINGS]
    + [State(name) for name in w.STATES if name not in ("outdoors", "blurred", "covered")]
)


@dataclass
class Question:
    """The product's question: how many of the lesson's texts are its prompts, then its contrast; the truth [stills] int8."""

    prompts: int
    contrast: int
    truth: torch.Tensor


@dataclass
class Lesson:
    rows: torch.Tensor  # [stills] which stills
    fate: np.ndarray  # [stills] what the augmentation does to each: 0, BLURRED or COVERED
    ids: torch.Tensor  # [texts, length] the captions, the questions' phrases, the grades' phrases
    captions: torch.Tensor  # [stills, captions] int8: true, false, open
    questions: list[Question]
    grades: torch.Tensor  # [stills] int64, -100 where it cannot be decided
    facts: torch.Tensor  # [stills, facts] int8
    levels: torch.Tensor  # [stills, 12, 12, channels] uint8
    counts: torch.Tensor  # [stills, 2] float32

    def to(self, device: torch.device) -> "Lesson":
        moved = {name: value.to(device, non_blocking=True) for name, value in vars(self).items() if isinstance(value, torch.Tensor)}
        questions = [Question(q.prompts, q.contrast, q.truth.to(device, non_blocking=True)) for q in self.questions]
        return Lesson(**{**vars(self), **moved, "questions": questions})


class Lessons(IterableDataset):
    """Lessons without end, each still once per round. Every worker process takes its share of the same rounds."""

    def __init__(self, stills: list[dict], tokenizer: Tokenizer, batch: int, seed: int):
        self.stills, self.tokenizer, self.batch, self.seed = stills, tokenizer, batch, seed

    def __iter__(self) -> Iterator[Lesson]:
        worker = get_worker_info()
        own, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        teacher = Teacher(self.tokenizer, self.seed + 10_000 * own)
        for number, rows in enumerate(self._rounds()):
            if number % workers == own:
                yield teacher.lesson(rows, [self.stills[row] for row in rows])

    def _rounds(self) -> Iterator[np.ndarray]:
        draw, order = np.random.default_rng(self.seed), np.empty(0, dtype=np.int64)
        while True:
            while len(order) < self.batch:
                order = np.concatenate([order, draw.permutation(len(self.stills))])
            rows, order = np.sort(order[: self.batch]), order[self.batch :]
            yield rows


class Teacher:
    def __init__(self, tokenizer: Tokenizer, seed: int):
        self.tokenizer, self.author, self.draw = tokenizer, Author(seed + 1), np.random.default_rng(seed + 2)

    def lesson(self, rows: np.ndarray, stills: list[dict]) -> Lesson:
        truth = Truth(stills)
        fate = self._fate(len(stills))
        captions = self._captions(stills, truth)
        asked = self._questions()
        phrases = [self._dress(phrase) for prompts, contrast, _ in asked for phrase in prompts + contrast]
        graded = [self._dress(phrase) for phrase in GRADES["crowded_scene"]]
        return Lesson(
            rows=torch.from_numpy(rows),
            fate=fate,
            ids=self._ids([*(caption.text for caption in captions), *phrases, *graded]),
            captions=torch.from_numpy(truth_matrix(captions, truth, fate)),
            questions=[
                Question(len(prompts), len(contrast), torch.from_numpy(np.where(fate > 0, 0, truth.of_all(clauses)))) for prompts, contrast, clauses in asked
            ],
            grades=torch.from_numpy(people_grade(truth, fate)),
            facts=torch.from_numpy(fact_matrix(truth, fate)),
            levels=torch.from_numpy(patch_maps(stills)),
            counts=torch.from_numpy(counts(stills)),
        )

    def _fate(self, count: int) -> np.ndarray:
        draw = self.draw
        return np.where(draw.random(count) < 0.02, BLURRED, np.where(draw.random(count) < 0.01, COVERED, 0))

    def _captions(self, stills: list[dict], truth: Truth) -> list[Caption]:
        """One that describes each still, for half of them a near miss, and as many at random."""
        describing = [self.author.describing(still, row, truth) for row, still in enumerate(stills)]
        near = [self.author.mutated(caption) for caption in describing[::2]]
        return describing + near + [self.author.anything() for _ in range(len(stills) // 2)]

    def _questions(self) -> list[tuple[list[str], list[str], tuple]]:
        """(prompts, contrast, meaning) of the shipped events and of three drawn from others."""
        shipped = [(prompts, AGAINST[event] + BACKGROUND, MEANING[event]) for event, prompts in PROMPTS.items()]
        others = [OTHER_EVENTS[at] for at in self.draw.choice(len(OTHER_EVENTS), 3, replace=False)]
        return shipped + [([self.author.say(clauses) for _ in range(2)], BACKGROUND, clauses) for clauses in others]

    def _dress(self, phrase: str) -> str:
        return TEMPLATES[self.draw.integers(len(TEMPLATES))].format(phrase)

    def _ids(self, texts: list[str]) -> torch.Tensor:
        ids = [self.tokenizer.encode(text, CONTEXT) for text in texts]
        longest = max(map(len, ids))
        return torch.tensor([row + [self.tokenizer.end] * (longest - len(row)) for row in ids])


def truth_matrix(captions: list[Caption], truth: Truth, fate: np.ndarray) -> np.ndarray:
    """[stills, captions] int8. A blurred or covered picture shows no things; whether other captions hold is open."""
    matrix = np.stack([truth.of_all(caption.clauses) for caption in captions], axis=1)
    for column, caption in enumerate(captions):
        names = {clause.name for clause in caption.clauses if isinstance(clause, State)}
        for kind, name in ((BLURRED, "blurred"), (COVERED, "covered")):
            rows = fate == kind
            if not rows.any():
                continue
            if all(isinstance(clause, (State, Setting)) for clause in caption.clauses):
                alone = len(caption.clauses) == 1 and name in names
                matrix[rows, column] = 1 if alone else 0 if names & {"blurred", "covered"} else -1
            elif any(isinstance(clause, Absent) or (isinstance(clause, Things) and clause.count != "none") for clause in caption.clauses):
                matrix[rows, column] = 0
    return matrix


def fact_matrix(truth: Truth, fate: np.ndarray) -> np.ndarray:
    """[stills, facts] int8; of a blurred or covered picture nothing is known."""
    matrix = np.stack([truth.of(fact) for fact in FACTS], axis=1)
    matrix[fate > 0] = -1
    return matrix


def people_grade(truth: Truth, fate: np.ndarray) -> np.ndarray:
    """The grade each still should get, [stills] int64; -100, which losses pass over, where the truth is not clear enough."""
    low, high = truth.bounds(truth.kind == 0, truth.kind == 5)
    grade = np.searchsorted([1, 2, 3, 4, 6], low, side="right")
    known = (grade == np.searchsorted([1, 2, 3, 4, 6], high, side="right")) & (fate == 0)
    return np.where(known, grade, -100)
