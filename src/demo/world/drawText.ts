/** A 5x7 bitmap font for the burnt-in line: a fresh machine may have no fonts at all. */

/** Seven rows of five bits, the highest bit at the left. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  0: [14, 17, 19, 21, 25, 17, 14],
  1: [4, 12, 4, 4, 4, 4, 14],
  2: [14, 17, 1, 6, 8, 16, 31],
  3: [14, 17, 1, 6, 1, 17, 14],
  4: [2, 6, 10, 18, 31, 2, 2],
  5: [31, 16, 30, 1, 1, 17, 14],
  6: [6, 8, 16, 30, 17, 17, 14],
  7: [31, 1, 2, 4, 8, 8, 8],
  8: [14, 17, 17, 14, 17, 17, 14],
  9: [14, 17, 17, 15, 1, 2, 12],
  ':': [0, 4, 4, 0, 4, 4, 0],
  '-': [0, 0, 0, 14, 0, 0, 0],
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 14],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 27, 17],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  ' ': [0, 0, 0, 0, 0, 0, 0],
}

const [WHITE, BLACK] = [0xffe8ecec, 0xff181818]

/** Draws lines into an image of one number per pixel: the first at the top left, the second at the top right. */
export function drawText(pixels: Uint32Array, width: number, height: number, lines: readonly string[]): void {
  const dot = Math.max(1, Math.round(height / 260))
  const margin = 4 * dot
  lines.forEach((line, i) => {
    const left = i === 0 ? margin : width - margin - line.length * 6 * dot
    for (const [colour, grow] of [
      [BLACK, 1],
      [WHITE, 0],
    ] as const) {
      for (let c = 0; c < line.length; c++) {
        drawGlyph({ pixels, width, dot, colour, grow }, line[c] ?? ' ', left + c * 6 * dot, margin)
      }
    }
  })
}

interface Pen {
  readonly pixels: Uint32Array
  readonly width: number
  readonly dot: number
  readonly colour: number
  /** Pixels added on every side: the outline. */
  readonly grow: number
}

function drawGlyph(pen: Pen, letter: string, left: number, top: number): void {
  const rows = GLYPHS[letter] ?? GLYPHS[' '] ?? []
  rows.forEach((bits, row) => {
    for (let column = 0; column < 5; column++) {
      if (!(bits & (16 >> column))) continue
      const [x0, y0] = [left + column * pen.dot - pen.grow, top + row * pen.dot - pen.grow]
      const size = pen.dot + 2 * pen.grow
      for (let y = y0; y < y0 + size; y++) {
        for (let x = x0; x < x0 + size; x++) {
          if (x >= 0 && x < pen.width && y >= 0) pen.pixels[y * pen.width + x] = pen.colour
        }
      }
    }
  })
}
