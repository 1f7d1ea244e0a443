"""Rendered stills and their truth, and what training makes of them: batches of pictures and maps of what each patch shows."""

import json
from pathlib import Path

import numpy as np
import torch

from model import GRID, IMAGE, MEAN, STD
from words import ACTIONS, COLOURS, KINDS

CHANNELS = len(KINDS) + len(COLOURS) + len(ACTIONS)
BLURRED, COVERED = 1, 2  # what the augmentation made of a picture


class Stills:
    def __init__(self, folder: Path, split: str, limit: int | None = None):
        truths, pictures = [], []
        for file in sorted(folder.glob(f"{split}-*.jsonl")):
            lines = [json.loads(line) for line in file.read_text().split("\n")[:-1]]  # the last may be half written
            shard = np.fromfile(file.with_suffix(".u8"), dtype=np.uint8)
            shard = shard[: len(shard) // (IMAGE * IMAGE * 3) * IMAGE * IMAGE * 3].reshape(-1, IMAGE, IMAGE, 3)
            count = min(len(lines), len(shard))  # a shard that is still being written ends where both do
            truths += lines[:count]
            pictures += [shard[:count]]
        self.truths = truths[:limit]
        self.pictures = np.concatenate(pictures)[:limit]

    @staticmethod
    def count(folder: Path, split: str) -> int:
        """Pictures of a split that are complete on disk."""
        return sum(file.stat().st_size // (IMAGE * IMAGE * 3) for file in folder.glob(f"{split}-*.u8"))

    def __len__(self) -> int:
        return len(self.truths)

    def patch_maps(self) -> np.ndarray:
        """[stills, 12, 12, channels] uint8: how much of a patch (or of a small thing inside it) each sort of thing fills, in 1/255."""
        maps = np.zeros((len(self), GRID, GRID, CHANNELS), dtype=np.uint8)
        edges = np.arange(GRID + 1) / GRID
        for row, truth in enumerate(self.truths):
            for thing in truth["objects"]:
                if thing["visible"] < 0.15:
                    continue
                left, top, width, height = thing["box"]
                across = np.clip(np.minimum(edges[1:], left + width) - np.maximum(edges[:-1], left), 0, None)
                down = np.clip(np.minimum(edges[1:], top + height) - np.maximum(edges[:-1], top), 0, None)
                shared = np.outer(down, across)
                share = shared / max(min(width * height, 1 / GRID**2), 1e-6)
                level = (np.clip(share * 1.5, 0, 1) * min(1.0, thing["visible"] * 1.5) * 255).astype(np.uint8)
                channels = [
                    KINDS.index(thing["kind"]),
                    len(KINDS) + len(COLOURS) + ACTIONS.index(thing["action"]),
                ]
                if truth["light"] != "infrared":
                    channels.append(len(KINDS) + COLOURS.index(thing["colour"]))
                for channel in channels:
                    np.maximum(maps[row, :, :, channel], level, out=maps[row, :, :, channel])
        return maps

    def counts(self) -> np.ndarray:
        """[stills, 2] float32: people and vehicles at least half visible, as log(1 + n)."""
        found = np.zeros((len(self), 2), dtype=np.float32)
        for row, truth in enumerate(self.truths):
            for thing in truth["objects"]:
                if thing["visible"] >= 0.5 and thing["kind"] not in ("bicycle", "dog"):
                    found[row, 0 if thing["kind"] == "person" else 1] += 1
        return np.log1p(found)


def normalise(pictures: np.ndarray) -> torch.Tensor:
    """[n, 192, 192, 3] uint8 → [n, 3, 192, 192] float32 as the model takes it."""
    pixels = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255
    return (pixels - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)


class Augment:
    """Changes of a picture that keep its truth (mirror, light, noise, shift) and, rarely, ones that end it (blur, cover)."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.noise = torch.Generator().manual_seed(seed)

    def __call__(self, pictures: np.ndarray, maps: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
        """Normalised pixels, patch maps [n, 144, channels] float, and what happened [n] (0, BLURRED, COVERED)."""
        n, draw = len(pictures), self.random
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        levels = torch.from_numpy(maps).float() / 255
        flip = torch.from_numpy(draw.random(n) < 0.3)
        pixels[flip], levels[flip] = pixels[flip].flip(3), levels[flip].flip(2)
        gain = torch.from_numpy(draw.normal(1, 0.08, (n, 3, 1, 1)) * draw.normal(1, 0.08, (n, 1, 1, 1))).float()
        offset = torch.from_numpy(draw.normal(0, 0.03, (n, 1, 1, 1))).float()
        sigma = torch.from_numpy(draw.exponential(0.012, (n, 1, 1, 1))).float()
        pixels = pixels * gain + offset + sigma * torch.randn(pixels.shape, generator=self.noise)
        for i in np.flatnonzero(draw.random(n) < 0.3):
            pixels[i] = torch.roll(pixels[i], tuple(int(s) for s in draw.integers(-4, 5, 2)), (1, 2))
        fate = np.where(draw.random(n) < 0.02, BLURRED, np.where(draw.random(n) < 0.01, COVERED, 0))
        for i in np.flatnonzero(fate):
            pixels[i] = blur(pixels[i], int(draw.integers(7, 13))) if fate[i] == BLURRED else pixels[i].mean() * 0.05 + 0.02 * float(draw.random())
        levels[torch.from_numpy(fate > 0)] = 0
        mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
        return (pixels.clamp(0, 1) - mean) / std, levels.reshape(n, GRID * GRID, CHANNELS), fate


def blur(picture: torch.Tensor, radius: int) -> torch.Tensor:
    """Three box filters: close to a Gaussian."""
    for _ in range(3):
        padded = torch.nn.functional.pad(picture[None], (radius,) * 4, mode="replicate")
        across = torch.nn.functional.avg_pool2d(padded, (1, 2 * radius + 1), stride=1)
        picture = torch.nn.functional.avg_pool2d(across, (2 * radius + 1, 1), stride=1)[0]
    return picture
