/** The health checks together: the answer to `health_check`, and what `bridge/health` says. */

/** @param health checks `check/subject` → ok, warning or critical */
export function healthOf(healthChecks: Readonly<Record<string, string>>) {
  return { healthy: !Object.values(healthChecks).includes('critical'), healthChecks }
}
