/** All dashboards, and the metrics that none of them shows. */

import type { Dashboard } from './panel.ts'
import { CAMERAS } from './panels/camera.ts'
import { DELIVERY } from './panels/delivery.ts'
import { MODELS } from './panels/models.ts'
import { OVERVIEW } from './panels/overview.ts'

export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, MODELS, CAMERAS, DELIVERY]

/** Metrics that are exported and deliberately not shown: a pattern, and the reason. */
export const NOT_SHOWN: readonly { readonly metrics: RegExp; readonly why: string }[] = [
  {
    metrics: /^(nodejs|process)_(?!eventloop_lag_p99_seconds$)/,
    why: 'prom-client’s default metrics of the Node process: the stock Node dashboards show them all, Overview the few that matter here.',
  },
]
