/** What to know about the bundled model, where events make no sense. */

const NOTE = `The bundled model knows only the synthetic scenes of the demo: its events on real footage are meaningless.
  Download another model once with \`watchword models pull clip-vit-b-32-256-datacomp\`, then add \`--model clip-vit-b-32-256-datacomp\`.`

/** Null for any other model. */
export function bundledNote(model: string): string | null {
  return model === 'demo' ? NOTE : null
}
