import type { MessageRecord } from '#mail/mailstore.ts'
import { keyAt, type MailboxSnapshot } from '#mail/snapshot.ts'
import { writeDateTime } from '../dates.ts'
import { writeLabels } from '../gmail-labels.ts'
import { gmailNumber } from '../object-ids.ts'
import { noneRecent, withRecent } from '../recent.ts'
import type { Facts, MailboxFacts } from './facts.ts'
import type { PlainName } from './item.ts'

/** The value of an item about the message at an index of the view. */
type PlainText = (index: number, facts: Facts) => string

/** How the value of an item is told: chosen once for all messages of a command. */
export function plainText(
  name: PlainName,
  told: MailboxSnapshot,
  { labels, saved, recent = noneRecent }: MailboxFacts,
): PlainText {
  switch (name) {
    case 'UID':
      return (index) => String(told.uids[index])
    case 'FLAGS':
      return (index) => {
        const { text } = told.flagTable.get(told.flags[index] as number)
        return `(${recent.has(told.uids[index] as number) ? withRecent(text) : text})`
      }
    case 'MODSEQ':
      return (index) => `(${told.modSeqs[index]})`
    case 'X-GM-LABELS':
      return (index) => writeLabels(labels?.of.get(keyAt(told, index)) ?? [], labels?.utf8 === true)
    case 'SAVEDATE':
      return (index) => {
        const at = saved?.of(told.uids[index] as number)
        return at === undefined ? 'NIL' : writeDateTime(at)
      }
    case 'RFC822.SIZE':
      return (_, { message, record }) => String(message?.bytes.length ?? record?.summary.sizeBytes)
    case 'INTERNALDATE':
      return (_, facts) => writeDateTime(recordIn(facts).internalDate)
    case 'ENVELOPE':
      return (_, facts) => recordIn(facts).summary.envelope
    case 'BODY':
      return (_, facts) => recordIn(facts).summary.body
    case 'BODYSTRUCTURE':
      return (_, facts) => recordIn(facts).summary.bodyStructure
    case 'EMAILID':
      return (_, facts) => `(${idsIn(facts).messageId})`
    case 'THREADID':
      return (_, facts) => `(${idsIn(facts).threadId})`
    case 'X-GM-MSGID':
      return (_, facts) => gmailNumber(idsIn(facts).messageId)
    case 'X-GM-THRID':
      return (_, facts) => gmailNumber(idsIn(facts).threadId)
  }
}

function recordIn({ record }: Facts): MessageRecord {
  return record ?? unread()
}

function idsIn({ ids, record }: Facts): NonNullable<Facts['ids']> {
  return ids ?? record ?? unread()
}

function unread(): never {
  throw new Error('Cannot answer an item: the plan did not read what it needs')
}
