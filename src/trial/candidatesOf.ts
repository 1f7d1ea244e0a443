/** The moments at which an event may have been true: what the lowest threshold would have reported. */

import type { Alarm, Candidate, TrialPast } from './trialTypes.ts'

/** By time of the peak. */
export function candidatesOf({ levels }: TrialPast): readonly Candidate[] {
  const byLevel = levels.map(({ alarms }) => indexOf(alarms))
  const moments = new Map<string, Alarm[]>()
  // A rule may report at a high threshold what it misses at a low one.
  for (const alarms of byLevel)
    for (const [camera, own] of alarms) {
      const known = moments.get(camera) ?? []
      const more = own.filter(alarm => findOverlap(known, alarm) === null)
      if (more.length > 0)
        moments.set(
          camera,
          [...known, ...more].sort((a, b) => a.startTime - b.startTime),
        )
    }
  return [...moments.values()]
    .flat()
    .sort((a, b) => a.topTime - b.topTime)
    .map(moment => ({
      ...moment,
      id: candidateId(moment),
      rings: byLevel.map(alarms => findOverlap(alarms.get(moment.camera) ?? [], moment) !== null),
    }))
}

function candidateId({ camera, topTime }: Pick<Alarm, 'camera' | 'topTime'>): string {
  return `${camera}@${new Date(topTime).toISOString()}`
}

function indexOf(alarms: readonly Alarm[]): Map<string, Alarm[]> {
  const byCamera = new Map<string, Alarm[]>()
  for (const alarm of alarms) {
    const own = byCamera.get(alarm.camera)
    if (own) own.push(alarm)
    else byCamera.set(alarm.camera, [alarm])
  }
  return byCamera
}

/** @param alarms of one camera and one level, by start: they do not overlap one another */
function findOverlap(alarms: readonly Alarm[], { startTime, endTime }: Alarm): Alarm | null {
  let [low, high] = [0, alarms.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((alarms[middle] as Alarm).endTime < startTime) low = middle + 1
    else high = middle
  }
  const alarm = alarms[low]
  return alarm !== undefined && alarm.startTime <= endTime ? alarm : null
}
