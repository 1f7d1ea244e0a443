"""Small measures shared by validation and evaluation."""

import numpy as np


def area_under(scores: np.ndarray, truth: np.ndarray) -> float | None:
    """Area under the ROC curve over what is known (1 or 0; -1 left out); None when one side is missing."""
    known = truth >= 0
    scores, truth = scores[known], truth[known] == 1
    if truth.all() or not truth.any():
        return None
    order = scores.argsort(kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positives = truth.sum()
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * (~truth).sum()))


def equal_error(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """(accuracy, threshold) where as large a share of the true as of the false is mistaken."""
    yes, no = np.sort(scores[truth == 1]), np.sort(scores[truth == 0])
    steps = np.unique(np.concatenate([yes, no]))
    missed = np.searchsorted(yes, steps, side="left") / len(yes)
    false = 1 - np.searchsorted(no, steps, side="left") / len(no)
    best = int(np.abs(missed - false).argmin())
    return float(1 - (missed[best] + false[best]) / 2), float(steps[best])


def recall_at(scores: np.ndarray, k: int) -> float:
    """Share of rows whose own column (same index) is among the k best."""
    own = np.diag(scores)[:, None]
    return float(((scores > own).sum(1) < k).mean())
