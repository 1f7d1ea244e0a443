/** The type of one table of error codes. A code that is in no table does not compile. */

/** Code, stable and in kebab-case → its meaning, and the remedy for the user. */
export type ErrorTable = Readonly<Record<string, { readonly meaning: string; readonly remedy: string }>>
