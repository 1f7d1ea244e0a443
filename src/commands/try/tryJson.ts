/** The result of `try` as JSON: times in seconds since the epoch. */

import { wherePayload } from '../../sinks/eventPayload.ts'
import type { PastMoment } from '../past/pastMoment.ts'
import { limitsOf } from './limitsOf.ts'
import type { Tried } from './tryEvent.ts'

export function tryJson(tried: Tried): string {
  const { asked, threshold, zone, model, range, cameras, watchedMs, thresholds, strongest, nearest, advice } = tried
  const { settings } = asked
  const place = thresholds.findIndex(each => each.threshold === threshold)
  const json = {
    event: asked.name,
    prompts: settings.prompts ?? [],
    negative_prompts: settings.negative_prompts ?? [],
    rule: settings.rule,
    threshold,
    zone,
    model: model.name,
    variant: model.variant,
    from: seconds(range.from),
    to: seconds(range.to),
    watched_seconds: seconds(watchedMs),
    cameras: cameras.map(camera => ({
      camera: camera.camera,
      from: seconds(camera.from),
      to: seconds(camera.to),
      frames: camera.frames,
      watched_seconds: seconds(camera.watchedMs),
      events: camera.events[place]?.length ?? 0,
      highest: camera.highest && { score: round(camera.highest.score), time: seconds(camera.highest.at) },
    })),
    thresholds: thresholds.map(({ threshold: value, releaseThreshold, events, perDay, interval }) => ({
      threshold: value,
      release_threshold: round(releaseThreshold),
      events,
      per_day: perDay === null ? null : round(perDay),
      interval: interval?.map(round) ?? null,
    })),
    strongest: strongest.map(momentJson),
    nearest: nearest.map(momentJson),
    notes: [...tried.notes, ...limitsOf(tried)],
    advice,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function momentJson({ event, isEvent }: PastMoment) {
  return {
    camera: event.camera,
    start_time: seconds(event.startTime),
    end_time: seconds(event.endTime ?? event.frameTime),
    top_time: seconds(event.topTime),
    top_score: round(event.topScore),
    where: event.where && wherePayload(event.where),
    is_event: isEvent,
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
