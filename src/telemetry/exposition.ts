/** The metrics in the format that the client accepts: OpenMetrics, which Prometheus prefers, or the older text format. */

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/**
 * prom-client's own switch renames its counters for good, so that the other format would not be available afterwards.
 * @param text in the text format, version 0.0.4
 * @param accept the request's header
 * @returns content type and body
 */
export function exposition(text: string, accept: string): [type: string, body: string] {
  return /\bapplication\/openmetrics-text\b/.test(accept) ? [OPEN_METRICS, toOpenMetrics(text)] : [TEXT, text]
}

/** There a family of counters is called without `_total`, no line is empty, and the end is said. */
function toOpenMetrics(text: string): string {
  const lines = text.split('\n').filter(line => line !== '')
  return [...lines.map(line => line.replace(/^(# (?:HELP|TYPE) \S+)_total /, '$1 ')), '# EOF', ''].join('\n')
}
