import type { Progress } from './command.ts'

/** Looked at so often; a client hears something after twice this time at the latest. */
const lookMs = 4_500

/** What the watch asks and does. */
export interface Watched {
  /** Octets written so far. */
  written(): number
  /** Whether the command is at work, so that a line may be put in. */
  mayTell(): boolean
  tell(line: string): void
}

/**
 * Never silent for longer than 10 s: while a command has nothing to say, the client is told that it works. RFC 9585. One
 * timer serves all commands of a session, and is there only while commands come: most end long before it looks.
 */
export class StillWorking {
  readonly #watched: Watched
  #timer: NodeJS.Timeout | undefined
  #running: { readonly tag: string; readonly progress: Progress } | undefined
  #begun = 0
  /** As of the last look. */
  #begunBefore = 0
  #writtenBefore = 0

  constructor(watched: Watched) {
    this.#watched = watched
  }

  begin(tag: string, progress: Progress): void {
    this.#running = { tag, progress }
    this.#begun++
    this.#timer ??= setInterval(() => this.#look(), lookMs)
  }

  end(): void {
    this.#running = undefined
  }

  /** The session is over. */
  close(): void {
    this.#running = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const sameAsBefore = this.#begun === this.#begunBefore
    this.#begunBefore = this.#begun
    if (this.#running === undefined) {
      if (sameAsBefore) this.close()
      return
    }
    const silent = sameAsBefore && this.#watched.written() === this.#writtenBefore
    if (silent && this.#watched.mayTell())
      this.#watched.tell(inProgress(this.#running.tag, this.#running.progress))
    this.#writtenBefore = this.#watched.written()
  }
}

/** The goal is named only when it is known, and only while it is not reached. RFC 9585 section 3. */
export function inProgress(tag: string, { done, total }: Progress): string {
  const count =
    total !== undefined && total > 0 ? `${Math.min(done, total)} ${total}` : `${done > 0 ? done : 'NIL'} NIL`
  return `* OK [INPROGRESS ("${tag}" ${count})] Still working\r\n`
}
