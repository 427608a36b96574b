import { MailError } from '#mail/errors.ts'
import { FlagBit } from '#mail/flags.ts'
import type { MailboxId, MessageKey } from '#mail/ids.ts'
import { delimiter } from '#mail/mailbox.ts'
import type { LabelChange, MailstoreWriting, Transfer } from '#mail/writing.ts'
import type { MemoryInside } from './memory-inside.ts'
import type { Box } from './memory-model.ts'

const appendLimitBytes = 52_428_800

/** The writing half: mailboxes are labels, an expunge takes one away, Trash is the only mailbox of what is in it. */
export function memoryWriting(inside: MemoryInside): MailstoreWriting {
  const { boxes, messages } = inside

  function transfer(
    source: MailboxId,
    keys: readonly MessageKey[],
    target: MailboxId,
    leaves: boolean,
  ): Transfer {
    const [from, to] = [inside.boxOf(source), inside.boxOf(target)]
    const wanted = new Set(keys)
    const there = new Map(to.rows.map((row) => [row.key, row.uid]))
    const transferred = from.rows.filter((row) => wanted.has(row.key))
    const pairs = transferred.map((row) => [row.uid, there.get(row.key) ?? inside.add(to, row.key)] as const)
    if (pairs.length > 0) inside.changed(to)
    const went = new Set(transferred.map((row) => row.key))
    if (to.mailbox.role === 'trash')
      for (const box of boxes.values()) if (box !== to) inside.takeOut(box, (row) => went.has(row.key))
    if (leaves && from !== to) inside.takeOut(from, (row) => went.has(row.key))
    return {
      uidValidity: to.uidValidity,
      from: pairs.map(([uid]) => uid),
      to: pairs.map(([, uid]) => uid),
    }
  }

  function free(name: string): void {
    if (boxes.has(name)) throw new MailError('already-exists', 'There is a mailbox of this name already')
  }

  function own(name: string): Box {
    const box = inside.boxNamed(name)
    if (box.mailbox.role !== undefined) throw new MailError('cannot', "This mailbox is Gmail's own")
    return box
  }

  return {
    appendLimitBytes,

    async copy(source, keys, target, signal) {
      inside.check(signal)
      return transfer(source, keys, target, false)
    },

    async move(source, keys, target, signal) {
      inside.check(signal)
      return transfer(source, keys, target, true)
    },

    async expunge(mailbox, keys, signal) {
      inside.check(signal)
      const wanted = new Set(keys)
      inside.takeOut(inside.boxOf(mailbox), (row) => wanted.has(row.key))
    },

    async append(mailbox, mails, signal) {
      inside.check(signal)
      const box = inside.boxOf(mailbox)
      const uids = mails.map((mail) => {
        const given = inside.add(box, inside.put(mail))
        if ((mail.bits & FlagBit.deleted) !== 0) for (const row of box.rows.slice(-1)) row.deleted = true
        return given
      })
      inside.changed(box)
      return { uidValidity: box.uidValidity, uids }
    },

    async createMailbox(name, role, signal) {
      inside.check(signal)
      const plain = name.endsWith(delimiter) ? name.slice(0, -1) : name
      if (role !== undefined) throw new MailError('cannot', 'Gmail has its own special mailboxes')
      free(plain)
      return inside.addMailbox({ name: plain, subscribed: false }).mailbox
    },

    async deleteMailbox(name, signal) {
      inside.check(signal)
      const box = own(name)
      boxes.delete(name)
      for (const listener of box.listeners) listener('gone')
      inside.renamed()
    },

    async renameMailbox(name, newName, signal) {
      inside.check(signal)
      free(newName)
      const inbox = inside.boxNamed(name)
      if (inbox.mailbox.role === 'inbox') {
        const made = inside.addMailbox({ name: newName })
        transfer(
          inbox.id,
          inbox.rows.map((row) => row.key),
          made.id,
          true,
        )
        return
      }
      own(name)
      for (const [old, box] of boxes.entries().toArray()) {
        if (old !== name && !old.startsWith(name + delimiter)) continue
        const renamed = newName + old.slice(name.length)
        boxes.delete(old)
        box.mailbox = { ...box.mailbox, name: renamed }
        boxes.set(renamed, box)
      }
      inside.renamed()
    },

    async setSubscribed(name, subscribed, signal) {
      inside.check(signal)
      const box = boxes.get(name)
      if (box !== undefined) box.mailbox = { ...box.mailbox, subscribed }
      inside.renamed()
    },

    async labelsOf(mailbox, keys) {
      const found = new Map<MessageKey, string[]>(
        keys.filter((key) => messages.has(key)).map((key) => [key, []]),
      )
      for (const box of boxes.values())
        if (box.id !== mailbox) for (const { key } of box.rows) found.get(key)?.push(labelOf(box))
      return found
    },

    async changeLabels(mailbox, keys, change, signal) {
      inside.check(signal)
      const wanted = new Set(keys)
      for (const box of boxes.values()) relabel(box, box.id === mailbox, wanted, change)
    },
  }

  function relabel(box: Box, isHere: boolean, keys: ReadonlySet<MessageKey>, change: LabelChange): void {
    const named = change.labels.some((label) => label.toLowerCase() === labelOf(box).toLowerCase())
    if (change.mode === 'remove' ? named : change.mode === 'replace' && !named && !isHere)
      inside.takeOut(box, (row) => keys.has(row.key))
    if (change.mode === 'remove' || !named) return
    const held = new Set(box.rows.map((row) => row.key))
    const missing = [...keys].filter((key) => !held.has(key))
    for (const key of missing) inside.add(box, key)
    if (missing.length > 0) inside.changed(box)
  }
}

/** As X-GM-LABELS calls it. */
function labelOf({ mailbox: { name, role } }: Box): string {
  const words = new Map([
    ['inbox', '\\Inbox'],
    ['flagged', '\\Starred'],
    ['junk', '\\Spam'],
    ['trash', '\\Trash'],
    ['sent', '\\Sent'],
    ['drafts', '\\Draft'],
    ['important', '\\Important'],
  ])
  return words.get(role ?? '') ?? name
}
