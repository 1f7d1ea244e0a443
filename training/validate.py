"""How a model does on stills it was not trained on: the shipped events, retrieval both ways, many clauses."""


import numpy as np
import torch

from captions import Author
from clauses import Truth
from data import Stills, normalise
from events import AGAINST, BACKGROUND, MEANING, PROMPTS, TEMPLATES
from measure import area_under, equal_error, recall_at
from model import CONTEXT, read, see
from tokenizer import Tokenizer


@torch.no_grad()
def picture_vectors(model, pictures: np.ndarray, batch: int = 64) -> np.ndarray:
    """[n, 128] float32, normalised."""
    batches = (torch.from_numpy(pictures[i : i + batch]).to(model.device) for i in range(0, len(pictures), batch))
    return np.concatenate([see(model, normalise(pixels))[0].cpu().numpy() for pixels in batches])


@torch.no_grad()
def text_vectors(model, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    ids = [tokenizer.encode(text, CONTEXT) for text in texts]
    longest = max(map(len, ids))
    padded = torch.tensor([row + [tokenizer.end] * (longest - len(row)) for row in ids], device=model.device)
    return read(model, padded).cpu().numpy()


def phrase_vector(model, tokenizer: Tokenizer, phrases: list[str]) -> np.ndarray:
    """The product's way: every phrase in every template, averaged, normalised."""
    mean = text_vectors(model, tokenizer, [template.format(phrase) for phrase in phrases for template in TEMPLATES]).mean(0)
    return mean / np.linalg.norm(mean)


def event_margins(model, tokenizer: Tokenizer, pictures: np.ndarray, prompts: list[str], contrast: list[str]) -> np.ndarray:
    """The product's margin (src/scoring/marginOf.ts): scale·cos(event) − log-mean-exp(scale·cos(contrast)) per picture vector."""
    scale = float(model.logit_scale.detach().exp())
    against = np.stack([phrase_vector(model, tokenizer, [phrase]) for phrase in contrast])
    logits = scale * pictures @ against.T
    top = logits.max(1, keepdims=True)
    return scale * pictures @ phrase_vector(model, tokenizer, prompts) - (top[:, 0] + np.log(np.exp(logits - top).mean(1)))


def validate(model, tokenizer: Tokenizer, stills: Stills, seed: int = 7) -> dict[str, float]:
    truth = Truth(stills.truths)
    pictures = picture_vectors(model, stills.pictures)
    found: dict[str, float] = {}
    for event in PROMPTS:
        margin = event_margins(model, tokenizer, pictures, PROMPTS[event], AGAINST[event] + BACKGROUND)
        known = truth.of_all(MEANING[event])
        area = area_under(margin, known)
        if area is not None:
            found[f"auc_{event}"] = round(area, 4)
            found[f"acc_{event}"] = round(equal_error(margin, known)[0], 4)
    author = Author(seed)
    captions = [author.describing(still, row, truth) for row, still in enumerate(stills.truths[:200])]
    scores = pictures[:200] @ text_vectors(model, tokenizer, [caption.text for caption in captions]).T
    found["text_r5"], found["image_r5"] = round(recall_at(scores, 5), 4), round(recall_at(scores.T, 5), 4)
    asked = [author.anything() for _ in range(400)]
    vectors = text_vectors(model, tokenizer, [caption.text for caption in asked])
    areas = [area_under(pictures @ vector, truth.of_all(caption.clauses)) for vector, caption in zip(vectors, asked)]
    found["auc_any_caption"] = round(float(np.mean([area for area in areas if area is not None])), 4)
    return found
