import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Acceptors } from './acceptors.ts'

const host = '127.0.0.1'

/** So many clients, in a thread of their own; `connected` is notified when the last is. */
const clients = `
  const { connect } = require('node:net')
  const { workerData } = require('node:worker_threads')
  const { port, count, connected } = workerData
  const cells = new Int32Array(connected)
  for (let n = 0; n < count; n++)
    connect(port, '${host}', () => {
      if (Atomics.add(cells, 0, 1) + 1 === count) Atomics.notify(cells, 0)
    }).on('error', () => {})
`

test('of many clients that come at once, several are taken in each turn of the event loop', async (t) => {
  if (process.platform !== 'linux') return t.skip('one socket listens here')
  const count = 160
  const taken: Socket[] = []
  const acceptors = await Acceptors.open({ host, port: 0 }, (socket) => {
    taken.push(socket.on('error', () => {}))
    socket.destroy()
  })
  const connected = new SharedArrayBuffer(4)
  const cells = new Int32Array(connected)
  const worker = new Worker(clients, { eval: true, workerData: { port: acceptors.port, count, connected } })
  await once(worker, 'online')
  // Nobody is taken in before all are there: this thread stands still.
  for (let there = 0; there < count; there = Atomics.load(cells, 0))
    assert.notEqual(Atomics.wait(cells, 0, there, 20_000), 'timed-out', `${there} are connected`)
  let turns = 0
  for (; taken.length < count; turns++) await nextTurn()
  assert.ok(turns < count / 2, `${count} clients in ${turns} turns`)
  await acceptors.close()
  await worker.terminate()
})

test('a port that another one shares is an error all the same, and is free afterwards', async () => {
  const one = await Acceptors.open({ host, port: 0 }, (socket) => socket.destroy())
  const { port } = one
  await assert.rejects(
    Acceptors.open({ host, port }, (socket) => socket.destroy()),
    { code: 'EADDRINUSE' },
  )
  await one.close()
  const other = await Acceptors.open({ host, port }, (socket) => socket.destroy())
  assert.equal(other.port, port)
  await other.close()
})
