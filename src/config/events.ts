/** The part of the schema that describes events: words, rule, thresholds. */

import { z } from 'zod'
import { displayName } from './displayName.ts'
import { duration } from './units.ts'

const phrase = z.string().trim().min(1, 'Expected a phrase, got an empty text')

const RULES = ['present', 'moves', 'stops', 'level', 'loiters', 'leaves'] as const

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

/** How far below the threshold an event ends when `release_threshold` does not say. */
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
    negative_prompts: z.array(phrase).optional().meta({
      description: 'Phrases for what it is mistaken for. Each lowers the score of pictures that look like it.',
    }),
    levels: z
      .array(phrase)
      .min(2)
      .optional()
      .meta({ description: 'For rule `level`: phrases from none (first) to most (last).' }),
    rule: z.enum(RULES).default('present').meta({
      description: 'What makes it an event: present, moves, stops, level, loiters, leaves. See docs/events.md.',
    }),
    threshold: z.number().min(0).max(1).default(0.5).meta({
      description: 'Starts above this smoothed score. Higher: fewer false alarms, more misses.',
    }),
    release_threshold: z
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
    motion_window: duration('6s').meta({
      description:
        'Rule `moves`: the object counts as moving for this long after the last motion. Rule `stops`: motion must fall from high to low within this time. Longer: slower stops are found; more false ones.',
    }),
    hold: duration('6s').meta({
      description: 'Rule `leaves`: the event stays on for this long after the object left.',
    }),
    dwell_time: duration('30s').meta({
      description: 'Rule `loiters`: the object must be present for this long. Longer: fewer and later events.',
    }),
  })
  .superRefine((event, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (event.release_threshold !== undefined && event.release_threshold > event.threshold)
      issue(
        'release_threshold',
        `Expected \`release\` to be at most \`threshold\` (${event.threshold}), got ${event.release_threshold}`,
      )
    if (event.use !== undefined) return
    if (event.rule === 'level' && event.levels === undefined)
      issue('rule', 'Expected `levels` for rule `level`: at least two phrases from none to most')
    if (event.rule !== 'level' && (event.prompts === undefined || event.prompts.length === 0))
      issue('prompts', 'Expected at least one phrase in `prompts`')
  })
  .transform(event => ({
    ...event,
    release_threshold: event.release_threshold ?? Math.max(0, event.threshold - HYSTERESIS),
  }))
  .meta({ id: 'event', description: 'Something to watch for.' })

export type EventConfig = z.output<typeof eventSchema>
