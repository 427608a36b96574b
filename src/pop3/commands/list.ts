import { command } from '../command.ts'
import type { Answers } from '../command.ts'
import type { MessageFacts } from '../facts-book.ts'
import type { Maildrop } from '../maildrop.ts'
import type { Inside } from '../session-context.ts'
import type { Arguments } from '../arguments.ts'

/** Lines joined before they go out. */
const linesPerChunk = 1000

/** Scan listings: LIST shows the exact octets of each message as RETR sends it, without the dots that stuffing adds. */
export const list = command<number | undefined, Inside>({
  name: 'LIST',
  rfc: '1939 5',
  state: 'transaction',
  parse: optionalMessage,
  run: ({ maildrop }, number) =>
    listing(
      maildrop,
      number,
      ({ sizeBytes }) => String(sizeBytes),
      () => {
        const { count, sizeBytes } = maildrop.totals()
        return `${count} messages (${sizeBytes} octets)`
      },
    ),
})

/**
 * The unique id of a message is Gmail's own, in the form that Gmail's POP3 has, so that a client that comes from there
 * knows its messages again: the same in every mailbox, session and installation.
 */
export const uidl = command<number | undefined, Inside>({
  name: 'UIDL',
  rfc: '1939 7',
  state: 'transaction',
  parse: optionalMessage,
  run: ({ maildrop }, number) =>
    listing(
      maildrop,
      number,
      ({ messageId }) => `GmailId${messageId}`,
      () => 'Unique ids follow',
    ),
})

function optionalMessage(given: Arguments): number | undefined {
  const number = given.given ? given.message() : undefined
  given.end()
  return number
}

async function* listing(
  maildrop: Maildrop,
  number: number | undefined,
  show: (facts: MessageFacts) => string,
  title: () => string,
): Answers {
  if (number !== undefined) {
    yield `+OK ${number} ${show(maildrop.message(number))}\r\n`
    return
  }
  let text = `+OK ${title()}\r\n`
  let lines = 0
  for (const message of maildrop.listed()) {
    text += `${message.number} ${show(message.facts)}\r\n`
    if (++lines % linesPerChunk !== 0) continue
    yield text
    text = ''
  }
  yield `${text}.\r\n`
}
