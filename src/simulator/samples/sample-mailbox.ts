import type { SampleMessage } from './composition.ts'
import { lifeMail } from './life.ts'
import { listMail, unwantedMail } from './lists.ts'
import { workMail } from './work.ts'

export type { SampleMessage } from './composition.ts'

/**
 * A mailbox worth looking at, oldest message first: threads, newsletters, attachments, many charsets, nested labels.
 * The same `now` (epoch milliseconds) and address give the same octets.
 */
export function sampleMailbox(now: number, address = 'robin@example.org'): SampleMessage[] {
  const setting = { now, me: `Robin Demo <${address}>` }
  const all = [...workMail(setting), ...lifeMail(setting), ...listMail(setting), ...unwantedMail(setting)]
  return all.sort((a, b) => a.internalDate - b.internalDate)
}
