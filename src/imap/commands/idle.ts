import { Bell } from '../bell.ts'
import { command } from '../command.ts'
import { tell } from '../notify/tell.ts'
import type { Idling } from '../session-context.ts'

/** Shorter than any client's or router's patience. */
const stillHereMs = 110_000
/** Between two looks while much is going on, so that a first sync does not become a flood of lines. */
const pauseMs = 100

/** Changes are told as they happen, with or without a mailbox selected (aerc). RFC 9051 section 6.3.13. */
export const idle = command<void, Idling>({
  name: 'IDLE',
  rfc: '9051 6.3.13',
  state: 'authenticated',
  dialogue: true,
  parse: (parser) => parser.end(),
  async *run(context) {
    const { selected, feed, clock } = context
    const bell = new Bell<'line' | 'change' | 'quiet'>()
    const line = context.ask('+ idling\r\n')
    const atLine = () => bell.ring('line')
    line.then(atLine, atLine)
    const quiet = setInterval(() => bell.ring('quiet'), stillHereMs)
    let lookedAt = -Infinity
    let pause: NodeJS.Timeout | undefined
    const wake = () => {
      clearTimeout(pause)
      const left = lookedAt + pauseMs - clock.monotonicMs()
      if (left <= 0) bell.ring('change')
      else pause = setTimeout(() => bell.ring('change'), left)
    }
    selected?.onWake(wake)
    feed?.onWake(wake)
    try {
      // What changed before the IDLE is told first; it does not count as a look, so the next change is told at once.
      yield* tell(context, { expunge: true })
      for (;;) {
        if (selected?.gone === true) return undefined
        const heard = await bell.heard()
        if (heard.has('line')) break
        if (heard.has('quiet')) yield '* OK Still here\r\n'
        lookedAt = clock.monotonicMs()
        yield* tell(context, { expunge: true })
      }
    } finally {
      clearInterval(quiet)
      clearTimeout(pause)
      selected?.onWake(undefined)
      feed?.onWake(undefined)
    }
    const said = (await line)?.toString('latin1').trim().toUpperCase()
    if (said === undefined || said === 'DONE') return undefined
    return { status: 'BAD', text: 'IDLE ends with DONE' }
  },
})
