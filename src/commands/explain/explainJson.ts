/** The JSON of `explain`: times in seconds, numbers as they were computed. */

import type { TraceRow } from '../../history/eventTrace.ts'
import { eventPayload } from '../../sinks/eventPayload.ts'
import type { Explanation } from './explanation.ts'

export function explainJson({ rule, model, state, rows, moment, thinned, ...rest }: Explanation): unknown {
  return {
    ...rest,
    rule: rule.rule,
    threshold: rule.threshold,
    release_threshold: rule.releaseThreshold,
    model: { sha256: model.sha256, variant: model.variant },
    state: state && eventPayload(state),
    moment: moment && {
      ...rowJson(moment.row),
      for: moment.phrases?.for ?? null,
      against: moment.phrases?.against ?? null,
    },
    frames_left_out: thinned,
    frames: rows.map(rowJson),
  }
}

function rowJson({ at, aboveQuiet, logOdds, box, logits: _, ...row }: TraceRow) {
  return {
    time: at / 1000,
    ...row,
    above_quiet: aboveQuiet,
    log_odds: logOdds,
    box: box && [box.x, box.y, box.width, box.height],
  }
}
