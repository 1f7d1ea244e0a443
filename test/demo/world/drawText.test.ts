import { describe, expect, test } from 'vitest'
import { drawText } from '../../../src/demo/world/drawText.ts'

const [WIDTH, HEIGHT] = [120, 90]

/** The picture's first rows with light pixels as #. */
function print(lines: readonly string[], rows: number): string[] {
  const pixels = new Uint32Array(WIDTH * HEIGHT)
  drawText(pixels, WIDTH, HEIGHT, lines)
  return Array.from({ length: rows }, (_, y) =>
    Array.from(pixels.subarray(y * WIDTH, (y + 1) * WIDTH), value => ((value & 255) > 128 ? '#' : ' ')).join(''),
  )
}

describe('drawText', () => {
  test('burns letters in, readable by eye', () => {
    expect(print(['A1'], 12).map(row => row.trimEnd())).toEqual([
      '',
      '',
      '',
      '',
      '     ###    #',
      '    #   #  ##',
      '    #   #   #',
      '    #####   #',
      '    #   #   #',
      '    #   #   #',
      '    #   #  ###',
      '',
    ])
  })

  test('the second line ends at the right margin', () => {
    const rows = print(['', 'H'], 11)
    expect(rows[4]?.lastIndexOf('#')).toBe(WIDTH - 4 - 2)
  })

  test('letters have a dark outline on a light image', () => {
    const pixels = new Uint32Array(WIDTH * HEIGHT).fill(0xffffffff)
    drawText(pixels, WIDTH, HEIGHT, ['I'])
    expect((pixels[4 * WIDTH + 4] as number) & 255).toBeLessThan(64)
  })
})
