import type { ImapLine } from '../imap-line.ts'
import { selected, type Peer } from './peer.ts'

const atOnce = 10

/** Connections in IDLE on INBOX. */
export class Sleepers {
  readonly #lines: readonly ImapLine[]

  private constructor(lines: readonly ImapLine[]) {
    this.#lines = lines
  }

  /** Ten at a time log in. */
  static async lieDown(peer: Peer, count: number): Promise<Sleepers> {
    const lines: ImapLine[] = []
    let left = count
    const worker = async () => {
      while (left-- > 0) {
        const line = await selected(peer)
        await line.idle()
        lines.push(line)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return new Sleepers(lines)
  }

  /** DONE to all at once; milliseconds until all have heard the end. */
  async wake(): Promise<number> {
    const startedAt = performance.now()
    await Promise.all(this.#lines.map(async (line) => line.done()))
    return performance.now() - startedAt
  }

  close(): void {
    for (const line of this.#lines) line.close()
  }
}
