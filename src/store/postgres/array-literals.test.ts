import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as fc from 'fast-check'
import { systemClock } from '#mail/surroundings.ts'
import { noPostgres, PostgresServer } from '../testing/postgres-server.ts'
import { quietLog } from '../testing/quiet-log.ts'
import { addressOf } from './address.ts'
import { booleans, numbers, octets, texts } from './array-literals.ts'
import { Database } from './database.ts'

describe('lists as PostgreSQL reads them', { skip: noPostgres }, () => {
  let server: PostgresServer
  let db: Database
  before(async () => {
    server = await PostgresServer.start()
    const address = addressOf(server.urlOf('postgres'))
    db = await Database.open({ address, clock: systemClock, log: quietLog, onUnusable() {} })
  })
  after(async () => {
    await db.close()
    await server.stop()
  })

  const back = async (type: string, list: string) =>
    (
      await db.all<[unknown]>(`select v from unnest($1::${type}[]) with ordinality r(v, n) order by n`, list)
    ).map(([value]) => value)

  test('texts, octets, numbers and booleans come back as they went in', async () => {
    // PostgreSQL keeps no NUL in a text.
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''))
    const octetList = fc.array(fc.uint8Array({ maxLength: 20 }))
    const numberList = fc.array(fc.integer({ min: 0, max: 2 ** 52 }))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(text, fc.constantFrom('NULL', '{}', String.raw`\"`, ','))),
        octetList,
        numberList,
        fc.array(fc.boolean()),
        async (words, values, counts, marks) => {
          assert.deepEqual(await back('text', texts(words)), words)
          assert.deepEqual(await back('bytea', octets([...values, undefined])), [
            ...values.map((value) => Buffer.from(value)),
            null,
          ])
          assert.deepEqual(await back('bigint', numbers(counts)), counts)
          assert.deepEqual(await back('boolean', booleans(marks)), marks)
        },
      ),
      { numRuns: 50 },
    )
  })
})
