"""Trains the bundled model on rendered stills.

usage: python training/train.py --run NAME (--minutes M | --steps N) [--init CHECKPOINT_OR_FOLDER] [--seed 0] [--rank 0/1]

With `--rank 0/2` and `--rank 1/2` two processes share the work, one core each: on a busy machine that is about twice as
fast as two threads, which wait for each other hundreds of times a step. Batch sizes are per process.

`--minutes` lets the clock drive the schedule (the number of steps is logged); `--steps` repeats a run exactly.
A checkpoint is written at every evaluation, so a run may be cut at any time: training/runs/NAME/checkpoint.pt.
"""

import argparse
import json
import math
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait must not burn a core that others use

import numpy as np
import torch
from transformers import CLIPModel

import losses
import words as w
from captions import Author, Caption
from clauses import Absent, Setting, State, Things, Truth
from data import BLURRED, CHANNELS, COVERED, Augment, Stills
from events import AGAINST, BACKGROUND, GRADES, MEANING, PROMPTS, TEMPLATES
from model import CONTEXT, MAX_LOG_SCALE, Helpers, at_this_size, build, read, see
from muon import Muon
from tokenizer import Tokenizer
from validate import validate

OTHER_EVENTS = [
    (Things("person"),), (Things("vehicle", where="road"),), (Things("bicycle"),), (Things("dog"),), (Things("person", doing="standing"),),
    (Things("person", doing="crossing"),), (Things("car"),), (Things("truck"),), (Things("van"),), (Things("bus"),), (Things("car", colour="red"),),
    (Things("car", doing="stopped"),), (Things("person", "plural"),), (Things("person", doing="walking", where="pavement"),), (Things("vehicle", doing="driving"),),
]

# Without such instructions bfloat16 is computed fifty times slower than float32.
HALF = "avx512_bf16" in Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else False

MATRIX_RATE = 2.5  # Muon's rate over AdamW's

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


class Trainer:
    def __init__(self, args: argparse.Namespace):
        torch.manual_seed(args.seed)
        self.rank, self.ranks = map(int, args.rank.split("/"))
        self.args, self.run = args, Path("training/runs") / args.run
        self.run.mkdir(parents=True, exist_ok=True)
        if self.ranks > 1:
            meeting = (self.run / "meeting").resolve().as_uri()
            torch.distributed.init_process_group("gloo", init_method=meeting, rank=self.rank, world_size=self.ranks)
        self.tokenizer = Tokenizer(Path("models/demo"))
        self._load()
        self.val = Stills(args.data, "val", 600)
        self.model, self.helpers = build(len(self.tokenizer.ids)), Helpers(CHANNELS, len(FACTS))
        if args.init:
            self._begin_from(args.init)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        own = args.seed + 1000 * self.rank
        self.author, self.augment = Author(own + 1), Augment(own + 2)
        self.draw = np.random.default_rng(own + 3)
        self.optimizers = self._optimizers()
        self.log = (self.run / "log.jsonl").open("a")

    def _begin_from(self, init: Path) -> None:
        """A checkpoint of a run, or the folder of a finished model, whose helpers begin anew."""
        if init.is_dir():
            self.model.load_state_dict(at_this_size(CLIPModel.from_pretrained(init, dtype=torch.float32).state_dict()))
            calibration = json.loads((init / "calibration.json").read_text())
            self.helpers.centre.data.fill_(calibration["centre"])
            self.helpers.log_width.data.fill_(math.log(calibration["width"]))
            return
        saved = torch.load(init)
        self.model.load_state_dict(saved["model"])
        self.helpers.load_state_dict(saved["helpers"])

    def _load(self) -> None:
        self.stills = Stills(self.args.data, "train", self.args.limit)
        self.maps, self.counts = self.stills.patch_maps(), self.stills.counts()
        print(f"{len(self.stills)} stills to train on", flush=True)

    def _optimizers(self) -> list[torch.optim.Optimizer]:
        named = [*self.model.named_parameters(), *self.helpers.named_parameters()]
        matrices = [p for name, p in named if ".layers." in name and p.ndim == 2]
        others = [p for name, p in named if not (".layers." in name and p.ndim == 2)]
        return [
            Muon(matrices, lr=self.args.lr * MATRIX_RATE, weight_decay=0.02),
            torch.optim.AdamW(others, lr=self.args.lr, weight_decay=0.01, betas=(0.9, 0.98)),
        ]

    def fit(self) -> None:
        print(f"{len(self.val)} stills to validate, {sum(p.numel() for p in self.model.parameters())} parameters", flush=True)
        started, step, sums, order = time.time(), 0, {}, np.empty(0, dtype=np.int64)
        next_look = self.args.look_seconds
        while True:
            elapsed = time.time() - started
            progress = step / self.args.steps if self.args.steps else elapsed / (60 * self.args.minutes)
            progress, elapsed = self._agree(progress, elapsed)
            if progress >= 1:
                break
            self._set_rates(step, progress)
            if len(order) < self.args.batch:
                order = np.concatenate([order, self.draw.permutation(len(self.stills))])
            rows, order = np.sort(order[: self.args.batch]), order[self.args.batch :]
            for name, value in self._step(rows).items():
                sums[name] = sums.get(name, 0.0) + value
            step += 1
            self._follow(step)
            if step % 20 == 0:
                self._report({"step": step, "seconds": round(time.time() - started), "progress": round(progress, 4), **{k: round(v / 20, 4) for k, v in sums.items()}})
                sums = {}
            if elapsed >= next_look:
                next_look += self.args.look_seconds
                self._look(step)
        self._look(step)

    def _agree(self, *numbers: float) -> list[float]:
        """The first process's numbers, so that all take the same steps."""
        shared = torch.tensor(numbers, dtype=torch.float64)
        if self.ranks > 1:
            torch.distributed.broadcast(shared, 0)
        return shared.tolist()

    def _share_gradients(self) -> None:
        gradients = [p.grad for p in [*self.model.parameters(), *self.helpers.parameters()] if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        torch.distributed.all_reduce(flat)
        for gradient, mean in zip(gradients, (flat / self.ranks).split([g.numel() for g in gradients])):
            gradient.copy_(mean.view_as(gradient))

    def _set_rates(self, step: int, progress: float) -> None:
        """Warm-up over 40 steps, then a cosine to 2 % of the rate."""
        factor = min(1.0, (step + 1) / 40) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        for optimizer, rate in zip(self.optimizers, (self.args.lr * MATRIX_RATE, self.args.lr)):
            for group in optimizer.param_groups:
                group["lr"] = rate * factor

    def _step(self, rows: np.ndarray) -> dict[str, float]:
        stills = [self.stills.truths[row] for row in rows]
        truth = Truth(stills)
        pixels, levels, fate = self.augment(self.stills.pictures[rows], self.maps[rows])
        captions = self._captions(stills, truth)
        matrix = torch.from_numpy(truth_matrix(captions, truth, fate))
        questions = self._questions(truth, fate)
        texts = [caption.text for caption in captions] + [text for prompts, contrast, _ in questions for text in prompts + contrast]
        graded = [self._dress(phrase) for phrase in GRADES["crowded_scene"]]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            pictures, states, pooled = see(self.model, pixels)
            vectors = read(self.model, self._ids(texts + graded))
            patches = self.helpers.patches(self.helpers.norm(states))
            counted, facts = self.helpers.counts(pooled), self.helpers.facts(pooled)
        scale = self.model.logit_scale.exp()
        parts = {"caption": losses.both_ways(scale * pictures @ vectors[: len(captions)].T, matrix)}
        parts["event"] = self._ask(pictures, vectors[len(captions) : len(texts)], questions, scale)
        grades, known = people_grade(truth, fate)
        parts["grade"] = torch.nn.functional.cross_entropy((scale * pictures @ vectors[len(texts) :].T)[known], grades[known]) if known.any() else pictures.sum() * 0
        parts["patch"] = losses.maps(patches, levels)
        parts["fact"] = losses.facts(facts, fact_matrix(truth, fate))
        sound = torch.from_numpy(fate == 0)
        parts["count"] = torch.nn.functional.smooth_l1_loss(counted.float()[sound], torch.from_numpy(self.counts[rows])[sound])
        loss = parts["caption"] + self.args.event_weight * parts["event"] + 0.3 * parts["grade"] + self.args.patch_weight * parts["patch"] + 0.1 * parts["fact"] + parts["count"]
        loss.backward()
        if self.ranks > 1:
            self._share_gradients()
        torch.nn.utils.clip_grad_norm_([*self.model.parameters(), *self.helpers.parameters()], 2.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, MAX_LOG_SCALE)
        return {name: float(value.detach()) for name, value in parts.items()} | {"scale": float(scale.detach())}

    def _captions(self, stills: list[dict], truth: Truth) -> list[Caption]:
        """One that describes each still, for half of them a near miss, and as many at random."""
        describing = [self.author.describing(still, row, truth) for row, still in enumerate(stills)]
        near = [self.author.mutated(caption) for caption in describing[::2]]
        return describing + near + [self.author.anything() for _ in range(len(stills) // 2)]

    def _questions(self, truth: Truth, fate: np.ndarray) -> list[tuple[list[str], list[str], torch.Tensor]]:
        """(prompts, contrast, truth) of the shipped events and of two drawn from others."""
        questions = []
        for event, prompts in PROMPTS.items():
            questions.append((prompts, AGAINST[event] + BACKGROUND, truth.of_all(MEANING[event])))
        for at in self.draw.choice(len(OTHER_EVENTS), 3, replace=False):
            clauses = OTHER_EVENTS[at]
            questions.append(([self.author.say(clauses) for _ in range(2)], BACKGROUND, truth.of_all(clauses)))
        return [
            ([self._dress(p) for p in prompts], [self._dress(c) for c in contrast], torch.from_numpy(np.where(fate > 0, 0, known)))
            for prompts, contrast, known in questions
        ]

    def _ask(self, pictures: torch.Tensor, vectors: torch.Tensor, questions: list, scale: torch.Tensor) -> torch.Tensor:
        total, at = [], 0
        for prompts, contrast, truth in questions:
            end = at + len(prompts)
            margin = losses.margins(pictures, vectors[at:end], vectors[end : end + len(contrast)], scale)
            total.append(losses.asked(margin, truth, self.helpers.centre, self.helpers.log_width.exp()))
            at = end + len(contrast)
        return torch.stack(total).mean()

    def _dress(self, phrase: str) -> str:
        return TEMPLATES[self.draw.integers(len(TEMPLATES))].format(phrase)

    def _ids(self, texts: list[str]) -> torch.Tensor:
        ids = [self.tokenizer.encode(text, CONTEXT) for text in texts]
        longest = max(map(len, ids))
        return torch.tensor([row + [self.tokenizer.end] * (longest - len(row)) for row in ids])

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        keep = min(0.998, (1 + step) / (10 + step))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - keep)

    def _look(self, step: int) -> None:
        if self.rank > 0:
            return
        trained = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        found = validate(self.model, self.tokenizer, self.val)
        self.model.train()
        self.model.load_state_dict(trained)
        self._report({"step": step, **found, "centre": round(self.helpers.centre.item(), 3), "width": round(self.helpers.log_width.exp().item(), 3)})
        state = {"model": trained, "average": self.average, "helpers": self.helpers.state_dict(), "step": step, "seed": self.args.seed}
        torch.save(state, self.run / "checkpoint.tmp")
        (self.run / "checkpoint.tmp").replace(self.run / "checkpoint.pt")

    def _report(self, line: dict) -> None:
        if self.rank > 0:
            return
        print(json.dumps(line), flush=True)
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()


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


def fact_matrix(truth: Truth, fate: np.ndarray) -> torch.Tensor:
    """[stills, facts] int8; of a blurred or covered picture nothing is known."""
    matrix = np.stack([truth.of(fact) for fact in FACTS], axis=1)
    matrix[fate > 0] = -1
    return torch.from_numpy(matrix)


def people_grade(truth: Truth, fate: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """The grade each still should get ([stills] int64) and whether the truth is clear enough to say."""
    low, high = truth.bounds(truth.kind == 0, truth.kind == 5)
    grade = np.searchsorted([1, 2, 3, 4, 6], low, side="right")
    known = (grade == np.searchsorted([1, 2, 3, 4, 6], high, side="right")) & (fate == 0)
    return torch.from_numpy(grade), torch.from_numpy(known)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--event-weight", type=float, default=1.0)
    parser.add_argument("--patch-weight", type=float, default=1.0)
    parser.add_argument("--look-seconds", type=float, default=240)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--init", type=Path, default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rank", default="0/1", help="this process of how many")
    arguments = parser.parse_args()
    rank, ranks = map(int, arguments.rank.split("/"))
    torch.set_num_threads(2 if ranks == 1 else 1)
    if ranks > 1 and ranks <= (os.cpu_count() or 1):
        os.sched_setaffinity(0, {rank})
    Trainer(arguments).fit()
