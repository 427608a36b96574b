import type { LabelId } from '#mail/ids.ts'
import type { Changeset } from './store.ts'

/** Where a walk may start, because all before it was found done. */
export interface Resume {
  /** A staged row's `n`, or a message's `m`. */
  readonly at: number
  readonly label: LabelId
  /** Walks for a bit: the state of the bit in which a message is done. */
  readonly bit: number
  readonly wanted: number
}

/**
 * Places where walks through a listing go on: the caller asks, commits what it got and asks again, and to begin at the start
 * each time would make the whole quadratic.
 */
export class Resumes {
  readonly #resumes = new Map<string, Resume>()
  #changes = 0

  /** Goes up with every commit that may undo something: a walk that paused meanwhile does not note its place. */
  get changes(): number {
    return this.#changes
  }

  /** Where the walk of this name goes on; undefined for its start. */
  at(name: string): number | undefined {
    return this.#resumes.get(name)?.at
  }

  /** Notes a place, unless something was undone since the walk began, when `changes` was this. */
  note(name: string, resume: Resume, changes: number): void {
    if (changes === this.#changes) this.#resumes.set(name, resume)
  }

  /** Call after every commit: forgets where to go on when something behind that place may be undone. */
  committed({
    leave,
    dropMailboxes,
    forget,
    stage,
    unstage,
    corrections,
    newMessages,
    flags,
  }: Changeset): void {
    const staged = new Set([
      ...[...(stage ?? []), ...(corrections ?? [])].map(({ labelId }) => labelId),
      ...(unstage ?? []),
    ])
    const left = [leave, dropMailboxes, forget].some((list) => list !== undefined && list.length > 0)
    const written = [...(newMessages ?? []), ...(flags ?? [])]
    for (const [name, { label, bit, wanted }] of this.#resumes)
      if (left || staged.has(label) || written.some(({ bits }) => (bits & bit) !== wanted))
        this.#resumes.delete(name)
    if (left || staged.size > 0 || written.length > 0) this.#changes += 1
  }
}
