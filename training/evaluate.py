"""Measures the bundled model on held-out seeds and on real pictures, and writes training/report.json.

usage: python training/evaluate.py [--model models/demo] [--data training/data] [--real FOLDER_WITH_labels.json]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPModel

import words as w
from captions import HELD_COLOURS, HELD_QUADRUPLE, HELD_SETTINGS, Author, held_out
from clauses import Clause, Setting, State, Things, Truth
from data import Stills
from events import AGAINST, BACKGROUND, GRADES, MEANING, PROMPTS, TEMPLATES
from measure import area_under, equal_error, recall_at
from model import IMAGE
from tokenizer import Tokenizer
from validate import event_margins, phrase_vector, picture_vectors, text_vectors

RETRIEVED = 200


class Evaluation:
    def __init__(self, model: Path, stills: Stills):
        self.model = CLIPModel.from_pretrained(model, dtype=torch.float32, attn_implementation="eager").eval()
        self.tokenizer = Tokenizer(model)
        self.calibration = json.loads((model / "calibration.json").read_text())
        self.stills, self.truth = stills, Truth(stills.truths)
        self.pictures = picture_vectors(self.model, stills.pictures)

    def vector(self, phrases: list[str]) -> np.ndarray:
        return phrase_vector(self.model, self.tokenizer, phrases)

    def area(self, clauses: tuple[Clause, ...], phrases: list[str]) -> float | None:
        return area_under(self.pictures @ self.vector(phrases), self.truth.of_all(clauses))

    def events(self) -> dict:
        found = {}
        for event in PROMPTS:
            margin = event_margins(self.model, self.tokenizer, self.pictures, PROMPTS[event], AGAINST[event] + BACKGROUND)
            known = self.truth.of_all(MEANING[event])
            said = margin > self.calibration["centre"]
            accuracy, threshold = equal_error(margin, known)
            found[event] = {
                "stills": int((known >= 0).sum()),
                "true": int((known == 1).sum()),
                "auc": round(area_under(margin, known), 4),
                "accuracy_at_equal_error": round(accuracy, 4),
                "margin_at_equal_error": round(threshold, 3),
                "precision_at_centre": round(float((known[said & (known >= 0)] == 1).mean()), 4),
                "recall_at_centre": round(float(said[known == 1].mean()), 4),
                "by_light": {
                    light: round(area, 4)
                    for i, light in enumerate(w.LIGHTS)
                    if (area := area_under(margin[self.truth.light == i], known[self.truth.light == i])) is not None
                },
            }
        return found

    def grades(self) -> dict:
        low, high = self.truth.bounds(self.truth.kind == 0, self.truth.kind == 5)
        steps = [1, 2, 3, 4, 6]
        right = np.searchsorted(steps, low, side="right")
        sure = right == np.searchsorted(steps, high, side="right")
        scores = self.pictures @ np.stack([self.vector([phrase]) for phrase in GRADES["crowded_scene"]]).T
        said = scores.argmax(1)
        return {
            "phrases": GRADES["crowded_scene"],
            "exact": round(float((said == right)[sure].mean()), 4),
            "within_one": round(float((abs(said - right) <= 1)[sure].mean()), 4),
        }

    def retrieval(self) -> dict:
        """Each still and one caption of it, all captions different. A caption may be true of other stills too: `true` counts those as right."""
        author, captions, rows = Author(11), [], []
        for row, still in enumerate(self.stills.truths):
            caption = author.describing(still, row, self.truth)
            if caption.clauses not in {c.clauses for c in captions}:
                captions.append(caption)
                rows.append(row)
            if len(rows) == RETRIEVED:
                break
        scores = self.pictures[rows] @ text_vectors(self.model, self.tokenizer, [caption.text for caption in captions]).T
        truth = np.stack([self.truth.of_all(caption.clauses)[rows] for caption in captions], axis=1) == 1
        return {
            "among": len(rows),
            "picture_to_text": {"r1": round(recall_at(scores, 1), 4), "r5": round(recall_at(scores, 5), 4), "true": round(float(truth[np.arange(len(rows)), scores.argmax(1)].mean()), 4)},
            "text_to_picture": {"r1": round(recall_at(scores.T, 1), 4), "r5": round(recall_at(scores.T, 5), 4), "true": round(float(truth.T[np.arange(len(rows)), scores.T.argmax(1)].mean()), 4)},
        }

    def families(self) -> dict:
        """Mean AUC of phrases by what they speak of."""
        author = Author(13)
        families: dict[str, list[Clause]] = {
            "things": [Things(noun) for noun in w.NOUNS],
            "colour": [Things(noun, colour=colour) for noun in ("person", "car", "van", "truck", "bus") for colour in w.COLOURS],
            "action": [Things(noun, doing=doing) for doing, (_, _, nouns, _) in w.DOINGS.items() for noun in nouns],
            "place": [Things(noun, where=where) for noun in ("person", "vehicle", "car", "bicycle", "dog") for where in w.WHERES],
            "number": [Things("person", count) for count in [*w.COUNTS, *w.GROUPS]] + [Things("vehicle", count) for count in w.COUNTS],
            "setting": [Setting(name) for name in w.SETTINGS],
            "state": [State(name) for name in w.STATES if name not in ("outdoors", "blurred", "covered")],
        }
        found = {}
        for name, clauses in families.items():
            areas = {author.say((clause,)): self.area((clause,), [author.say((clause,)) for _ in range(3)]) for clause in clauses if not held_out((clause,))}
            known = {phrase: area for phrase, area in areas.items() if area is not None}
            worst = sorted(known.items(), key=lambda item: item[1])[:3]
            found[name] = {"phrases": len(known), "mean_auc": round(float(np.mean(list(known.values()))), 4), "worst": [[phrase, round(area, 3)] for phrase, area in worst]}
        return found

    def unseen(self) -> dict:
        """Combinations that no training caption named, beside their like that were named."""
        author = Author(17, keep_held_out=False)
        unseen: list[tuple[Clause, ...]] = [(Things(noun, colour=colour),) for colour, noun in sorted(HELD_COLOURS)]
        unseen += [(Things(noun), Setting(setting)) for noun, setting in sorted(HELD_SETTINGS)]
        unseen += [(Things(HELD_QUADRUPLE[1], colour=HELD_QUADRUPLE[0], doing=HELD_QUADRUPLE[2]), Setting(HELD_QUADRUPLE[3]))]
        nouns = sorted({noun for _, noun in HELD_COLOURS})
        seen: list[tuple[Clause, ...]] = [(Things(noun, colour=colour),) for noun in nouns for colour in w.COLOURS]
        seen += [(Things(noun), Setting(setting)) for noun, _ in sorted(HELD_SETTINGS) for setting in w.SETTINGS]
        seen += [(Things("car", colour=colour, doing="stopped"), Setting("night")) for colour in w.COLOURS]
        seen = [clauses for clauses in seen if not held_out(clauses)]

        def areas(combinations: list[tuple[Clause, ...]]) -> dict[str, float]:
            found = {author.say(clauses): self.area(clauses, [author.say(clauses) for _ in range(3)]) for clauses in combinations}
            return {phrase: round(area, 4) for phrase, area in found.items() if area is not None}

        of_unseen, of_seen = areas(unseen), areas(seen)
        return {
            "unseen_mean_auc": round(float(np.mean(list(of_unseen.values()))), 4),
            "seen_mean_auc": round(float(np.mean(list(of_seen.values()))), 4),
            "unseen": of_unseen,
            "right_colour_among_nine": self.colours(),
        }

    def colours(self) -> dict:
        """For stills whose only thing of a kind has a colour: is "a <colour> <kind>" the best of nine?"""
        hits: dict[bool, list[bool]] = {True: [], False: []}
        for noun in ("car", "van", "truck", "bus"):
            best = (self.pictures @ np.stack([self.vector([f"a {colour} {noun}"]) for colour in w.COLOURS]).T).argmax(1)
            alone = self.truth.of(Things(noun, "one")) == 1
            for i, colour in enumerate(w.COLOURS):
                rows = alone & (self.truth.of(Things(noun, colour=colour)) == 1)
                hits[(colour, noun) in HELD_COLOURS] += (best[rows] == i).tolist()
        return {name: {"stills": len(hits[held]), "accuracy": round(float(np.mean(hits[held])), 4)} for name, held in (("named_in_training", False), ("never_named", True)) if hits[held]}

    def real(self, folder: Path) -> dict:
        """Stills of real cameras, which the model was not made for."""
        labels = json.loads((folder / "labels.json").read_text())
        pictures = [np.asarray(Image.open(folder / label["file"]).convert("RGB").resize((IMAGE, IMAGE), Image.Resampling.BICUBIC)) for label in labels]
        vectors = picture_vectors(self.model, np.stack(pictures))
        classes = {"empty": ["an empty road", "an empty place"], "vehicle": ["a car", "a vehicle on the road"], "person": ["a person", "a person walking"], "people": ["a group of people", "a crowd of people"]}
        said = (vectors @ np.stack([self.vector(phrases) for phrases in classes.values()]).T).argmax(1)
        scenes = [label["scene"] for label in labels]
        right = [list(classes)[i] == scene for i, scene in zip(said, scenes)]
        someone = np.array([scene in ("person", "people") for scene in scenes], dtype=np.int8)
        vehicle = np.array([scene == "vehicle" for scene in scenes], dtype=np.int8)
        margins = {event: event_margins(self.model, self.tokenizer, vectors, PROMPTS[event], AGAINST[event] + BACKGROUND) for event in PROMPTS}
        return {
            "stills": len(labels),
            "right_of_four_scenes": round(float(np.mean(right)), 4),
            "always_the_commonest": round(max(scenes.count(scene) for scene in classes) / len(scenes), 4),
            "said": {f"{scene} called {list(classes)[i]}": sum(s == scene and j == i for s, j in zip(scenes, said)) for scene in classes for i in range(4) if any(s == scene and j == i for s, j in zip(scenes, said))},
            "person_walking_auc_people_against_rest": round(area_under(margins["person_walking"], someone), 4),
            "vehicle_stopping_auc_vehicles_against_rest": round(area_under(margins["vehicle_stopping"], vehicle), 4),
        }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=Path("models/demo"))
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    parser.add_argument("--real", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=Path("training/report.json"))
    args = parser.parse_args()
    torch.set_num_threads(2)
    stills = Stills(args.data, "test")
    run = Evaluation(args.model, stills)
    report = {
        "stills": len(stills),
        "worlds": len({truth["seed"] for truth in stills.truths}),
        "parameters": {
            "vision": sum(p.numel() for name, p in run.model.named_parameters() if name.startswith(("vision_model", "visual"))),
            "text": sum(p.numel() for name, p in run.model.named_parameters() if name.startswith("text")),
        },
        "templates": TEMPLATES,
        "events": run.events(),
        "grades": run.grades(),
        "retrieval": run.retrieval(),
        "phrases": run.families(),
        "combinations": run.unseen(),
    }
    if args.real:
        report["real_stills"] = run.real(args.real)
    text = json.dumps(report, indent=2, default=lambda number: number.item())
    args.out.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
