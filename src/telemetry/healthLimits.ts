/** Limits of the health checks. */

/** Camera → configured frames a second. */
export type WantedFps = Readonly<Record<string, number>>

export interface HealthLimits {
  readonly wantedFps: WantedFps
  /** Rates are judged over this long, ms. */
  readonly windowMs: number
  /** A camera below this fraction of its configured rate is slow. */
  readonly slowFraction: number
  /** More decode errors a minute are a warning. */
  readonly decodeErrorsPerMinute: number
  /** Event-loop delay p99 in seconds: above the first a warning, above the second critical. */
  readonly eventLoopSeconds: number
  readonly eventLoopStuckSeconds: number
  /** A broker that is unreachable for this long is critical, ms. */
  readonly brokerAwayMs: number
  /** How long a change may wait while the broker is connected, ms: from the first a warning, from the second critical. */
  readonly deliveryWarningMs: number
  readonly deliveryStalledMs: number
  /** Free bytes of a disk: below the first a warning, below the second critical. */
  readonly diskWarningBytes: number
  readonly diskCriticalBytes: number
}

export const DEFAULT_LIMITS: HealthLimits = {
  wantedFps: {},
  windowMs: 60_000,
  slowFraction: 0.5,
  decodeErrorsPerMinute: 60,
  eventLoopSeconds: 0.2,
  eventLoopStuckSeconds: 3,
  brokerAwayMs: 60_000,
  deliveryWarningMs: 60_000,
  deliveryStalledMs: 180_000,
  diskWarningBytes: 500e6,
  diskCriticalBytes: 50e6,
}
