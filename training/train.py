"""Trains the bundled model on rendered stills.

usage: python training/train.py --run NAME (--minutes M | --steps N) [--init CHECKPOINT_OR_FOLDER] [--seed 0]
           [--device cuda --workers 14 | --rank 0/2]

On a GPU, `--workers` processes make the lessons ahead. On a CPU, with `--rank 0/2` and `--rank 1/2` two processes share
the work, one core each: on a busy machine that is about twice as fast as two threads, which wait for each other hundreds
of times a step. Batch sizes are per process.

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

import torch
from torch.utils.data import DataLoader
from transformers import CLIPModel

import losses
from data import CHANNELS, Augment, Stills
from lessons import FACTS, Lesson, Lessons, Question
from model import MAX_LOG_SCALE, Helpers, at_this_size, build, read, see
from muon import Muon
from tokenizer import Tokenizer
from validate import validate

# Without such instructions bfloat16 is computed fifty times slower than float32.
HALF = "avx512_bf16" in Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else False

MATRIX_RATE = 2.5  # Muon's rate over AdamW's
REPORT_SECONDS = 20


class Trainer:
    def __init__(self, args: argparse.Namespace):
        torch.manual_seed(args.seed)
        self.rank, self.ranks = map(int, args.rank.split("/"))
        self.args, self.run = args, Path("training/runs") / args.run
        self.run.mkdir(parents=True, exist_ok=True)
        if self.ranks > 1:
            meeting = (self.run / "meeting").resolve().as_uri()
            torch.distributed.init_process_group("gloo", init_method=meeting, rank=self.rank, world_size=self.ranks)
        self.device = torch.device(args.device)
        self.tokenizer = Tokenizer(Path("models/demo"))
        stills = Stills(args.data, "train", args.limit)
        print(f"{len(stills)} stills to train on", flush=True)
        self.val = Stills(args.data, "val", 600)
        own = args.seed + 1000 * self.rank
        lessons = Lessons(stills.truths, self.tokenizer, args.batch, own + 1)
        # The workers are forked before a GPU is touched: they never use it.
        self.lessons = iter(DataLoader(lessons, batch_size=None, num_workers=args.workers))
        self.pictures = torch.from_numpy(stills.pictures).to(self.device)
        self.model, self.helpers = build(len(self.tokenizer.ids)), Helpers(CHANNELS, len(FACTS))
        if args.init:
            self._begin_from(args.init)
        self.model.to(self.device)
        self.helpers.to(self.device)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.augment = Augment(own + 2, self.device)
        self.optimizers = self._optimizers()
        self.log = (self.run / "log.jsonl").open("a")

    def _begin_from(self, init: Path) -> None:
        """A checkpoint of a run, or the folder of a finished model, whose Helpers start untrained."""
        if init.is_dir():
            self.model.load_state_dict(at_this_size(CLIPModel.from_pretrained(init, dtype=torch.float32).state_dict()))
            calibration = json.loads((init / "calibration.json").read_text())
            self.helpers.centre.data.fill_(calibration["centre"])
            self.helpers.log_width.data.fill_(math.log(calibration["width"]))
            return
        saved = torch.load(init, map_location="cpu")
        self.model.load_state_dict(saved["model"])
        self.helpers.load_state_dict(saved["helpers"])

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
        started, step, sums, summed = time.time(), 0, {}, 0
        next_look, next_report = self.args.look_seconds, REPORT_SECONDS
        while True:
            elapsed = time.time() - started
            progress = step / self.args.steps if self.args.steps else elapsed / (60 * self.args.minutes)
            progress, elapsed = self._agree(progress, elapsed)
            if progress >= 1:
                break
            self._set_rates(step, progress)
            for name, value in self._step(next(self.lessons)).items():
                sums[name] = sums.get(name, 0.0) + value
            step, summed = step + 1, summed + 1
            self._follow(step)
            if elapsed >= next_report:
                next_report += REPORT_SECONDS
                means = {name: round(float(value) / summed, 4) for name, value in sums.items()}
                self._report({"step": step, "seconds": round(time.time() - started), "progress": round(progress, 4), **means})
                sums, summed = {}, 0
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

    def _step(self, lesson: Lesson) -> dict[str, torch.Tensor]:
        lesson = lesson.to(self.device)
        pixels, levels = self.augment(self.pictures, lesson.rows, lesson.fate, lesson.levels)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=HALF or self.device.type == "cuda"):
            pictures, states, pooled = see(self.model, pixels)
            vectors = read(self.model, lesson.ids)
            patches = self.helpers.patches(self.helpers.norm(states))
            counted, facts = self.helpers.counts(pooled), self.helpers.facts(pooled)
        scale = self.model.logit_scale.exp()
        captions = lesson.captions.shape[1]
        graded = vectors[captions + sum(question.prompts + question.contrast for question in lesson.questions) :]
        parts = {"caption": losses.both_ways(scale * pictures @ vectors[:captions].T, lesson.captions)}
        parts["event"] = self._ask(pictures, vectors[captions:], lesson.questions, scale)
        parts["grade"] = losses.grades(scale * pictures @ graded.T, lesson.grades)
        parts["patch"] = losses.maps(patches, levels)
        parts["fact"] = losses.facts(facts, lesson.facts)
        sound = torch.from_numpy(lesson.fate == 0).to(self.device)
        parts["count"] = torch.nn.functional.smooth_l1_loss(counted.float()[sound], lesson.counts[sound])
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
        return {name: value.detach() for name, value in {**parts, "scale": scale}.items()}

    def _ask(self, pictures: torch.Tensor, vectors: torch.Tensor, questions: list[Question], scale: torch.Tensor) -> torch.Tensor:
        total, at = [], 0
        for question in questions:
            end = at + question.prompts
            margin = losses.margins(pictures, vectors[at:end], vectors[end : end + question.contrast], scale)
            total.append(losses.asked(margin, question.truth, self.helpers.centre, self.helpers.log_width.exp()))
            at = end + question.contrast
        return torch.stack(total).mean()

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        keep = min(0.998, (1 + step) / (10 + step))
        now = self.model.state_dict()
        names = [name for name, value in now.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.average[name] for name in names], [now[name] for name in names], 1 - keep)

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
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2, help="of one process on a CPU")
    parser.add_argument("--workers", type=int, default=0, help="processes that make lessons ahead")
    arguments = parser.parse_args()
    rank, ranks = map(int, arguments.rank.split("/"))
    torch.set_num_threads(arguments.threads if ranks == 1 else 1)
    torch.set_float32_matmul_precision("high")  # of float32 on a GPU; a CPU knows no other
    if ranks > 1 and ranks <= (os.cpu_count() or 1):
        os.sched_setaffinity(0, {rank})
    Trainer(arguments).fit()
