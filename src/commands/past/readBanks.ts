/** Reads what a camera's own images taught: its stored banks under one model and variant. */

import { bankFolder } from '../../bank/bankFolder.ts'
import { bankKey } from '../../bank/bankKey.ts'
import type { Reservoir } from '../../bank/reservoir.ts'
import type { BankModel } from '../../bank/storedBank.ts'

export interface BankPlace {
  readonly dataDir: string
  readonly model: BankModel
  /** Called with a sentence for people. */
  readonly onStep: (sentence: string) => void
}

/**
 * @param worlds `whole`, `crop`, `zone-NAME`
 * @returns world → its bank; without those that do not exist
 */
export async function readBanks(
  camera: string,
  worlds: readonly string[],
  { dataDir, model, onStep }: BankPlace,
): Promise<ReadonlyMap<string, Reservoir>> {
  const folder = bankFolder(dataDir)
  const banks = new Map<string, Reservoir>()
  for (const world of worlds) {
    const bank = await folder.read(bankKey(camera, world), model, ({ path, reason }) =>
      onStep(`Cannot use ${path}: ${reason}`),
    )
    if (bank !== null) banks.set(world, bank.reservoir)
  }
  return banks
}
