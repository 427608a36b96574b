/**
 * Memory that goes back as soon as nobody needs it, instead of whenever garbage is collected: V8 collects all of it for
 * every few dozen megabytes of new buffers, and reading a mailbox from disk spent half of its time on that.
 *
 * Whoever made octets lends them; who gets them releases them when everything that was made of them has been handed on.
 * A connection holds what it was given until the socket has it. Afterwards the octets have no length any more, so that
 * a mistake shows instead of sending somebody else's mail.
 */
interface Loan {
  holders: number
  readonly takeBack: TakeBack | undefined
}

/** Is given the memory of what was lent, detached from all views that others have of it. */
export type TakeBack = (memory: ArrayBuffer) => void

const loans = new WeakMap<ArrayBufferLike, Loan>()

/**
 * Gives what releases the octets. They must have memory of their own, which is part of no pool and which nobody else will
 * look at. Not to release them is no mistake: then they are garbage as everything else. With `takeBack` the memory serves on.
 */
export function lend(octets: Uint8Array, takeBack?: TakeBack): () => void {
  const loan = { holders: 1, takeBack }
  loans.set(octets.buffer, loan)
  return holderOf(octets.buffer, loan)
}

/** Keeps what is lent until the function that it gives is called. Undefined when there is nothing to be kept. */
export function hold(octets: Uint8Array): (() => void) | undefined {
  const loan = loans.get(octets.buffer)
  if (loan === undefined) return undefined
  loan.holders++
  return holderOf(octets.buffer, loan)
}

/** Whether they were lent and are gone. */
export function areGone(octets: Uint8Array): boolean {
  return octets.length === 0 && (octets.buffer as ArrayBuffer).detached
}

/** Gives memory back at once that nobody else knows of; the same conditions as for `lend`. */
export function discard(octets: Uint8Array): void {
  free(octets.buffer)
}

function holderOf(memory: ArrayBufferLike, loan: Loan): () => void {
  let holds = true
  return () => {
    if (!holds) return
    holds = false
    loan.holders--
    if (loan.holders > 0) return
    loans.delete(memory)
    if (loan.takeBack === undefined) free(memory)
    else if (memory instanceof ArrayBuffer && !memory.detached) loan.takeBack(memory.transfer())
  }
}

function free(memory: ArrayBufferLike): void {
  // What is transferred is detached; nothing is what arrives.
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0)
}
