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
 * Never silent for longer than 10 s: while a command has nothing to say, the client is told that it works. Returns the way
 * to stop. RFC 9585.
 */
export function tellStillWorking(tag: string, progress: Progress, watched: Watched): () => void {
  let before = watched.written()
  const timer = setInterval(() => {
    const now = watched.written()
    if (now === before && watched.mayTell()) watched.tell(inProgress(tag, progress))
    before = watched.written()
  }, lookMs)
  return () => clearInterval(timer)
}

/** The goal is named only when it is known, and only while it is not reached. RFC 9585 section 3. */
export function inProgress(tag: string, { done, total }: Progress): string {
  const count =
    total !== undefined && total > 0 ? `${Math.min(done, total)} ${total}` : `${done > 0 ? done : 'NIL'} NIL`
  return `* OK [INPROGRESS ("${tag}" ${count})] Still working\r\n`
}
