/** A mistake in the files or options that a measurement or a test reads: one line, no stack trace. */
export class InputError extends Error {}
