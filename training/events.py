"""The events the product ships with, as the product would describe them: prompts, negative prompts, and when they are true."""

import numpy as np

from clauses import Clause, Setting, State, Things, Truth

TEMPLATES = ["{}", "a photo of {}", "a security camera image of {}", "cctv footage of {}"]

PROMPTS = {
    "person_walking": ["a person walking", "people walking", "a man walking", "a woman walking"],
    "vehicle_stopping": ["a vehicle stopped on the road", "a car waiting on the road", "a van stopped on the road", "a truck standing still on the road"],
    "crowded_scene": ["a crowd of people", "a crowded scene", "a large group of people"],
}
AGAINST = {
    "person_walking": ["no people", "nobody in sight", "a person on a bicycle", "a dog", "a car on the road", "people standing", "a person standing"],
    "vehicle_stopping": ["an empty road", "a parked car and an empty road", "cars driving past", "no cars on the road"],
    "crowded_scene": ["one person", "two people", "a few people", "nobody in sight"],
}
GRADES = {"crowded_scene": ["a street without people", "one person", "two people", "a few people", "a group of people", "a crowd of people"]}
BACKGROUND = ["an empty street", "an empty road", "an empty street at night", "an empty street in the rain", "a quiet street in fog", "a blurry image", "a black picture", "an empty room"]


# What each fixed phrase means, for the loss that trains with the product's own question.
MEANING: dict[str, tuple[Clause, ...]] = {
    "person_walking": (Things("person", doing="walking"),),
    "vehicle_stopping": (Things("vehicle", doing="stopped", where="road"),),
    "crowded_scene": (Things("person", "crowd"),),
}


def truth_of(event: str, truth: Truth) -> np.ndarray:
    """[stills] int8: 1 true, 0 false, -1 cannot be decided from one still."""
    return truth.of_all(MEANING[event])
