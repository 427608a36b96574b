import type { Command, Completion, CommandState } from '../command.ts'
import { command, onlyEnd } from '../command.ts'
import { readFlags } from '../flag-change.ts'
import type { Parser } from '../parser.ts'

/** Changing mailboxes and moving messages is not possible yet. It is refused, never pretended. */
const refusal: Completion = { status: 'NO', code: 'CANNOT', text: 'Postern cannot do this yet' }

function refused(
  name: string,
  rfc: string,
  state: CommandState,
  parse: (parser: Parser, form: { readonly uid: boolean }) => void,
  traits: Pick<Command<void>, 'uid' | 'takesMessage'> = {},
): Command<void> {
  return command({
    name,
    rfc,
    state,
    ...traits,
    parse,
    run: () => onlyEnd(refusal),
  })
}

export const notYet: readonly Command<void>[] = [
  refused('CREATE', '9051 6.3.4', 'authenticated', (parser) => {
    mailbox(parser)
    if (parser.optionalSpace() && parser.rest > 0) parser.remaining()
    parser.end()
  }),
  refused('DELETE', '9051 6.3.5', 'authenticated', oneMailbox),
  refused('RENAME', '9051 6.3.6', 'authenticated', (parser) => {
    mailbox(parser)
    oneMailbox(parser)
  }),
  refused('SUBSCRIBE', '9051 6.3.7', 'authenticated', oneMailbox),
  refused('UNSUBSCRIBE', '9051 6.3.8', 'authenticated', oneMailbox),
  refused('APPEND', '9051 6.3.12', 'authenticated', appended, { takesMessage: true }),
  refused('COPY', '9051 6.4.7', 'selected', messagesAndMailbox, { uid: true }),
  refused('MOVE', '9051 6.4.8', 'selected', messagesAndMailbox, { uid: true }),
  refused(
    'EXPUNGE',
    '9051 6.4.3',
    'selected',
    (parser, { uid }) => {
      if (uid) {
        parser.space()
        parser.numberSet()
      }
      parser.end()
    },
    { uid: true },
  ),
]

function mailbox(parser: Parser): void {
  parser.space()
  parser.mailboxName()
}

function oneMailbox(parser: Parser): void {
  mailbox(parser)
  parser.end()
}

function messagesAndMailbox(parser: Parser): void {
  parser.space()
  parser.numberSet()
  oneMailbox(parser)
}

// append = "APPEND" SP mailbox 1*append-message
// append-message = [SP flag-list] [SP date-time] SP append-data
function appended(parser: Parser): void {
  mailbox(parser)
  parser.space()
  if (parser.at('(')) {
    readFlags(
      parser,
      parser.list(() => parser.flag()),
    )
    parser.space()
  }
  if (parser.at('"')) {
    parser.string('A date')
    parser.space()
  }
  parser.literal()
  parser.end()
}
