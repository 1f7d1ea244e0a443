"""Teaches a finished model new pictures of its world, such as crops of far scenes, on a CPU: only its last layers, and its texts stay.

usage: python training/tune.py --run NAME --steps 600 [--layers 3] [--init models/demo] [--limit 6000]

Stills of splits `train-far…` are the new ones; those of other `train…` splits are what the model knows already, and each of
them should keep its vector. The first layers see every still once and their states stay in memory (110 KB a still), so that
a step costs a fifth of what it costs in train.py. The texts do not change, so calibration and text tower remain valid.
Writes training/runs/NAME/checkpoint.pt for export.py --keep-calibration, and a line of numbers at each look.
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
from captions import Author, Caption
from clauses import Truth
from data import Stills, normalise
from events import AGAINST, BACKGROUND, MEANING, PROMPTS
from lessons import OTHER_EVENTS
from measure import area_under
from model import _layer
from tokenizer import Tokenizer
from validate import phrase_vector, text_vectors

NEW, KNOWN = 44, 20  # stills of each sort in a step
CAPTIONS, CAPTIONS_A_STEP = 1200, 160
OTHER_WEIGHT, CAPTION_WEIGHT, EVENT_WEIGHT, KEEP_WEIGHT = 1 / 3, 0.5, 4.0, 8.0
HALF = "avx512_bf16" in Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else False


class Tuner:
    def __init__(self, args: argparse.Namespace):
        torch.manual_seed(args.seed)
        self.args, self.run = args, Path("training/runs") / args.run
        self.run.mkdir(parents=True, exist_ok=True)
        self.draw = np.random.default_rng(args.seed)
        self.model = CLIPModel.from_pretrained(args.init, dtype=torch.float32, attn_implementation="eager")
        self.layers = self.model.vision_model.encoder.layers
        self.cut = len(self.layers) - args.layers
        self.scale = float(self.model.logit_scale.detach().exp())
        calibration = json.loads((args.init / "calibration.json").read_text())
        self.centre, self.width = torch.tensor(calibration["centre"]), torch.tensor(calibration["width"])
        stills = self._subset(Stills(args.data, "train"))
        self.truths = stills.truths
        is_new = np.array([truth["seed"].startswith("train-far") for truth in stills.truths])
        self.new, self.known = np.flatnonzero(is_new), np.flatnonzero(~is_new)
        self.states = self._first(stills.pictures)
        self.checks = {name: (Truth(one.truths), self._first(one.pictures)) for name in ("far-val", "val") for one in [Stills(args.data, name)]}
        self.questions, self.texts, self.captions = self._texts(Truth(stills.truths), Tokenizer(args.init))
        with torch.no_grad():
            self.before = self._vectors(self.states)
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        vision = self.model.vision_model
        self.parameters = [*self.layers[self.cut :].parameters(), *vision.post_layernorm.parameters(), *self.model.visual_projection.parameters()]
        for parameter in self.parameters:
            parameter.requires_grad_(True)

    def _subset(self, stills: Stills) -> Stills:
        if self.args.limit and self.args.limit < len(stills):
            rows = np.sort(self.draw.choice(len(stills), self.args.limit, replace=False))
            stills.truths, stills.pictures = [stills.truths[row] for row in rows], stills.pictures[rows]
        return stills

    @torch.no_grad()
    def _first(self, pictures: np.ndarray) -> torch.Tensor:
        """States [stills, 145, 192] bfloat16 before the layers that learn."""
        tower, found = self.model.vision_model, []
        for i in range(0, len(pictures), 64):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
                states = tower.pre_layrnorm(tower.embeddings(normalise(torch.from_numpy(pictures[i : i + 64]))))
                for layer in self.layers[: self.cut]:
                    states = _layer(layer, states, states.shape[1])
            found.append(states.bfloat16())
        return torch.cat(found)

    def _last(self, states: torch.Tensor) -> torch.Tensor:
        """Normalised picture vectors [stills, 128]."""
        states = states.float()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            for layer in self.layers[self.cut : -1]:
                states = _layer(layer, states, states.shape[1])
            pooled = self.model.vision_model.post_layernorm(_layer(self.layers[-1], states, 1)[:, 0])
            vectors = self.model.visual_projection(pooled)
        return torch.nn.functional.normalize(vectors.float(), dim=-1)

    def _vectors(self, states: torch.Tensor) -> torch.Tensor:
        return torch.cat([self._last(states[i : i + 64]) for i in range(0, len(states), 64)])

    def _texts(self, truth: Truth, tokenizer: Tokenizer) -> tuple[list, torch.Tensor, torch.Tensor]:
        """The product's questions (event, contrasts, truth, weight), captions [captions, 128] and their truth [stills, captions]."""
        author = Author(self.args.seed + 1)
        asked = [(prompts, AGAINST[event] + BACKGROUND, MEANING[event], 1.0) for event, prompts in PROMPTS.items()]
        asked += [([author.say(clauses) for _ in range(3)], BACKGROUND, clauses, OTHER_WEIGHT) for clauses in OTHER_EVENTS]

        def vector(phrases: list[str]) -> torch.Tensor:
            return torch.from_numpy(phrase_vector(self.model, tokenizer, phrases)).float()

        questions = [
            (vector(prompts), torch.stack([vector([phrase]) for phrase in contrast]), torch.from_numpy(truth.of_all(clauses)), weight)
            for prompts, contrast, clauses, weight in asked
        ]
        rows = self.draw.choice(len(self.truths), min(CAPTIONS // 2, len(self.truths)), replace=False)
        captions: list[Caption] = [author.describing(self.truths[row], int(row), truth) for row in rows]
        captions += [author.mutated(caption) for caption in captions[: CAPTIONS // 4]] + [author.anything() for _ in range(CAPTIONS // 4)]
        texts = torch.from_numpy(text_vectors(self.model, tokenizer, [caption.text for caption in captions])).float()
        return questions, texts, torch.from_numpy(np.stack([truth.of_all(caption.clauses) for caption in captions], axis=1))

    def _margin(self, vectors: torch.Tensor, event: torch.Tensor, contrast: torch.Tensor) -> torch.Tensor:
        return self.scale * vectors @ event - torch.logsumexp(self.scale * vectors @ contrast.T, dim=1) + math.log(len(contrast))

    def fit(self) -> None:
        steps, rate, started = self.args.steps, self.args.lr, time.process_time()
        optimizer = torch.optim.AdamW(self.parameters, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
        average = [parameter.detach().clone() for parameter in self.parameters]
        print(json.dumps({"stills": len(self.truths), "new": len(self.new), "cpu": round(started), **self._look()}), flush=True)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (step + 1) / 30) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            parts = self._step()
            torch.nn.utils.clip_grad_norm_(self.parameters, 2.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            torch._foreach_lerp_(average, [parameter.detach() for parameter in self.parameters], 1 - min(0.98, (1 + step) / (10 + step)))
            if (step + 1) % self.args.look == 0 or step + 1 == steps:
                now = [parameter.detach().clone() for parameter in self.parameters]
                self._set(average)
                print(json.dumps({"step": step + 1, "cpu": round(time.process_time() - started), **parts, **self._look()}), flush=True)
                torch.save({"average": self.model.state_dict()}, self.run / "checkpoint.pt")
                self._set(now)

    @torch.no_grad()
    def _set(self, values: list[torch.Tensor]) -> None:
        for parameter, value in zip(self.parameters, values):
            parameter.copy_(value)

    def _step(self) -> dict[str, float]:
        rows = np.concatenate([self.draw.choice(self.new, NEW, replace=False), self.draw.choice(self.known, KNOWN, replace=False)])
        vectors = self._last(self.states[rows])
        asked = [weight * losses.asked(self._margin(vectors, event, contrast), truth[rows], self.centre, self.width) for event, contrast, truth, weight in self.questions]
        chosen = self.draw.choice(len(self.texts), CAPTIONS_A_STEP, replace=False)
        parts = {
            "event": torch.stack(asked).sum() / sum(weight for *_, weight in self.questions),
            "caption": losses.both_ways(self.scale * vectors @ self.texts[chosen].T, self.captions[rows][:, chosen]),
            "keep": (1 - (vectors[NEW:] * self.before[rows[NEW:]]).sum(1)).mean(),
        }
        (EVENT_WEIGHT * parts["event"] + CAPTION_WEIGHT * parts["caption"] + KEEP_WEIGHT * parts["keep"]).backward()
        return {name: round(float(value.detach()), 4) for name, value in parts.items()}

    @torch.no_grad()
    def _look(self) -> dict[str, list]:
        """For each event on far crops and on near stills: the AUC, and the 10th, 50th and 90th percentile of margins without and with it."""
        found = {}
        for name, (truth, states) in self.checks.items():
            vectors = self._vectors(states)
            for event, (prompts, contrast, _, _) in zip(PROMPTS, self.questions):
                margin, known = self._margin(vectors, prompts, contrast).numpy(), truth.of_all(MEANING[event])
                spread = [np.quantile(margin[known == side], [0.1, 0.5, 0.9]).round(1).tolist() for side in (0, 1)]
                found[f"{name} {event}"] = [round(area_under(margin, known) or 0, 4), *spread]
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--layers", type=int, default=3, help="how many of the last layers learn")
    parser.add_argument("--lr", type=float, default=4e-4)
    parser.add_argument("--look", type=int, default=100, help="steps between looks")
    parser.add_argument("--init", type=Path, default=Path("models/demo"))
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    Tuner(arguments).fit()
