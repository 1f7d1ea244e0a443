/** Reads one metric from the text format of Prometheus. */

/**
 * Sum of the series whose line matches `labels`; 0 for an empty text.
 * @throws for a metric that the text does not declare, so that a renamed one is noticed
 */
export function metricSum(text: string, name: string, labels = /.*/): number {
  if (text === '') return 0
  const declared = [name, name.replace(/_(count|sum|bucket)$/, '')]
  if (!declared.some(each => text.includes(`# TYPE ${each} `))) throw new Error(`There is no metric ${name}`)
  return text
    .split('\n')
    .filter(line => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && labels.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
