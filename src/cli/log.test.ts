import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'

/** What a program of one line logs. */
async function logOf(line: string): Promise<Record<string, unknown>[]> {
  const child = program(line)
  const [log] = await Promise.all([text(child.stderr), once(child, 'close')])
  return log
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as Record<string, unknown>)
}

function program(line: string) {
  const source = `import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)}
const log = createLog('debug')
${line}`
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test('what is secret by its name is not shown, however deep it stands, and what is logged stays as it was', async () => {
  const [line] = await logOf(`
    const fields = { token: 'a', a: { password: 'b', b: [{ c: { raw: 'c' } }] }, key: undefined, session: 's1' }
    log.child({ cookie: 'd', door: 'imap' }).info(fields, 'text')
    if (fields.a.password !== 'b') process.exit(1)`)
  const { time, ...shown } = line ?? {}
  assert.match(String(time), /^\d{4}-/)
  assert.deepEqual(shown, {
    level: 30,
    cookie: '[secret]',
    door: 'imap',
    token: '[secret]',
    a: { password: '[secret]', b: { 0: { c: { raw: '[secret]' } } } },
    session: 's1',
    msg: 'text',
  })
})

test('codes that say what happened are shown, those of a sign-in are not', async () => {
  const lines = await logOf(`
    log.info({ code: 'ENOSPC' })
    log.info({ code: '4/0AeanS0b-x' })
    log.info({ err: Object.assign(new Error('x'), { code: 'grant-ended' }) })
    log.info({ err: Object.assign(new Error('x'), { code: '4/0AeanS0b-x' }) })`)
  assert.deepEqual(
    lines.map(({ code, err }) => code ?? (err as Record<string, unknown> | undefined)?.['code']),
    ['ENOSPC', '[secret]', 'grant-ended', '[secret]'],
  )
})

test('a log that nobody reads holds nothing up, and is whole when somebody does', async () => {
  const child = program(`
    for (let n = 0; n < 20000; n++) log.info({ n }, 'a line that is long enough to fill a pipe soon')
    process.stdout.write('done\\n')`)
  // Nobody has read standard error when this is said.
  assert.deepEqual((await once(child.stdout, 'data')).map(String), ['done\n'])
  const lines = (await text(child.stderr)).trimEnd().split('\n')
  assert.equal(lines.length, 20_000)
  assert.match(lines.at(-1) ?? '', /"n":19999/)
})
