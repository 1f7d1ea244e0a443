/** A part of the error codes. A code that is in no part does not compile. */

/** Code, stable and in kebab-case → what it means, and what the user can do. */
export type ErrorTable = Readonly<Record<string, { readonly meaning: string; readonly remedy: string }>>
