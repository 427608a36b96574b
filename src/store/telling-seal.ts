import type { Seal } from '#mail/surroundings.ts'
import { SealError } from '#mail/surroundings.ts'
import { StoreError } from './store.ts'

/**
 * A seal whose fault is told as StoreError `damaged`, in the words of `sentence`: the key was proved right when the store was
 * opened.
 */
export function tellingSeal(seal: Seal, sentence: string): Seal {
  function told(open: () => Buffer): Buffer {
    try {
      return open()
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      throw new StoreError('damaged', sentence, { cause: error })
    }
  }
  return {
    seal: (plain, purpose) => seal.seal(plain, purpose),
    open: (sealed, purpose) => told(() => seal.open(sealed, purpose)),
    openInto: (sealed, purpose, room) => told(() => seal.openInto(sealed, purpose, room)),
  }
}
