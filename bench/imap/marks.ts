import type { ImapLine } from '../imap-line.ts'

const batch = 1000

/** Which messages have a flag, by their number: three of four are read, one of twenty is flagged. */
const marks = [
  { flag: '\\Seen', holds: (number: number) => number % 4 !== 0 },
  { flag: '\\Flagged', holds: (number: number) => number % 20 === 7 },
]

/** Gives the messages of INBOX the flags that every measurement expects, and takes away others. */
export async function mark(line: ImapLine, messages: number): Promise<void> {
  for (const { flag, holds } of marks)
    for (let first = 1; first <= messages; first += batch) {
      const last = Math.min(messages, first + batch - 1)
      await line.ok(`STORE ${numbers(first, last, holds)} +FLAGS.SILENT (${flag})`)
      await line.ok(`STORE ${numbers(first, last, (number) => !holds(number))} -FLAGS.SILENT (${flag})`)
    }
}

/** As a sequence set, short ranges joined. */
function numbers(first: number, last: number, holds: (number: number) => boolean): string {
  const ranges: string[] = []
  for (let at = first; at <= last; at++) {
    if (!holds(at)) continue
    const from = at
    while (at < last && holds(at + 1)) at++
    ranges.push(from === at ? String(at) : `${from}:${at}`)
  }
  return ranges.join(',')
}
