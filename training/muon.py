"""Muon (Jordan et al., 2024) in float32: torch's own computes in bfloat16, which takes seconds a step on a CPU without instructions for it."""

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic Newton-Schulz iteration
STEPS = 5


class Muon(torch.optim.Optimizer):
    """Matrices only. The rate is AdamW's: updates are scaled to its usual size (Moonlight, 2025: 0.2·√max(rows, columns))."""

    def __init__(self, matrices, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        alike: dict[torch.Size, list[torch.Tensor]] = {}
        for matrix in matrices:
            alike.setdefault(matrix.shape, []).append(matrix)
        super().__init__([{"params": group} for group in alike.values()], dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            matrices = group["params"]  # of one shape: computed together
            state = self.state[matrices[0]]
            gradient = torch.stack([matrix.grad for matrix in matrices])
            mean = state.setdefault("mean", torch.zeros_like(gradient))
            mean.lerp_(gradient, 1 - group["momentum"])
            change = orthogonal(gradient.lerp(mean, group["momentum"]))  # Nesterov
            torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(matrices, list(change.unbind()), alpha=-group["lr"] * 0.2 * max(matrices[0].shape) ** 0.5)


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """Near UVᵀ of each matrix's singular value decomposition, [n, rows, columns]."""
    a, b, c = COEFFICIENTS
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
