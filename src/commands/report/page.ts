/** One self-contained, printable HTML page with inline styles, in the light or dark theme of the reader's system. */

import { escapeHtml } from './charts.ts'
import type { Column } from './table.ts'

export interface PageOptions {
  readonly title: string
  /** One line below the title. */
  readonly subtitle: string
  /** Trusted HTML, one per section. */
  readonly sections: readonly string[]
}

export function page({ title, subtitle, sections }: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p></header>
${sections.join('\n')}
</main>
</body>
</html>
`
}

export function section(title: string, ...content: readonly string[]): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${content.join('\n')}\n</section>`
}

/** @param mark a class for a row, '' for none */
export function htmlTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  mark: (row: Row) => string = () => '',
): string {
  const side = ({ align }: Column<Row>) => (align === 'left' ? ' class="left"' : '')
  const head = columns.map(column => `<th${side(column)}>${escapeHtml(column.title)}</th>`).join('')
  const body = rows.map(row => {
    const cells = columns.map(column => `<td${side(column)}>${escapeHtml(column.cell(row))}</td>`).join('')
    return `<tr class="${escapeHtml(mark(row))}">${cells}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`
}

export function notes(lines: readonly string[]): string {
  return lines.length === 0
    ? ''
    : `<ul class="notes">${lines.map(line => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`
}

const STYLE = `
:root { color-scheme: light dark; --paper: #f7f6f3; --card: #fff; --ink: #1d2430; --faint: #6a7180; --line: #dcdad3; --bar: #3b6ea5; --first: #a3abb8; --bad: #b3372a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1c2027; --ink: #e6e8ec; --faint: #98a0ae; --line: #323842; --bar: #6ea3dd; --first: #59616e; --bad: #ef8375; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { margin: 0; font-size: 26px; letter-spacing: -0.01em; }
header p { margin: 4px 0 0; color: var(--faint); }
section { margin-top: 36px; }
h2 { margin: 0 0 12px; font-size: 17px; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 9px; text-align: right; white-space: nowrap; }
th { color: var(--faint); font-weight: 500; border-bottom: 1px solid var(--line); }
tr + tr td { border-top: 1px solid var(--line); }
.left { text-align: left; }
td.left:first-child { font-weight: 600; }
tr.refused td { color: var(--bad); }
.notes { margin: 12px 0 0; padding-left: 18px; color: var(--faint); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { margin-bottom: 8px; color: var(--faint); font-size: 13px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); dominant-baseline: middle; }
svg .value, svg .axis { fill: var(--faint); font-size: 12px; }
.bar, .dot { fill: var(--bar); } .bar.first, .dot.first { fill: var(--first); }
.spread { stroke: var(--ink); stroke-width: 2; } .grid { stroke: var(--line); }
.events { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 16px; }
.event { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.event img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: var(--line); }
.event div { padding: 10px 12px; } .event b { display: block; } .event span { color: var(--faint); font-size: 13px; }
.spark { height: 36px; } .spark polyline { fill: none; stroke: var(--bar); stroke-width: 2; vector-effect: non-scaling-stroke; }
.curve { fill: none; stroke-width: 2; } .curve0, .key0 { stroke: var(--bar); } .curve1, .key1 { stroke: var(--bad); stroke-dasharray: 6 3; } .curve2, .key2 { stroke: var(--first); } .curve3, .key3 { stroke: var(--ink); stroke-dasharray: 2 3; }
.point { fill: var(--card); stroke: var(--faint); } .point.now { fill: var(--ink); stroke: var(--ink); }
.wide { margin-bottom: 16px; } .truth { fill: var(--first); } .hit { fill: var(--bar); } .miss { fill: none; stroke: var(--bad); stroke-width: 1.5; } .alarm { fill: var(--bad); } .partial { fill: var(--bar); opacity: 0.4; } .unsure { fill: var(--line); }
.event .at { position: relative; padding: 0; line-height: 0; } .at img { aspect-ratio: auto; } .at i { position: absolute; border: 2px solid var(--bad); }
@media print { body { background: #fff; } figure, .event { break-inside: avoid; } }
`
