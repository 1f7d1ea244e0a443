/** Advice that the words of a phrase give alone: negation, bare nouns, places. Pure. */

/**
 * Words that deny something. CLIP reads a phrase much like a bag of words: "no helmet" lies next to "a helmet".
 * "an empty street" is fine: images of empty streets have such captions.
 */
const NEGATION =
  /\b(no|not|without|never|none|no(?:body|[- ]one)|nothing|neither|nor|lacks?|lacking|absence of|absent|except|other than|instead of|(?:empty|free|devoid) of|cannot|(?:is|are|was|were|does|do|did|has|have|can|wo)n['’]t)\b/i

/** Signs have such captions, and so do these. */
const NOT_NEGATED =
  /\bno[- ](parking|entry|smoking|stopping|standing|waiting|trespassing|entrance|exit|through|littering|swimming|fishing|dogs) ?(sign|signs|zone|area|symbol)?\b|\bforget[- ]me[- ]nots?\b|\bnot far\b/i

/** @returns the word that denies something; null: none does */
export function negationIn(phrase: string): string | null {
  return NEGATION.exec(phrase.replace(NOT_NEGATED, ' '))?.[0] ?? null
}

/** Single words that need no article: what cannot be counted, plurals without an s, and what describes a scene. */
const NEEDS_NO_ARTICLE = new Set(
  (
    'people men women children police cattle sheep deer geese mice fish fog smoke fire rain snow hail ice mud water steam ' +
    'mist dust traffic rubbish garbage trash litter graffiti furniture luggage baggage equipment darkness daylight sunlight ' +
    'lightning flooding frost grass sand gravel vandalism sunset sunrise night everything dirt oil paint wood glass'
  ).split(' '),
)

/** @returns true for a single countable noun such as "person": the templates make "a photo of person" of it */
export function isBareNoun(phrase: string): boolean {
  const word = phrase.trim().toLowerCase()
  return /^[a-z]+(-[a-z]+)?$/.test(word) && !/[^s]s$|ing$/.test(word) && !NEEDS_NO_ARTICLE.has(word)
}

/** Places that count as one for advice: a phrase that shows one of them shows the place. */
const PLACES: readonly (readonly string[])[] = [
  [
    'road',
    'street',
    'lane',
    'highway',
    'motorway',
    'roadside',
    'kerb',
    'curb',
    'crossing',
    'crosswalk',
    'junction',
    'intersection',
    'roundabout',
    'tarmac',
    'alley',
  ],
  ['pavement', 'sidewalk', 'path', 'footpath', 'walkway', 'trail'],
  ['door', 'doorway', 'doorstep', 'porch', 'entrance', 'doormat', 'threshold'],
  ['gate', 'gateway', 'fence', 'barrier', 'railing'],
  ['garden', 'yard', 'backyard', 'lawn', 'grass', 'flowerbed', 'terrace', 'patio'],
  ['driveway', 'garage', 'carport'],
  ['car park', 'parking lot', 'parking space', 'parking'],
  ['bridge'],
  ['platform', 'station', 'tracks', 'track', 'rails'],
  ['shop', 'store', 'counter', 'checkout', 'shelf', 'shelves', 'aisle', 'till'],
  ['kitchen', 'stove', 'worktop', 'sink'],
  ['room', 'hall', 'hallway', 'corridor', 'office', 'bedroom', 'bathroom', 'stairs', 'staircase', 'floor', 'lobby'],
  ['roof', 'rooftop', 'balcony'],
  ['window', 'windowsill'],
  ['bed', 'cot', 'crib'],
  ['desk', 'table', 'workbench'],
  ['pool', 'pond', 'lake', 'river', 'canal', 'beach', 'sea', 'harbour', 'harbor', 'jetty', 'pier'],
  ['field', 'meadow', 'pasture', 'paddock', 'farmyard', 'barn', 'stable', 'coop'],
  ['forest', 'wood', 'woods', 'tree', 'trees'],
  ['warehouse', 'loading dock', 'loading bay', 'dock', 'ramp', 'factory'],
  ['square', 'plaza', 'market', 'playground', 'park', 'bench'],
  ['construction site', 'building site', 'scaffolding', 'scaffold'],
]

const PREPOSITION =
  /\b(?:at|on|onto|in|into|inside|outside|by|near|beside|behind|under|over|across|along|through|before|beyond|around|next to|in front of|out of)\b/i

/** Numbers of the places that words after a preposition name: "a van at the gate" → that of gates. */
export function placesIn(phrase: string): ReadonlySet<number> {
  const [, ...after] = phrase.toLowerCase().split(PREPOSITION)
  return placesNamed(after.join(' '))
}

/** Numbers of the places that a phrase shows, wherever they stand in it: "a closed gate". */
export function placesNamed(phrase: string): ReadonlySet<number> {
  const text = ` ${phrase.toLowerCase().replace(/[^a-z]+/g, ' ')} `
  return new Set(
    PLACES.flatMap((words, i) =>
      words.some(word => text.includes(` ${word} `) || text.includes(` ${word}s `)) ? [i] : [],
    ),
  )
}

/** The word of a place in a phrase, for a message. */
export function placeWord(phrase: string, place: number): string {
  const text = ` ${phrase.toLowerCase().replace(/[^a-z]+/g, ' ')} `
  return PLACES[place]?.find(word => text.includes(` ${word} `) || text.includes(` ${word}s `)) ?? ''
}
