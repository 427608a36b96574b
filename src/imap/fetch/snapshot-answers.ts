import type { MailboxSnapshot } from '#mail/snapshot.ts'
import type { Batch } from '../batch.ts'
import type { FetchItem } from './item.ts'

type Column = 'uid' | 'flags' | 'modseq'

/**
 * Writes answers that the view alone holds, such as ten thousand FLAGS: numbers and ready-made octets, no string and no
 * object per message. Other items must not be among them, but a lazy PREVIEW may.
 */
export class SnapshotAnswers {
  readonly #batch: Batch
  readonly #told: MailboxSnapshot
  /** What stands before each column, and after the last. */
  readonly #before: readonly Buffer[]
  readonly #columns: readonly Column[]
  readonly #flagTexts: (Buffer | undefined)[]

  constructor(batch: Batch, told: MailboxSnapshot, items: readonly FetchItem[]) {
    this.#batch = batch
    this.#told = told
    this.#flagTexts = Array.from({ length: told.flagTable.size })
    const before: Buffer[] = []
    const columns: Column[] = []
    let text = ' FETCH ('
    for (const [i, { label }] of items.entries()) {
      if (i > 0) text += ' '
      const column = columnOf(label)
      if (column === undefined) text += `${label} NIL`
      else {
        before.push(Buffer.from(`${text}${label} ${column === 'uid' ? '' : '('}`, 'latin1'))
        columns.push(column)
        text = column === 'uid' ? '' : ')'
      }
    }
    this.#before = [...before, Buffer.from(`${text})\r\n`, 'latin1')]
    this.#columns = columns
  }

  /** One answer, about the message at this index of the view. */
  write(index: number): void {
    const batch = this.#batch
    const columns = this.#columns
    const before = this.#before
    batch.octets(star)
    batch.number(index + 1)
    for (let i = 0; i < columns.length; i++) {
      batch.octets(before[i] as Buffer)
      switch (columns[i]) {
        case 'uid':
          batch.number(this.#told.uids[index] as number)
          break
        case 'flags':
          batch.octets(this.#flagText(this.#told.flags[index] as number))
          break
        default:
          batch.number(this.#told.modSeqs[index] as number)
      }
    }
    batch.octets(before[columns.length] as Buffer)
  }

  #flagText(set: number): Buffer {
    return (this.#flagTexts[set] ??= Buffer.from(this.#told.flagTable.get(set).text, 'latin1'))
  }
}

const star = Buffer.from('* ')

function columnOf(label: string): Column | undefined {
  switch (label) {
    case 'UID':
      return 'uid'
    case 'FLAGS':
      return 'flags'
    case 'MODSEQ':
      return 'modseq'
    default:
      return undefined
  }
}
