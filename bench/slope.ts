/** Least squares: change of the second number for one of the first. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (place: 0 | 1) => points.reduce((sum, point) => sum + point[place], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const along = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return along / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}
