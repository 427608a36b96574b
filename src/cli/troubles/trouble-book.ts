import type { Clock } from '#mail/surroundings.ts'

const perAccount = 10
const mostInAll = 100

/** What went wrong, in words for a person. */
export interface Said {
  readonly text: string
  /** The way out. */
  readonly advice: string
  /** More of the last time: which protocol, from where. */
  readonly detail?: string | undefined
}

/** Something that went wrong, with whom and when. */
export interface NotedTrouble extends Said {
  /** The account's number; undefined for what is no single account's. */
  readonly account: number | undefined
  /** Epoch milliseconds, of the last time. */
  readonly at: number
  /** How often, as far back as it is remembered. */
  readonly times: number
}

/** The last troubles, ten for each account and a hundred in all. One that comes again is the same one, counted. */
export class TroubleBook {
  readonly #clock: Clock
  /** Oldest first. */
  #noted: NotedTrouble[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(account: number | undefined, { text, advice, detail }: Said): void {
    const before = this.#noted.find((one) => one.account === account && one.text === text)
    const times = (before?.times ?? 0) + 1
    this.#noted = this.#noted.filter((one) => one !== before)
    const theirs = this.#noted.filter((one) => one.account === account)
    const tooMany = theirs.length >= perAccount ? theirs[0] : undefined
    this.#noted = this.#noted.filter((one) => one !== tooMany).slice(1 - mostInAll)
    this.#noted.push({ account, text, advice, detail, at: this.#clock.now(), times })
  }

  newestFirst(): readonly NotedTrouble[] {
    return this.#noted.toReversed()
  }
}
