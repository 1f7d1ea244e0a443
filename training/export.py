"""Writes the bundled model from a checkpoint: Hugging Face CLIP layout, weights as float16, and its calibration.

usage: python training/export.py training/runs/NAME/checkpoint.pt [--out models/demo] [--keep-calibration]

The averaged weights are taken. The calibration is fitted on the validation stills with the weights as written; tune.py
trains for the calibration that is there, which then stays.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import CLIPModel

from clauses import Truth
from data import Stills
from events import AGAINST, BACKGROUND, MEANING, PROMPTS, TEMPLATES
from measure import equal_error
from model import CONTEXT, IMAGE, MEAN, STD, build
from tokenizer import Tokenizer
from validate import event_margins, picture_vectors


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=Path("models/demo"))
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    parser.add_argument("--keep-calibration", action="store_true")
    args = parser.parse_args()
    tokenizer = Tokenizer(args.out)
    model = build(len(tokenizer.ids))
    model.load_state_dict(torch.load(args.checkpoint)["average"])
    write(model, args.out)
    if args.keep_calibration:
        return
    written = CLIPModel.from_pretrained(args.out, dtype=torch.float32, attn_implementation="eager").eval()
    calibration = calibrate(written, tokenizer, Stills(args.data, "val"))
    (args.out / "calibration.json").write_text(json.dumps(calibration) + "\n")
    print(json.dumps(calibration), sum(file.stat().st_size for file in args.out.iterdir()), "bytes in all")


def write(model: CLIPModel, out: Path) -> None:
    halves = {name: value.half().contiguous() for name, value in model.state_dict().items() if "position_ids" not in name}
    save_file(halves, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    (out / "config.json").write_text(json.dumps(settings(model.config.to_dict()), indent=2) + "\n")
    preprocessor = {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"height": IMAGE, "width": IMAGE},
        "resample": 3,
        "do_center_crop": False,
        "crop_size": {"height": IMAGE, "width": IMAGE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": STD,
    }
    (out / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    words = {"tokenizer_class": "CLIPTokenizer", "model_max_length": CONTEXT, "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    (out / "tokenizer_config.json").write_text(json.dumps(words, indent=2) + "\n")
    suggested = {"templates": TEMPLATES, "prompts": PROMPTS, "against": AGAINST, "background": BACKGROUND}
    (out / "prompts.json").write_text(json.dumps(suggested, indent=2) + "\n")


def settings(config: dict) -> dict:
    """The model's own settings, without the library's general ones."""
    vision = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "image_size", "patch_size", "num_channels"]
    text = ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings"]
    ends = ["bos_token_id", "eos_token_id", "pad_token_id"]
    shared = ["hidden_act", "layer_norm_eps", "projection_dim", "model_type"]
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "dtype": "float16",
        "projection_dim": config["projection_dim"],
        "logit_scale_init_value": config["logit_scale_init_value"],
        "text_config": {key: config["text_config"][key] for key in text + ends + shared},
        "vision_config": {key: config["vision_config"][key] for key in vision + shared},
    }


def calibrate(model: CLIPModel, tokenizer: Tokenizer, stills: Stills) -> dict[str, float]:
    """Centre: the mean of the shipped events' equal-error margins. Width: the one that makes the scores most likely."""
    truth, pictures = Truth(stills.truths), picture_vectors(model, stills.pictures)
    sides, centres = [], []
    for event in PROMPTS:
        margin = event_margins(model, tokenizer, pictures, PROMPTS[event], AGAINST[event] + BACKGROUND)
        known = truth.of_all(MEANING[event])
        centres.append(equal_error(margin, known)[1])
        print(event, "equal-error margin", round(centres[-1], 3), "quartiles no/yes", [np.quantile(margin[known == k], [0.1, 0.5, 0.9]).round(2).tolist() for k in (0, 1)])
        sides.append((margin, known))
    centre = float(np.mean(centres))
    widths = np.geomspace(0.3, 12, 80)
    costs = [sum(np.logaddexp(0, sign * (margin[known == k] - centre) / width).mean() for margin, known in sides for k, sign in ((0, 1), (1, -1))) for width in widths]
    width = float(widths[int(np.argmin(costs))])
    # So many own images that no camera replaces a scale fitted on this very world (src/scoring/eventScores.ts).
    return {"centre": round(centre, 4), "width": round(width, 4), "images": 1_000_000}


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
