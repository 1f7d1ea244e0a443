/** Whether an MP4 file ends before its own boxes do. ffmpeg reads such a file to where it ends and mostly says nothing. */

import { type FileHandle, open, stat } from 'node:fs/promises'

/** Size and type, and the size in eight bytes where four are too few (ISO/IEC 14496-12, 4.2). */
const HEADER = 16

/** False for what is no MP4 or MOV, and for a last box that runs to wherever the file ends. */
export async function isCutOff(path: string): Promise<boolean> {
  const info = await stat(path)
  if (!info.isFile()) return false
  const { size } = info
  const file = await open(path)
  try {
    let offset = 0
    while (offset + 8 <= size) {
      const box = await readBox(file, offset)
      const isMp4 = offset > 0 || box.type === 'ftyp'
      if (!isMp4 || box.size < 8) return false
      offset += box.size
    }
    return offset > size
  } finally {
    await file.close()
  }
}

/** A size of 0 means: to the end of the file. */
async function readBox(file: FileHandle, offset: number): Promise<{ size: number; type: string }> {
  const { buffer } = await file.read(Buffer.alloc(HEADER), 0, HEADER, offset)
  const size = buffer.readUInt32BE(0)
  return { size: size === 1 ? Number(buffer.readBigUInt64BE(8)) : size, type: buffer.toString('latin1', 4, 8) }
}
