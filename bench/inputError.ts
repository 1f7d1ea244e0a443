/** A mistake in the files or options that a measurement was given: one line, no stack trace. */
export class InputError extends Error {}
