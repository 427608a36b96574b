import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandTeller } from './command-watch.ts'
import type { EndedCommand } from './command-watch.ts'

test('each command is told its own octets and its end once, one that was never finished too', () => {
  const line = { id: 'x', bytesRead: 10, bytesWritten: 30 }
  const told: [string, EndedCommand][] = []
  const teller = new CommandTeller(
    line,
    ({ name, session }) =>
      (ended) =>
        told.push([`${session} ${name}`, ended]),
  )
  teller.begin('NOOP')
  line.bytesWritten += 5
  teller.end('OK', undefined)
  teller.end('OK', undefined)
  line.bytesRead += 7
  teller.begin('FETCH')
  line.bytesWritten += 900
  teller.begin('IDLE')
  assert.deepEqual(told, [
    ['x NOOP', { result: 'OK', account: undefined, bytesIn: 10, bytesOut: 35 }],
    ['x FETCH', { result: undefined, account: undefined, bytesIn: 7, bytesOut: 900 }],
  ])
})
