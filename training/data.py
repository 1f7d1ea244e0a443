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

    def __len__(self) -> int:
        return len(self.truths)


def patch_maps(truths: list[dict]) -> np.ndarray:
    """[stills, 12, 12, channels] uint8: how much of a patch (or of a small thing inside it) each sort of thing fills, in 1/255."""
    maps = np.zeros((len(truths), GRID, GRID, CHANNELS), dtype=np.uint8)
    edges = np.arange(GRID + 1) / GRID
    for row, truth in enumerate(truths):
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


def counts(truths: list[dict]) -> np.ndarray:
    """[stills, 2] float32: people and vehicles at least half visible, as log(1 + n)."""
    found = np.zeros((len(truths), 2), dtype=np.float32)
    for row, truth in enumerate(truths):
        for thing in truth["objects"]:
            if thing["visible"] >= 0.5 and thing["kind"] not in ("bicycle", "dog"):
                found[row, 0 if thing["kind"] == "person" else 1] += 1
    return np.log1p(found)


def normalise(pixels: torch.Tensor) -> torch.Tensor:
    """[n, 192, 192, 3] uint8 → [n, 3, 192, 192] float32 as the model takes it."""
    return standard(pixels.permute(0, 3, 1, 2).float() / 255)


def standard(pixels: torch.Tensor) -> torch.Tensor:
    mean, std = torch.tensor([MEAN, STD], device=pixels.device).view(2, 1, 3, 1, 1)
    return (pixels - mean) / std


class Augment:
    """Changes of a picture that keep its truth (mirror, shift, light, noise) and, as the lesson says, ones that end it (blur, cover)."""

    def __init__(self, seed: int, device: torch.device):
        self.random, self.device = np.random.default_rng(seed), device
        self.noise = torch.Generator(device).manual_seed(seed)

    def __call__(self, pictures: torch.Tensor, rows: torch.Tensor, fate: np.ndarray, levels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of all pictures [., 192, 192, 3] uint8 these rows: normalised pixels, and patch maps [n, 144, channels] float.

        `fate` is what happens to each (0, BLURRED, COVERED), `levels` their patch maps as patch_maps makes them.
        """
        n, draw = len(rows), self.random
        flip = draw.random(n) < 0.3
        shifts = draw.integers(-4, 5, (2, n)) * (draw.random(n) < 0.3)
        down = (np.arange(IMAGE) - shifts[0, :, None]) % IMAGE
        across = (np.where(flip[:, None], np.arange(IMAGE)[::-1], np.arange(IMAGE)) - shifts[1, :, None]) % IMAGE
        taken = pictures[rows[:, None, None], self._tensor(down)[:, :, None], self._tensor(across)[:, None, :]]
        gain = self._tensor(draw.normal(1, 0.08, (n, 3, 1, 1)) * draw.normal(1, 0.08, (n, 1, 1, 1))).float()
        offset = self._tensor(draw.normal(0, 0.03, (n, 1, 1, 1))).float()
        sigma = self._tensor(draw.exponential(0.012, (n, 1, 1, 1))).float()
        pixels = taken.permute(0, 3, 1, 2).float() / 255 * gain + offset
        pixels += sigma * torch.randn(pixels.shape, generator=self.noise, device=self.device)
        for i in np.flatnonzero(fate):
            pixels[i] = blur(pixels[i], int(draw.integers(7, 13))) if fate[i] == BLURRED else pixels[i].mean() * 0.05 + 0.02 * float(draw.random())
        levels = levels.float() / 255
        mirrored = self._tensor(flip).view(n, 1, 1, 1)
        levels = torch.where(mirrored, levels.flip(2), levels) * self._tensor(fate == 0).view(n, 1, 1, 1)
        return standard(pixels.clamp(0, 1)), levels.reshape(n, GRID * GRID, CHANNELS)

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device, non_blocking=True)


def blur(picture: torch.Tensor, radius: int) -> torch.Tensor:
    """Three box filters: close to a Gaussian."""
    for _ in range(3):
        padded = torch.nn.functional.pad(picture[None], (radius,) * 4, mode="replicate")
        across = torch.nn.functional.avg_pool2d(padded, (1, 2 * radius + 1), stride=1)
        picture = torch.nn.functional.avg_pool2d(across, (2 * radius + 1, 1), stride=1)[0]
    return picture
