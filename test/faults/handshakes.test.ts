import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Door, Ready } from '../postern.ts'
import { withServe } from '../serve.ts'
import { oneAccount } from './bridge.ts'

const doors = ['imaps', 'pop3s', 'smtps'] as const
/** The beginning of a ClientHello, whose rest never comes. */
const hello = Buffer.from([22, 3, 1, 2, 0, 1, 0])

async function begun({ host, port }: Door, how: 'stay' | 'reset'): Promise<void> {
  const socket = connect(port, host)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(hello)
  if (how === 'reset') socket.resetAndDestroy()
}

function doorOf(ready: Ready, name: (typeof doors)[number]): Door {
  const door = ready[name]
  assert.ok(door)
  return door
}

/** A TLS socket whose transport is gone ends Node by a segmentation fault when somebody asks for its protocol. */
test(
  'SIGTERM amid handshakes, some of them broken off: the process ends as it should',
  { timeout: 180_000 },
  () =>
    withServe(oneAccount, async ({ bridge, ready }) => {
      for (const name of doors) {
        const door = doorOf(ready, name)
        await Promise.all(
          Array.from({ length: 40 }, (_, number) => begun(door, number % 3 === 0 ? 'reset' : 'stay')),
        )
      }
      assert.equal(await bridge.stop(), 0)
      assert.equal(bridge.process.signalCode, null)
    }),
)
