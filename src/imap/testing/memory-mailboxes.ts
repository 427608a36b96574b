import { FlagBit } from '#mail/flags.ts'
import { uid } from '#mail/ids.ts'
import type { Mailstore } from '#mail/mailstore.ts'
import { SaveDates } from '#mail/save-dates.ts'
import type { MemoryInside } from './memory-inside.ts'

type Mailboxes = Pick<
  Mailstore,
  'mailboxes' | 'status' | 'open' | 'vanished' | 'saveDates' | 'onStatus' | 'onMailboxes'
>

/** What there is to know of mailboxes, and news of them. */
export function memoryMailboxes(inside: MemoryInside): Mailboxes {
  const { boxes, controls } = inside
  return {
    async mailboxes(signal) {
      inside.check(signal)
      const names = [...boxes.keys()]
      return [...boxes.values()]
        .map(({ mailbox }) => ({
          ...mailbox,
          hasChildren: names.some((name) => name.startsWith(`${mailbox.name}/`)),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    async status(id, signal) {
      inside.check(signal)
      const box = inside.boxOf(id)
      const held = box.rows.map((row) => ({ ...row, ...inside.messageOf(row.key) }))
      return {
        messages: held.length,
        unseen: held.filter(({ bits }) => (bits & FlagBit.seen) === 0).length,
        deleted: held.filter(({ deleted }) => deleted).length,
        uidNext: uid(box.uidNext),
        uidValidity: box.uidValidity,
        highestModSeq: inside.modSeq,
        sizeBytes: held.reduce((sum, { bytes }) => sum + bytes.length, 0),
      }
    },

    async open(id, signal) {
      await controls.openGate?.()
      inside.check(signal)
      const box = inside.boxOf(id)
      return {
        mailbox: box.mailbox,
        snapshot: () => inside.snapshotOf(box),
        onChange(listener) {
          box.listeners.add(listener)
          return () => box.listeners.delete(listener)
        },
        close() {},
      }
    },

    async vanished(id, since) {
      return inside
        .boxOf(id)
        .left.filter((one) => one.modSeq > since)
        .map((one) => one.uid)
        .sort((a, b) => a - b)
    },

    async saveDates(id) {
      const { saved } = inside.boxOf(id)
      return new SaveDates(
        saved.map(({ uid: first }) => first),
        saved.map(({ at }) => at),
      )
    },

    onStatus(listener) {
      inside.statusListeners.add(listener)
      return () => inside.statusListeners.delete(listener)
    },

    onMailboxes(listener) {
      inside.namesListeners.add(listener)
      return () => inside.namesListeners.delete(listener)
    },
  }
}
