import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { messageId } from '#mail/ids.ts'
import type { Outbox } from '#mail/outbox.ts'
import { MemoryOutbox } from './testing/memory-outbox.ts'
import { user } from './testing/people.ts'
import { openPostHouse } from './testing/post-house.ts'

const client = join(import.meta.dirname, 'testing/large-client.ts')
/** With room for the fields that are added. */
const sizeBytes = 35 * 1024 * 1024 - 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What a collection found is given back beside the program's work; the next one waits for that. */
async function bytesInBuffers(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().arrayBuffers
}

for (const [how, declared] of [
  ['that was declared', 1],
  ['that was not declared', 0],
] as const)
  test(`a message of 35 MiB ${how} is in memory once`, { timeout: 180_000 }, async (t) => {
    let held = 0
    let size = 0
    const senders = new MemoryOutbox(user)
    const outbox: Outbox = {
      senders: () => senders.senders(),
      async submit({ bytes }) {
        held = (await bytesInBuffers()) - before
        size = bytes.length
        return { messageId: messageId('1') }
      },
    }
    const house = await openPostHouse(t, { outboxOf: () => outbox, plainLoginAllowed: true })
    const before = await bytesInBuffers()
    const child = spawn(process.execPath, [client, ...[house.smtp.port, sizeBytes, declared].map(String)], {
      stdio: 'inherit',
    })
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 0)
    assert.ok(size >= sizeBytes)
    assert.ok(held < 1.05 * sizeBytes, `${held} octets are held for ${size}`)
  })
