/** The type of one table of error codes. A code that is in no table does not compile. */

/** Code, stable and in kebab-case → what it means, and what the user can do. */
export type ErrorTable = Readonly<Record<string, { readonly meaning: string; readonly remedy: string }>>
