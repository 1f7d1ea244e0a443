/** The name of a bank: the camera's for the whole image, with an ending for its crops and for each zone. */

/** @param world `whole`, `crop` or `zone-NAME` */
export function bankKey(camera: string, world: string): string {
  return world === 'whole' ? camera : `${camera}.${world}`
}

/** The camera of a bank, also in the name of its file. Camera names have no dot. */
export function cameraOf(key: string): string {
  const dot = key.indexOf('.')
  return dot < 0 ? key : key.slice(0, dot)
}
