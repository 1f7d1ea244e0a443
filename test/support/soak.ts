/** How hard a fault test tries: briefly in `npm test`, long in `npm run test:soak`. */

export const isSoak = process.env.WATCHWORD_SOAK === '1'

/** The count or duration for this run. */
export function soak({ fast, long }: { readonly fast: number; readonly long: number }): number {
  return isSoak ? long : fast
}
