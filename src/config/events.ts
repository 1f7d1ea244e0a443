/** The part of the schema that describes events: words, rule, thresholds. */

import { z } from 'zod'
import { displayName } from './displayName.ts'
import { duration } from './units.ts'

const phrase = z.string().trim().min(1, 'Expected a phrase, got an empty text')

const RULES = ['present', 'moves', 'stops', 'level', 'lingers', 'leaves'] as const

/** Those of Home Assistant's binary sensors that an event in a picture can be; none: on and off. */
const DEVICE_CLASSES = [
  'none',
  'carbon_monoxide',
  'door',
  'garage_door',
  'gas',
  'heat',
  'light',
  'lock',
  'moisture',
  'motion',
  'moving',
  'occupancy',
  'opening',
  'presence',
  'problem',
  'running',
  'safety',
  'smoke',
  'sound',
  'tamper',
  'vibration',
  'window',
] as const

/** How far below the threshold an event ends when `release` does not say. */
const HYSTERESIS = 0.15

export const eventSchema = z
  .strictObject({
    use: z.string().optional().meta({
      description: 'Start from this entry of the prompt library (config/prompts.yaml); other keys override it.',
    }),
    name: displayName().optional().meta({
      description: 'Shown in Home Assistant, in any script. Topics and ids keep the key. Default: made of the key.',
    }),
    device_class: z.enum(DEVICE_CLASSES).optional().meta({
      description: 'Device class of its binary sensor in Home Assistant. Default: occupancy.',
    }),
    icon: z
      .string()
      .regex(/^[a-z0-9]+:[a-z0-9-]+$/, 'Expected an icon such as mdi:walk')
      .optional()
      .meta({ description: 'Its icon in Home Assistant, such as mdi:walk. Default: that of the device class.' }),
    prompts: z
      .array(phrase)
      .optional()
      .meta({ description: 'Phrases that say what it is. Two to five different ones steady the score.' }),
    against: z.array(phrase).optional().meta({
      description: 'Phrases for what it is mistaken for. Each lowers the score of pictures that look like it.',
    }),
    grades: z
      .array(phrase)
      .min(2)
      .optional()
      .meta({ description: 'For rule `level`: phrases from none (first) to most (last).' }),
    rule: z.enum(RULES).default('present').meta({
      description: 'What makes it an event: present, moves, stops, level, lingers, leaves. See docs/events.md.',
    }),
    threshold: z.number().min(0).max(1).default(0.5).meta({
      description: 'Starts above this smoothed score. Higher: fewer false alarms, more misses.',
    }),
    release: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({
        description: `Ends below this score. Closer to \`threshold\`: ends sooner, flickers more. Default: threshold − ${HYSTERESIS}.`,
      }),
    min_on: duration('1s').meta({
      description: 'The score must hold this long before it starts. Longer: later, calmer.',
    }),
    min_off: duration('2s').meta({
      description: 'The score must be gone this long before it ends. Longer: fewer, longer events.',
    }),
    cooldown: duration('0s').meta({ description: 'No new event this long after an end.' }),
    max_duration: duration('1h').meta({ description: 'Ends anyway after this long.' }),
    smoothing: duration('1s').meta({
      description: 'Time constant of the score smoothing. Longer: calmer and later; 0s: none.',
    }),
    window: duration('6s').meta({
      description:
        'Rule `moves`: so long after the last motion it still moves. Rule `stops`: motion must fall from high to low within this time. Rule `leaves`: it is an event for so long after it is certain.',
    }),
    linger: duration('30s').meta({ description: 'Rule `lingers`: must be present this long.' }),
  })
  .superRefine((event, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (event.release !== undefined && event.release > event.threshold)
      issue('release', `Expected \`release\` to be at most \`threshold\` (${event.threshold}), got ${event.release}`)
    if (event.use !== undefined) return
    if (event.rule === 'level' && event.grades === undefined)
      issue('rule', 'Expected `grades` for rule `level`: at least two phrases from none to most')
    if (event.rule !== 'level' && (event.prompts === undefined || event.prompts.length === 0))
      issue('prompts', 'Expected at least one phrase in `prompts`')
  })
  .transform(event => ({ ...event, release: event.release ?? Math.max(0, event.threshold - HYSTERESIS) }))
  .meta({ id: 'event', description: 'Something to watch for.' })

export type EventConfig = z.output<typeof eventSchema>
