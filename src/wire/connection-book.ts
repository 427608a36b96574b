import type { Interruption } from './connection.ts'

export interface ConnectionLimits {
  readonly total: number
  /** From one address; the machine's own is not limited, all its users share it. */
  readonly perAddress: number
  /** That have logged in to one account. */
  readonly perAccount: number
  /** That have not logged in; the oldest of them makes room. */
  readonly beforeLogin: number
  /** To log in. */
  readonly loginMs: number
  /** A client that takes nothing of what it is sent for so long is dropped. */
  readonly stalledMs: number
}

/** facts/reliability.md section 5. */
export const connectionLimits: ConnectionLimits = {
  total: 200,
  perAddress: 50,
  perAccount: 50,
  beforeLogin: 50,
  loginMs: 60_000,
  stalledMs: 5 * 60_000,
}

/** Who stands in the book. */
export interface Guest {
  readonly remoteAddress: string
  /** Whether it runs on this machine. */
  readonly isLoopback: boolean
  /** Aborted when it is gone. */
  readonly closed: AbortSignal
  /** It is to be told why, and to leave. */
  interrupt(reason: Interruption): void
  /** Cuts the line at once. */
  destroy(): void
}

/** A client that was told to go has so long to do it. */
const leaveMs = 5_000

/** Who is connected, and whether one more has room. One book may serve several listeners. */
export class ConnectionBook<G extends Guest> {
  readonly #limits: ConnectionLimits
  readonly #all = new Set<G>()
  /** Told to go; they count no longer, but are not gone yet. */
  readonly #leaving = new Set<G>()
  readonly #perAddress = new Map<string, number>()
  /** Whose account each is for, since its login. */
  readonly #seats = new Map<G, string>()
  readonly #perAccount = new Map<string, number>()
  /** In order of arrival, each with its time limit. */
  readonly #strangers = new Map<G, NodeJS.Timeout>()

  /** Resolved whenever one is gone. */
  #oneGone = Promise.withResolvers<void>()

  constructor(limits: ConnectionLimits = connectionLimits) {
    this.#limits = limits
  }

  get connections(): ReadonlySet<G> {
    return this.#all
  }

  /** Resolves when nobody is there any more. */
  async emptied(): Promise<void> {
    while (this.#all.size > 0) await this.#oneGone.promise
  }

  /** Enters a connection; false when there is no room. It leaves by itself when it closes. */
  enter(connection: G): boolean {
    const address = connection.remoteAddress
    const count = this.#perAddress.get(address) ?? 0
    if (count >= this.#limits.perAddress && !connection.isLoopback) return false
    if (this.#strangers.size >= this.#limits.beforeLogin) this.#dropOldestStranger()
    if (this.#all.size - this.#leaving.size >= this.#limits.total && !this.#dropOldestStranger()) return false
    this.#all.add(connection)
    this.#perAddress.set(address, count + 1)
    this.#addStranger(connection)
    connection.closed.addEventListener('abort', () => this.#forget(connection))
    return true
  }

  /**
   * Keeps a place for it among those of an account, in place of the one it had; false when there is none left. The place
   * is free again when the connection closes or is for strangers again.
   */
  seat(connection: G, account: string): boolean {
    if (this.#seats.get(connection) === account) return true
    const count = this.#perAccount.get(account) ?? 0
    if (count >= this.#limits.perAccount || !this.#all.has(connection)) return false
    this.unseat(connection)
    this.#seats.set(connection, account)
    this.#perAccount.set(account, count + 1)
    return true
  }

  /** Somebody logged in on it: it counts no longer among the strangers. */
  welcome(connection: G): void {
    clearTimeout(this.#strangers.get(connection))
    this.#strangers.delete(connection)
  }

  /** Whoever had logged in on it left, and another may come: it is a stranger again. */
  estrange(connection: G): void {
    this.unseat(connection)
    if (!this.#all.has(connection) || this.#strangers.has(connection)) return
    if (this.#strangers.size >= this.#limits.beforeLogin) this.#dropOldestStranger()
    this.#addStranger(connection)
  }

  #addStranger(connection: G): void {
    const late = setTimeout(() => this.sendAway(connection, 'login-timeout'), this.#limits.loginMs)
    this.#strangers.set(connection, late)
  }

  #dropOldestStranger(): boolean {
    const oldest = this.#strangers.keys().next().value
    if (oldest === undefined) return false
    this.sendAway(oldest, 'crowded')
    return true
  }

  /** Ends it: kindly at first, since it may be in the middle of a handshake, a login or an answer, where it does not hear. */
  sendAway(connection: G, reason: Interruption): void {
    this.welcome(connection)
    this.unseat(connection)
    this.#leaving.add(connection)
    connection.interrupt(reason)
    const cut = setTimeout(() => connection.destroy(), leaveMs)
    connection.closed.addEventListener('abort', () => clearTimeout(cut))
  }

  #forget(connection: G): void {
    this.welcome(connection)
    this.unseat(connection)
    this.#leaving.delete(connection)
    this.#all.delete(connection)
    const address = connection.remoteAddress
    const count = (this.#perAddress.get(address) ?? 1) - 1
    if (count === 0) this.#perAddress.delete(address)
    else this.#perAddress.set(address, count)
    this.#oneGone.resolve()
    this.#oneGone = Promise.withResolvers()
  }

  /** Gives up the place that it has among those of an account. */
  unseat(connection: G): void {
    const account = this.#seats.get(connection)
    if (account === undefined) return
    this.#seats.delete(connection)
    const count = (this.#perAccount.get(account) ?? 1) - 1
    if (count === 0) this.#perAccount.delete(account)
    else this.#perAccount.set(account, count)
  }
}
