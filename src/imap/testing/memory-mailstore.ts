import type { MessageKey, Uid } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { applyFlags, memoryFlags, splitFlags } from './memory-flags.ts'
import { MemoryInside } from './memory-inside.ts'
import { memoryMailboxes } from './memory-mailboxes.ts'
import type { MemoryControls, MemoryMailbox, MemoryMessage } from './memory-model.ts'
import { memoryReading } from './memory-reading.ts'
import { memoryWriting } from './memory-writing.ts'

export type { MemoryMailbox, MemoryMessage } from './memory-model.ts'

/** What happens to a mailstore in memory by other hands, and what it holds. */
interface OtherHands {
  deliver(mailbox: string, message: MemoryMessage): Uid
  remove(mailbox: string, uid: number): void
  /** What another client does to flags. */
  setFlags(mailbox: string, uid: number, flags: readonly string[]): void
  keyOf(mailbox: string, uid: number): MessageKey
  uidsOf(mailbox: string): readonly number[]
  flagsOf(mailbox: string, uid: number): string
  /** The records are read again, through `gate`, when somebody wants them. */
  forget(): void
  addMailbox(mailbox: MemoryMailbox): void
  /** The mailbox ceases to exist for whoever has it open. */
  removeMailbox(name: string): void
}

/** What a mailstore of this kind can do beside what the front doors see. */
export interface MemoryMailstore extends Omit<Mailstore, 'alert'>, MemoryControls, OtherHands {}

/** A whole mailstore in memory: the second implementation of `Mailstore`, for tests and measurements. */
export function createMemoryMailstore(options: {
  address: string
  mailboxes: readonly MemoryMailbox[]
}): MemoryMailstore {
  const controls: MemoryControls = {
    alert: undefined,
    pokes: 0,
    attached: 0,
    bodiesRead: [],
    gate: undefined,
    openGate: undefined,
    trouble: undefined,
  }
  const inside = new MemoryInside(controls)
  for (const mailbox of options.mailboxes) inside.addMailbox(mailbox)
  for (const mailbox of options.mailboxes)
    for (const message of mailbox.messages ?? []) inside.deliver(mailbox.name, message, false)
  return Object.assign(
    controls,
    { address: options.address, flagTable: inside.flagTable },
    memoryMailboxes(inside),
    memoryReading(inside),
    memoryFlags(inside),
    memoryWriting(inside),
    attendance(controls),
    otherHands(inside),
  )
}

function attendance(controls: MemoryControls): Pick<Mailstore, 'poke' | 'fresh' | 'attach'> {
  return {
    poke() {
      controls.pokes++
    },

    async fresh() {},

    attach() {
      controls.attached++
      return () => {
        controls.attached--
      }
    },
  }
}

function otherHands(inside: MemoryInside): OtherHands {
  function keyOf(name: string, wanted: number): MessageKey {
    const row = inside.boxNamed(name).rows.find((one) => one.uid === wanted)
    if (row === undefined) throw new RangeError(`Cannot find UID ${wanted}`)
    return row.key
  }

  return {
    keyOf,

    deliver: (name, message) => inside.deliver(name, message, true),

    remove(name, wanted) {
      const box = inside.boxNamed(name)
      if (!box.rows.some((row) => row.uid === wanted))
        throw new RangeError(`Cannot remove UID ${wanted}: it is not there`)
      inside.takeOut(box, (row) => row.uid === wanted)
    },

    setFlags(name, wanted, flags) {
      const change = { mode: 'replace', ...splitFlags(flags) } as const
      applyFlags(inside, inside.boxNamed(name), new Set([keyOf(name, wanted)]), change)
    },

    uidsOf: (name) => inside.boxNamed(name).rows.map((row) => row.uid),

    flagsOf(name, wanted) {
      const { uids, flags } = inside.snapshotOf(inside.boxNamed(name))
      return inside.flagTable.get(flags[uids.indexOf(wanted)] ?? -1).text
    },

    forget() {
      for (const key of inside.messages.keys()) inside.unread.add(key)
      inside.findings.clear()
    },

    addMailbox(mailbox) {
      inside.addMailbox(mailbox)
      for (const message of mailbox.messages ?? []) inside.deliver(mailbox.name, message, false)
    },

    removeMailbox(name) {
      const box = inside.boxNamed(name)
      inside.boxes.delete(name)
      for (const listener of box.listeners) listener('gone')
      inside.renamed()
    },
  }
}
