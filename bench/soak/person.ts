import { Known } from '#test/faults/known.ts'

/** What a message is for, so that no two sessions of an account get into each other's way. */
export type Kind = 'flag' | 'move' | 'remove' | 'pop' | 'plain'
export const kinds: readonly Kind[] = ['flag', 'move', 'remove', 'pop', 'plain']

export type SendState = 'taken' | 'in doubt' | 'refused'

/** One account: what has arrived for it, and what its clients were told. */
export class Person {
  readonly address: string
  readonly known = new Known()
  /** POP3: deleted, and the QUIT was answered with +OK. */
  readonly popped = new Set<string>()
  /** What was sent, by subject: to whom, and what became of it. */
  readonly sends = new Map<string, { to: string; state: SendState }>()
  readonly #delivered = new Map<Kind, string[]>(kinds.map((kind) => [kind, []]))

  constructor(address: string) {
    this.address = address
  }

  deliver(kind: Kind, id: string): void {
    this.delivered(kind).push(id)
  }

  /** Gmail's ids, oldest first. */
  delivered(kind: Kind): string[] {
    return this.#delivered.get(kind) ?? []
  }

  /** One of them. */
  any(kind: Kind): string | undefined {
    const ids = this.delivered(kind)
    return ids[Math.floor(Math.random() * ids.length)]
  }
}
