import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlagTable } from '#mail/flags.ts'
import type { MailboxId, MessageKey, ModSeq, Uid } from '#mail/ids.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'
import { Places } from './places.ts'

function toldOf(...keys: number[]): MailboxSnapshot {
  return {
    mailbox: 1 as MailboxId,
    uidValidity: 1,
    uidNext: (keys.length + 1) as Uid,
    highestModSeq: 1 as ModSeq,
    uids: Uint32Array.from(keys, (_, i) => i + 1),
    keys: Uint32Array.from(keys),
    flags: new Uint32Array(keys.length),
    modSeqs: new Float64Array(keys.length),
    flagTable: new FlagTable(),
  }
}

for (const [name, keys] of [
  ['in the order of arrival', [3, 5, 9, 11]],
  ['in another order', [9, 3, 11, 5]],
  ['twice', [5, 9, 5, 3, 5]],
] as const)
  for (const order of ['first to last', 'last to first'] as const)
    test(`messages that are in the view ${name} are found ${order}`, () => {
      const places = new Places(toldOf(1, ...keys, 2), [1, ...keys.slice(1).map((_, i) => i + 2)])
      const unique = [...new Set(keys)]
      assert.deepEqual(places.keys, unique)
      const asked = order === 'first to last' ? unique : unique.toReversed()
      for (const key of asked)
        assert.deepEqual(
          places.of(key as MessageKey),
          keys.flatMap((one, i) => (one === key ? [i + 1] : [])),
        )
      assert.deepEqual(places.of(1 as MessageKey), [])
    })
