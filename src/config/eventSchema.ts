/** The part of the schema that describes events: phrases, rule, thresholds. */

import { z } from 'zod'
import { displayName } from './displayName.ts'
import { duration } from './units.ts'

/** CLIP reads 77 tokens at most, SigLIP 64: of a longer phrase the end would be cut in any case. */
const LONGEST_PHRASE = 1000
export const phraseSchema = z
  .string()
  .trim()
  .min(1, 'Expected a phrase, got an empty text')
  .max(LONGEST_PHRASE, `Expected a phrase of at most ${LONGEST_PHRASE} characters`)

const RULES = ['present', 'moves', 'stops', 'level', 'loiters', 'leaves'] as const

/** The device classes of Home Assistant's binary sensors that an event in an image can have; none: on and off. */
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

/** Default distance of `release_threshold` below `threshold`. */
const HYSTERESIS = 0.15

function defaultRelease(threshold: number): number {
  return Math.max(0, threshold - HYSTERESIS)
}

/** It follows `threshold` when nothing else is written. */
export function hasDefaultRelease(event: { readonly threshold: number; readonly release_threshold: number }): boolean {
  return event.release_threshold === defaultRelease(event.threshold)
}

export const eventSchema = z
  .strictObject({
    use: z.string().optional().meta({
      description: 'Start from this entry of the prompt library (config/prompts.yaml); other keys override it.',
    }),
    name: displayName().optional().meta({
      description:
        'Name shown in Home Assistant, in any script. Topics and ids keep the key. Default: derived from the key.',
    }),
    device_class: z.enum(DEVICE_CLASSES).optional().meta({
      description: 'Device class of the event’s binary sensor in Home Assistant. Default: occupancy.',
    }),
    icon: z
      .string()
      .regex(/^[a-z0-9]+:[a-z0-9-]+$/, 'Expected an icon such as mdi:walk')
      .optional()
      .meta({ description: 'Icon in Home Assistant, such as mdi:walk. Default: the icon of the device class.' }),
    prompts: z
      .array(phraseSchema)
      .optional()
      .meta({ description: 'Phrases that describe the event. Two to five different phrases make the score steadier.' }),
    negative_prompts: z.array(phraseSchema).optional().meta({
      description:
        'Phrases that describe what the event is mistaken for. Each lowers the score of images that fit it: fewer false alarms, more misses.',
    }),
    levels: z
      .array(phraseSchema)
      .min(2)
      .optional()
      .meta({ description: 'Rule `level`: phrases from none (first) to most (last). More: finer steps.' }),
    zones: z.array(z.string()).min(1, 'Expected at least one zone').optional().meta({
      description:
        'Names of zones. The event counts only there, and only on cameras that have one of them. Default: the whole image, on every camera. See docs/zones.md.',
    }),
    overlap: z.number().gt(0).max(1).default(0.3).meta({
      description:
        'Fraction of a moving object that must lie inside one of the event’s zones for its crop to count. Higher: fewer events from objects at the edge, more misses. Lower: more such events, fewer misses.',
    }),
    rule: z.enum(RULES).default('present').meta({
      description:
        'How scores over time become an event: present, moves, stops, level, loiters or leaves. See docs/events.md.',
    }),
    threshold: z.number().min(0).max(1).default(0.5).meta({
      description: 'The event starts at this smoothed score. Higher: fewer false alarms, more misses.',
    }),
    release_threshold: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({
        description: `The event ends below this score. Higher (closer to \`threshold\`): ends earlier, splits into several events more often. Default: threshold − ${HYSTERESIS}.`,
      }),
    min_on: duration('1s').meta({
      description:
        'The score must stay high for this long before the event starts. Longer: fewer false alarms, later events.',
    }),
    min_off: duration('2s').meta({
      description:
        'The score must stay low for this long before the event ends. Longer: fewer and longer events, later ends.',
    }),
    cooldown: duration('0s').meta({
      description: 'No new event starts for this long after an end. Longer: fewer messages, more missed events.',
    }),
    max_duration: duration('1h').meta({
      description: 'The event ends after this long in any case. Longer: fewer messages from a lasting event.',
    }),
    smoothing: duration('1s').meta({
      description:
        'Time constant of the score smoothing. Longer: steadier scores, later events. 0s: only the median of three.',
    }),
    motion_window: duration('6s').meta({
      description:
        'Rule `moves`: the object counts as moving for this long after the last motion. Rule `stops`: the object must come to rest within this time after motion. Longer: slower objects are detected, with more false alarms.',
    }),
    hold: duration('6s').meta({
      description: 'Rule `leaves`: the event stays on for this long after the object left. Longer: longer events.',
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
        `Expected \`release_threshold\` to be at most \`threshold\` (${event.threshold}), got ${event.release_threshold}`,
      )
    if (event.use !== undefined) return
    if (event.rule === 'level' && event.levels === undefined)
      issue('rule', 'Expected `levels` for rule `level`: at least two phrases from none to most')
    if (event.rule !== 'level' && (event.prompts === undefined || event.prompts.length === 0))
      issue('prompts', 'Expected at least one phrase in `prompts`')
  })
  .transform(event => ({
    ...event,
    release_threshold: event.release_threshold ?? defaultRelease(event.threshold),
  }))
  .meta({ id: 'event', description: 'A named event to watch for.' })

export type EventConfig = z.output<typeof eventSchema>
