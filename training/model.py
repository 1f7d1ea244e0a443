"""The model's shape, its start, and the heads that help it during training and are dropped afterwards."""

import math

import torch
from torch import nn
from transformers import CLIPConfig, CLIPModel

IMAGE, PATCH = 192, 16
GRID = IMAGE // PATCH
CONTEXT = 32
MEAN, STD = [0.42, 0.42, 0.42], [0.24, 0.24, 0.24]
MAX_LOG_SCALE = 4.6052  # ln 100, CLIP's own bound


def config(vocabulary: int) -> CLIPConfig:
    ends = dict(bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1)
    return CLIPConfig(
        text_config=dict(
            vocab_size=vocabulary, hidden_size=128, intermediate_size=512, num_hidden_layers=3, num_attention_heads=2,
            max_position_embeddings=CONTEXT, projection_dim=128, hidden_act="quick_gelu", **ends,
        ),
        vision_config=dict(
            hidden_size=192, intermediate_size=768, num_hidden_layers=6, num_attention_heads=3, image_size=IMAGE,
            patch_size=PATCH, projection_dim=128, hidden_act="quick_gelu",
        ),
        projection_dim=128,
    )


def build(vocabulary: int) -> CLIPModel:
    # the plain attention is a third faster than the fused one at this size on a CPU in bfloat16
    model = CLIPModel._from_config(config(vocabulary), attn_implementation="eager")
    with torch.no_grad():
        model.logit_scale.fill_(2.6593)  # 1/0.07
        for name, parameter in model.named_parameters():  # CLIP's own start is meant for wide layers
            if parameter.ndim == 2 and "embedding" not in name and "projection" not in name:
                nn.init.trunc_normal_(parameter, std=parameter.shape[1] ** -0.5 * 0.7)
        nn.init.trunc_normal_(model.vision_model.embeddings.patch_embedding.weight, std=0.03)
        nn.init.trunc_normal_(model.vision_model.embeddings.position_embedding.weight, std=0.02)
        nn.init.trunc_normal_(model.text_model.embeddings.token_embedding.weight, std=0.05)
        nn.init.trunc_normal_(model.text_model.embeddings.position_embedding.weight, std=0.02)
    return model


def at_this_size(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights of a model for another size of picture: the places of its patches are interpolated to this grid (as ViT and CLIP do)."""
    name = "vision_model.embeddings.position_embedding.weight"
    start, places = state[name][:1], state[name][1:]
    side, width = math.isqrt(len(places)), places.shape[1]
    grid = places.T.reshape(1, width, side, side)
    resized = nn.functional.interpolate(grid, size=(GRID, GRID), mode="bicubic", align_corners=False)
    return state | {name: torch.cat([start, resized.reshape(width, -1).T])}


class Helpers(nn.Module):
    """What each patch shows (kind, colour, action), which facts hold of the picture, how many people and vehicles there are."""

    def __init__(self, channels: int, facts: int):
        super().__init__()
        self.norm = nn.LayerNorm(192)
        self.patches = nn.Linear(192, channels)
        self.facts = nn.Linear(192, facts)
        self.counts = nn.Linear(192, 2)
        # margin → probability, shared by all events: what calibration.json becomes
        self.centre = nn.Parameter(torch.tensor(-2.0))
        self.log_width = nn.Parameter(torch.tensor(0.7))
        nn.init.constant_(self.patches.bias, -3.0)
        nn.init.constant_(self.facts.bias, -1.5)


def see(model: CLIPModel, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Normalised picture vectors [batch, 128], patch states before the last layer [batch, 144, 192], pooled [batch, 192].

    The same as CLIPModel.get_image_features, but the last layer is computed for the class token only: nothing else of it is used.
    """
    tower = model.vision_model
    states = tower.pre_layrnorm(tower.embeddings(pixels))
    for layer in tower.encoder.layers[:-1]:
        states = _layer(layer, states, states.shape[1])
    pooled = tower.post_layernorm(_layer(tower.encoder.layers[-1], states, 1)[:, 0])
    return nn.functional.normalize(model.visual_projection(pooled).float(), dim=-1), states[:, 1:], pooled


def _layer(layer: nn.Module, states: torch.Tensor, wanted: int) -> torch.Tensor:
    """One transformer layer, for the first `wanted` tokens only."""
    attention, normed = layer.self_attn, layer.layer_norm1(states)
    heads = attention.num_heads

    def split(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    query = split(attention.q_proj(normed[:, :wanted])) * attention.scale
    weights = (query @ split(attention.k_proj(normed)).transpose(-1, -2)).softmax(-1)
    mixed = (weights.to(query.dtype) @ split(attention.v_proj(normed))).transpose(1, 2).flatten(2)
    states = states[:, :wanted] + attention.out_proj(mixed)
    return states + layer.mlp(layer.layer_norm2(states))


def read(model: CLIPModel, ids: torch.Tensor) -> torch.Tensor:
    """Normalised text vectors [texts, 128]."""
    out = model.text_model(input_ids=ids)
    return nn.functional.normalize(model.text_projection(out.pooler_output).float(), dim=-1)
