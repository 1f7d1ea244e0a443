"""The losses: captions against pictures with many right answers, the product's own question, grades, and the patch maps."""

import math

import torch
from torch.nn import functional as f


def many_right(scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """InfoNCE where a row may have several right columns: each must beat all wrong ones; open ones (-1) take no part."""
    wrong = torch.logsumexp(scores.masked_fill(truth != 0, -1e4), dim=1, keepdim=True)
    right = truth == 1
    losses = f.softplus(wrong - scores) * right
    return (losses.sum(1) / right.sum(1).clamp(min=1))[right.any(1)].mean()


def both_ways(scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    return (many_right(scores, truth) + many_right(scores.T, truth.T)) / 2


def margins(pictures: torch.Tensor, prompts: torch.Tensor, contrast: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The product's margin per picture (src/scoring/marginOf.ts): scale·cos(event) − log-mean-exp(scale·cos(contrast)); the event is the prompts' mean."""
    event = f.normalize(prompts.mean(0), dim=0)
    return scale * (pictures @ event) - torch.logsumexp(scale * (pictures @ contrast.T), dim=1) + math.log(len(contrast))


def asked(margin: torch.Tensor, truth: torch.Tensor, centre: torch.Tensor, width: torch.Tensor) -> torch.Tensor:
    """Balanced cross entropy of sigmoid((margin − centre) / width) over the pictures whose truth is known."""
    logits = (margin - centre) / width
    yes, no = truth == 1, truth == 0
    parts = [f.softplus(sign * logits[rows]).mean() for rows, sign in ((yes, -1), (no, 1)) if rows.any()]
    return torch.stack(parts).mean() if parts else logits.sum() * 0


def grades(scores: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross entropy over the stills whose level can be decided (not -100)."""
    return f.cross_entropy(scores, truth, reduction="sum") / (truth >= 0).sum().clamp(min=1)


def maps(states: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the patch maps, [n, patches, channels], summed over channels; what is there weighs three times."""
    weight = 1 + 2 * levels
    return (f.binary_cross_entropy_with_logits(states.float(), levels, reduction="none") * weight).sum(-1).mean()


def facts(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross entropy of facts about whole pictures, [n, facts], summed over those that are known."""
    losses = f.binary_cross_entropy_with_logits(logits.float(), (truth == 1).float(), reduction="none")
    return (losses * (truth >= 0)).sum(1).mean()
