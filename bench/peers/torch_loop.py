"""The loop of the original plan in PyTorch over a clip: `torch_loop.py CHECKPOINT VIDEO FPS FRAMES fp32|int8 FFMPEG`.

`torch_loop.py CHECKPOINT export DIR` writes what transformers.js reads: ONNX files, tokenizer, processor.
"""

import json
import resource
import subprocess
import sys
import time

import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

WIDTH, HEIGHT = 768, 576


def processor() -> CLIPImageProcessor:
    return CLIPImageProcessor()


def export(checkpoint: str, folder: str) -> None:
    model = CLIPModel.from_pretrained(checkpoint, attn_implementation="eager").eval()
    processor().save_pretrained(folder)
    model.config.save_pretrained(folder)
    CLIPTokenizerFast(f"{checkpoint}/vocab.json", f"{checkpoint}/merges.txt").save_pretrained(folder)
    ids, pixels = torch.ones(2, 8, dtype=torch.long), torch.zeros(1, 3, 224, 224)

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids, pixel_values, attention_mask):
            found = self.model(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask)
            return found.logits_per_image

    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vision, self.projection = model.vision_model, model.visual_projection

        def forward(self, pixel_values):
            return self.projection(self.vision(pixel_values=pixel_values).pooler_output)

    axes = {"input_ids": {0: "texts", 1: "length"}, "attention_mask": {0: "texts", 1: "length"}, "pixel_values": {0: "images"}}
    torch.onnx.export(
        Whole(),
        (ids, pixels, torch.ones_like(ids)),
        f"{folder}/onnx/model.onnx",
        input_names=["input_ids", "pixel_values", "attention_mask"],
        output_names=["logits_per_image"],
        dynamic_axes={**axes, "logits_per_image": {0: "images", 1: "texts"}},
        dynamo=False,
        opset_version=17,
    )
    torch.onnx.export(
        Tower(),
        (pixels,),
        f"{folder}/onnx/vision_model.onnx",
        input_names=["pixel_values"],
        output_names=["image_embeds"],
        dynamic_axes={"pixel_values": {0: "images"}, "image_embeds": {0: "images"}},
        dynamo=False,
        opset_version=17,
    )


def cpu_seconds() -> float:
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


@torch.no_grad()
def run(checkpoint: str, video: str, fps: str, frames: str, precision: str, ffmpeg: str) -> None:
    model = CLIPModel.from_pretrained(checkpoint).eval()
    if precision == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    prepare = processor()

    def embed(pixels: bytes) -> list[float]:
        image = Image.frombytes("RGB", (WIDTH, HEIGHT), pixels)
        found = model.get_image_features(**prepare(images=image, return_tensors="pt"))
        return (found if torch.is_tensor(found) else found.pooler_output)[0].tolist()

    embed(bytes([128]) * (WIDTH * HEIGHT * 3))
    before, started = cpu_seconds(), time.monotonic()
    command = [ffmpeg, "-v", "error", "-i", video, "-vf", f"fps={fps},scale={WIDTH}:{HEIGHT}", "-frames:v", frames, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    embeddings = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        while len(pixels := child.stdout.read(WIDTH * HEIGHT * 3)) == WIDTH * HEIGHT * 3:
            embeddings.append(embed(pixels))
    print(
        json.dumps(
            {
                "cpuSeconds": cpu_seconds() - before,
                "seconds": time.monotonic() - started,
                "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "embeddings": embeddings,
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[2] == "export":
        export(sys.argv[1], sys.argv[3])
    else:
        run(*sys.argv[1:7])
