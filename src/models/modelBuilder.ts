/** Exports checkpoints and makes variants, for `resolveModel`. */

export interface ModelBuilder {
  /** Writes model.json, tokenizer files, text.onnx, vision.fp32.onnx and fp32.json into an empty directory. */
  exportModel(checkpointDir: string, modelDir: string): Promise<unknown>
  /** Writes vision.<variant>.onnx and its card into a model directory, the card last. */
  makeVariant(modelDir: string, variant: string): Promise<unknown>
}
