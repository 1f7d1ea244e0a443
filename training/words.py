"""The words of the captions: how each meaning may be said. Data only."""

KINDS = ["person", "car", "van", "truck", "bus", "bicycle", "dog"]
ACTIONS = ["walking", "standing", "driving", "braking", "stopped", "parked", "riding", "running"]
PLACES = ["road", "pavement", "crossing", "parking", "plaza"]
COLOURS = ["red", "blue", "white", "black", "yellow", "green", "grey", "brown", "orange"]
LIGHTS = ["day", "dusk", "night", "infrared"]
WEATHERS = ["clear", "rain", "fog"]
VIEWS = ["street", "crossing", "plaza"]

# noun → (kinds it covers, singulars, plurals)
NOUNS = {
    "person": (
        ["person"],
        ["a person", "a person", "someone", "a pedestrian", "a pedestrian", "a man", "a woman", "somebody", "a passer-by"],
        ["people", "people", "people", "pedestrians", "persons", "passers-by", "men and women"],
    ),
    "vehicle": (["car", "van", "truck", "bus"], ["a vehicle", "a vehicle", "a motor vehicle"], ["vehicles", "motor vehicles"]),
    "car": (["car"], ["a car", "a car", "a car", "an automobile", "a sedan"], ["cars", "cars", "automobiles"]),
    "van": (["van"], ["a van", "a van", "a delivery van", "a minivan"], ["vans", "delivery vans"]),
    "truck": (["truck"], ["a truck", "a lorry"], ["trucks", "lorries"]),
    "bus": (["bus"], ["a bus", "a bus", "a coach"], ["buses", "coaches"]),
    "bicycle": (
        ["bicycle"],
        ["a cyclist", "a cyclist", "a bicycle", "a bike", "a person on a bicycle", "someone on a bike", "a bicyclist"],
        ["cyclists", "bicycles", "bikes", "people on bicycles"],
    ),
    "dog": (["dog"], ["a dog", "a dog", "a puppy", "a pet dog"], ["dogs"]),
    "animal": (["dog"], ["an animal", "a pet"], ["animals"]),
}

# count → (least, most, ways to say it before a plural)
COUNTS = {
    "one": (1, 1, []),  # said by ONE below
    "two": (2, 2, ["two", "two", "a pair of", "a couple of", "exactly two"]),
    "three": (3, 3, ["three"]),
    "few": (3, 4, ["a few", "a few", "a small number of", "a handful of"]),
    "several": (3, 6, ["several", "some"]),
    "many": (6, 999, ["many", "lots of", "a lot of", "a large number of"]),
    "plural": (2, 999, ["", "", "multiple", "more than one"]),
}
ONE = ["one", "one", "a single", "a lone", "only one", "just one"]

GROUPS = {  # people only
    "group": (4, 6, ["a group of people", "a group of people", "a small group of people", "a gathering of people", "people in a group"]),
    "crowd": (
        6,
        999,
        [
            "a crowd of people", "a crowd of people", "a crowd", "a large crowd", "a dense crowd", "a crowded scene",
            "a crowded place", "a crowded street", "a large group of people", "a big gathering of people", "crowds of people",
            "a street full of people", "a mass of people",
        ],
    ),
}

# action as said → (yes: actions it covers, maybe: actions that leave it open, nouns it fits, ways to say it)
DOINGS = {
    "walking": (["walking"], [], ["person"], ["walking", "walking", "walking", "walking along", "strolling", "on foot", "walking past", "going for a walk"]),
    "standing": (["standing"], [], ["person"], ["standing", "standing", "standing around", "standing still"]),
    "running": (["running"], [], ["person", "dog"], ["running", "running past"]),
    "dogwalk": (["walking", "running"], [], ["dog"], ["walking", "walking along", "trotting"]),
    "driving": (["driving"], ["braking"], ["vehicle", "car", "van", "truck", "bus"], ["driving", "driving", "moving", "driving past", "passing by", "driving down the road", "in motion"]),
    "stopped": (["stopped"], ["braking"], ["vehicle", "car", "van", "truck", "bus"], ["stopped", "stopped", "waiting", "waiting", "standing still", "at a standstill", "that has stopped", "stopping"]),
    "braking": (["braking"], ["stopped"], ["vehicle", "car", "van", "truck", "bus"], ["braking", "slowing down", "stopping"]),
    "parked": (["parked"], [], ["vehicle", "car", "van", "truck", "bus"], ["parked", "parked", "parked and empty"]),
    "riding": (["riding"], [], ["bicycle"], ["riding", "riding past", "riding along", "passing by"]),
}
BEFORE_NOUN = {"parked": ["parked"], "stopped": ["stopped", "waiting", "stationary"], "driving": ["moving", "passing"], "walking": ["walking"], "running": ["running"]}

# place as said → (yes: places it covers, ways to say it)
WHERES = {
    "road": (["road", "crossing"], ["on the road", "on the road", "on the street", "in the road", "in the street", "in the middle of the road"]),
    "pavement": (["pavement"], ["on the pavement", "on the sidewalk", "on the footpath", "beside the road"]),
    "crossing": (["crossing"], ["on the crossing", "on the pedestrian crossing", "on the zebra crossing", "on the crosswalk"]),
    "parking": (["parking"], ["in the parking lot", "in a parking space", "at the kerb", "at the side of the road", "in the car park"]),
    "plaza": (["plaza"], ["on the square", "on the plaza", "in the square"]),
}
CROSSING = ["crossing the road", "crossing the street", "walking across the road", "walking across the street"]

IN_COLOUR = ["in {}", "in {}", "dressed in {}", "wearing {}", "in {} clothes", "with a {} coat"]
COLOUR_WORDS = {colour: [colour] for colour in COLOURS} | {"grey": ["grey", "gray", "silver"], "black": ["black", "black", "dark"]}

# setting → (adverbials, captions of their own)
SETTINGS = {
    "day": (["by day", "in daylight", "during the day", "in the daytime"], ["daylight", "daytime", "a street by day", "a road in daylight", "a bright day"]),
    "dusk": (["at dusk", "in the evening", "at twilight"], ["dusk", "twilight", "a street at dusk", "the evening", "a street in the evening"]),
    "night": (["at night", "at night", "in the dark", "by night", "after dark"], ["night", "darkness", "a dark street", "a street at night", "the night", "a road at night"]),
    "infrared": (["in infrared", "in night vision", "in black and white", "seen in infrared light"], ["an infrared image", "a night vision image", "a black and white image"]),
    "clear": (["in clear weather", "in dry weather"], ["clear weather", "a clear view", "a dry street"]),
    "rain": (["in the rain", "in the rain", "in rainy weather", "in wet weather"], ["rain", "heavy rain", "rain on the lens", "rain on the camera", "rainy weather", "a rainy street", "a wet road"]),
    "fog": (["in fog", "in the fog", "in foggy weather", "in the mist"], ["fog", "thick fog", "mist", "a foggy street", "foggy weather", "a street in the fog"]),
}

# state of the whole scene → ways to say it
STATES = {
    "empty": ["an empty street", "an empty street", "an empty scene", "a deserted street", "an empty place", "nothing happening", "nothing", "an empty street with nobody in it", "a deserted place"],
    "empty_road": ["an empty road", "an empty road", "a road with nothing on it", "a deserted road", "an empty roadway"],
    "empty_square": ["an empty square", "an empty plaza", "a deserted square"],
    "empty_pavement": ["an empty pavement", "an empty sidewalk", "a pavement with nobody on it"],
    "no_people": ["no people", "no people", "nobody", "no one", "nobody in sight", "no person in sight", "a street without people", "no pedestrians", "a scene without people", "nobody there"],
    "no_traffic": ["no traffic", "a road without traffic", "no moving cars", "no cars driving", "a road without cars"],
    "no_vehicles": ["no cars", "no vehicles", "a scene without vehicles", "no vehicle in sight"],
    "only_parked": ["only parked cars", "only a parked car", "just a parked car", "nothing but a parked car", "a parked car and an empty road", "a parked car on an empty street", "parked cars and nobody around"],
    "only_passing": ["cars driving past", "moving traffic", "flowing traffic", "cars passing by without stopping", "only moving cars"],
    "quiet": ["a quiet road", "a quiet street", "a quiet scene", "little going on"],
    "busy": ["a busy street", "a busy road", "a busy scene", "a lot going on", "a busy place"],
    "traffic": ["heavy traffic", "a lot of traffic", "many cars on the road", "a traffic jam"],
    "outdoors": ["a street", "a road", "an outdoor scene", "a view of a street", "the outdoors", "a town"],
    "blurred": ["a blurry image", "a blurred picture", "an out of focus picture", "a very blurry scene", "blur"],
    "covered": ["a black picture", "a covered camera", "a completely dark image", "a blocked camera", "nothing but black"],
}

ABSENT = """a cat;a horse;a cow;a sheep;a bird;a bear;a fish;a boat;a ship;a train;a tram;an airplane;a helicopter;a motorcycle;a tractor;
a tank;a fire;smoke;flames;an explosion;a flood;snow;a snowy street;a beach;the sea;a river;a lake;a forest;a mountain;a desert;a field;
a kitchen;an office;an empty room;a room;a hallway;an empty corridor;a bedroom;a living room;a classroom;a warehouse;a shop;the inside of a store;
an indoor scene;a table;a chair;a bed;a sofa;a computer;a laptop;a phone;a book;a plate of food;a pizza;a cup of coffee;a bottle;a cake;fruit;
a flower;a portrait;a face;a close-up of a hand;a baby;a drawing;a painting;a cartoon;a map;a chart;a document;a page of text;a screenshot;a logo;
a wall;a door;a window;a ceiling;a floor;a staircase;an elevator;a gun;a knife;a fight;a ladder;a package;a suitcase;an umbrella;a ball;
a football match;a concert;a swimming pool;a garden;a swing;a bench;a bridge;a tunnel;a tower;a church;a castle;a factory;a machine;a robot;a spider;
a spider web;an insect;a moth;the moon;the sun;the sky;clouds;stars;a rocket""".replace("\n", "").split(";")

# Words a user may add that no scene can confirm: they must not shake the rest of the phrase.
UNKNOWABLE = """near the gate;at the gate;by the fence;near the house;in front of the building;near the shop;at the entrance;by the door;
in the yard;near the camera;in the distance;on the left;on the right;near the tree;close by;near the garage;in front of the garage;
at the corner;near the station;by the wall;on the driveway;in town;in the city;outside;slowly;quickly;alone;today;here;there;again""".replace("\n", "").split(";")

TEMPLATES = [
    "a security camera image of {}", "a security camera image of {}", "a cctv picture of {}", "cctv footage of {}", "surveillance footage of {}",
    "a photo of {}", "a photo of {}.", "a picture of {}", "an image of {}", "a camera view of {}", "a surveillance camera view of {}",
    "a low quality photo of {}", "a security camera image showing {}", "a video frame showing {}", "{} seen from a security camera",
    "{} on camera", "there is {}", "i see {}", "a scene with {}",
]
