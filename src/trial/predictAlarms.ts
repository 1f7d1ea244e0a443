/** How often a threshold will ring in the coming days, from how often it would have rung in the past. */

import { countInterval } from '../scoring/countInterval.ts'
import { DAY_MS, type Level, type TrialPast, type WatchedTime } from './trialTypes.ts'

export interface Prediction {
  /** What the threshold would have reported. */
  readonly alarms: number
  /** Alarms a day in the past. */
  readonly perDay: number
  /** Expected alarms a day in the future: a little more than `perDay`, because what never happened still may. */
  readonly expectedPerDay: number
  /** Alarms a day, averaged over `horizonDays`: 90 of 100 futures that are like the past lie in this interval. */
  readonly interval: { readonly low: number; readonly high: number }
  readonly horizonDays: number
}

/** A week holds working days and a weekend. */
const HORIZON_DAYS = 7

/**
 * How much days differ, before the past shows it: variance of a day's rate as a fraction of its square. One half of a
 * day's rate up or down is usual.
 */
const USUAL = { value: 0.25, deviation: 0.25 }

/** Jeffreys' prior of a rate counts half an alarm more than was seen. */
const UNSEEN = 0.5

/**
 * Counts vary as Poisson's do, and days vary besides, and the rate itself is known only from `days` of the past.
 * @param busier another level of the same past with more alarms, which shows better how much days differ
 */
export function predictAlarms(
  level: Level,
  { past, busier = level, horizonDays = HORIZON_DAYS }: PredictOptions,
): Prediction {
  const rates = past.watched.map(watched => rateOf(level, watched, past.watched.length))
  const perDay = sum(rates.map(({ alarms, days }) => alarms / days))
  const expected = sum(rates.map(({ days, unseen, alarms }) => (alarms + unseen) / days))
  const poisson = sum(rates.map(({ days, unseen, alarms }) => ((alarms + unseen) / days) * (1 + horizonDays / days)))
  // Less than a day has seen the rate of one day.
  const sampled = Math.max(1, Math.min(...rates.map(({ days }) => days)))
  const spread = dayVariance([level, busier], past.watched)
  const variance = horizonDays * (poisson + spread * expected ** 2 * (1 + horizonDays / sampled))
  const { low, high } = countInterval({ mean: expected * horizonDays, variance })
  return {
    alarms: level.alarms.length,
    perDay,
    expectedPerDay: expected,
    interval: { low: low / horizonDays, high: high / horizonDays },
    horizonDays,
  }
}

export interface PredictOptions {
  readonly past: Pick<TrialPast, 'watched'>
  readonly busier?: Level
  readonly horizonDays?: number
}

/** Alarms a day in the past; cameras add up. */
export function alarmsPerDay(level: Level, watched: readonly WatchedTime[]): number {
  return sum(watched.map(each => rateOf(level, each)).map(({ alarms, days }) => alarms / days))
}

/** Days of the camera that was watched longest. */
export function watchedDays(watched: readonly WatchedTime[]): number {
  return Math.max(0, ...watched.map(({ days }) => sum([...days.values()])))
}

/** @param cameras how many share the half alarm that was not seen */
function rateOf({ alarms }: Level, { camera, days }: WatchedTime, cameras = 1) {
  const seen = alarms.filter(alarm => alarm.camera === camera).length
  return { alarms: seen, days: Math.max(sum([...days.values()]), 1 / DAY_MS), unseen: UNSEEN / cameras }
}

/** Method of moments at each level, weighted by how well its counts show it, and shrunk to what is usual. */
function dayVariance(levels: readonly Level[], watched: readonly WatchedTime[]): number {
  const estimates = [...new Set(levels)].flatMap(level => {
    const days = daysOf(level, watched)
    const squares = sum(days.map(({ expected }) => expected ** 2))
    if (days.length < 2 || squares === 0) return []
    const noise = sum(days.map(({ count, expected }) => (count - expected) ** 2 - expected))
    const correction = days.length / (days.length - 1)
    const value = Math.max(0, (noise * correction) / squares)
    const mean = squares / sum(days.map(({ expected }) => expected))
    const weight = ((days.length - 1) / 2) * (mean / (1 + USUAL.value * mean)) ** 2
    return [{ value, weight }]
  })
  const all = [...estimates, { value: USUAL.value, weight: 1 / USUAL.deviation ** 2 }]
  return sum(all.map(({ value, weight }) => value * weight)) / sum(all.map(({ weight }) => weight))
}

/** Alarms of each day, and how many of them its watched time lets expect. */
function daysOf(level: Level, watched: readonly WatchedTime[]) {
  const days = new Map<number, { count: number; expected: number }>()
  const dayOf = (day: number) => {
    const known = days.get(day) ?? { count: 0, expected: 0 }
    days.set(day, known)
    return known
  }
  for (const each of watched) {
    const { alarms, days: length } = rateOf(level, each)
    for (const [day, fraction] of each.days) dayOf(day).expected += (alarms / length) * fraction
  }
  for (const { startTime } of level.alarms) dayOf(Math.floor(startTime / DAY_MS)).count++
  return [...days.values()]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
