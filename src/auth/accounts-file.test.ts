import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { systemClock } from '#mail/surroundings.ts'
import { AccountsFileError } from './accounts-file-shape.ts'
import { readAccountsFile } from './accounts-file.ts'
import { applyAccountsFile } from './apply-accounts.ts'
import { ChosenPasswords } from './chosen-passwords.ts'
import { loadGrant, saveGrant } from './grant.ts'
import type { Grant } from './grant.ts'
import { bookLog } from './testing/hand-clock.ts'
import { memoryStore } from './testing/memory-store.ts'
import { watchFile } from './watch-file.ts'

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-accounts-'))
  path = join(folder, 'accounts.json')
})
afterEach(() => rm(folder, { recursive: true }))

async function read(content: unknown) {
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readAccountsFile(path)
}

const one = (email: string, auth: object = { refreshToken: '1//token' }, passwords?: object[]) => ({
  email,
  auth,
  ...(passwords === undefined ? {} : { passwords }),
})

describe('readAccountsFile', () => {
  it('reads accounts of both kinds, with passwords from the file and from files beside it', async () => {
    await writeFile(join(folder, 'secret.txt'), 'from a file\n')
    const { accounts } = await read({
      accounts: [
        one('a@x.test', { refreshToken: '1//a' }, [
          {
            name: 'phone',
            password: 'p',
            allow: ['imap'],
            readOnly: true,
            mailboxes: ['INBOX'],
            hide: ['x-gm-ext-1'],
            noDelete: true,
            from: ['192.0.2.0/24', '::1'],
            expires: '2030-01-01',
          },
          { name: 'laptop', passwordFile: 'secret.txt' },
        ]),
        one('b@x.test', { serviceAccountKeyFile: 'key.json', subject: 'b@x.test' }),
      ],
    })
    const [first, second] = accounts
    assert.deepEqual(first?.passwords, [
      {
        name: 'phone',
        password: 'p',
        doors: ['imap'],
        readOnly: true,
        mailboxes: ['INBOX'],
        noDelete: true,
        sources: ['192.0.2.0/24', '::1'],
        hiddenCapabilities: ['X-GM-EXT-1'],
        expiresAt: Date.UTC(2030, 0, 1),
      },
      {
        name: 'laptop',
        password: 'from a file',
        doors: ['imap', 'pop3', 'smtp'],
        readOnly: false,
        mailboxes: undefined,
        expiresAt: undefined,
      },
    ])
    assert.deepEqual(second?.auth, {
      kind: 'service-account',
      keyFile: join(folder, 'key.json'),
      subject: 'b@x.test',
      access: 'modify',
    })
  })

  const faults: [string, unknown, RegExp][] = [
    ['no JSON', '{"accounts":[{"email": sesame', /is not JSON/],
    ['no accounts', {}, /accounts: /],
    ['a wrong address', { accounts: [one('sesame')] }, /accounts\[0\]\.email: must be an e-mail address/],
    [
      'no auth',
      { accounts: [one('a@x.test', { sesame: 1 })] },
      /accounts\[0\]\.auth: must be \{"refreshToken"/,
    ],
    [
      'a password of the wrong kind',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: ['sesame'] }])] },
      /accounts\[0\]\.passwords\[0\]\.password: /,
    ],
    [
      'something to hide that is no capability',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'p', hide: ['sesame street'] }])] },
      /passwords\[0\]\.hide\[0\]: must be the name of an IMAP capability/,
    ],
    [
      'a source that is no address',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'p', from: ['sesame.org'] }])] },
      /passwords\[0\]\.from\[0\]: must be an address or a network/,
    ],
    [
      'a pattern without a service account',
      { accounts: [one('*@x.test', { refreshToken: 'sesame' })] },
      /accounts\[0\]\.auth: a pattern needs a service account/,
    ],
    [
      'a pattern for one person',
      { accounts: [one('*@x.test', { serviceAccount: 's@p.test', subject: 'a@x.test' })] },
      /accounts\[0\]\.auth\.subject: /,
    ],
    [
      'a pattern within a name',
      { accounts: [one('a*@x.test', { serviceAccount: 's@p.test' })] },
      /accounts\[0\]\.email: must be an e-mail address, or \*@ and a domain/,
    ],
    [
      'limits of a pattern at one account',
      { accounts: [{ ...one('a@x.test'), most: 3 }] },
      /accounts\[0\]\.most: is for patterns/,
    ],
    [
      'two passwords in one',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'sesame', passwordFile: 'f' }])] },
      /passwords\[0\]: needs either "password" or "passwordFile"/,
    ],
    [
      'an unknown door',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'sesame', allow: ['ftp'] }])] },
      /passwords\[0\]\.allow\[0\]: .*imap/,
    ],
    [
      'a misspelt key',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'sesame', readonly: true }])] },
      /passwords\[0\]: .*readonly/,
    ],
    [
      'a password file that is not there',
      { accounts: [one('a@x.test', undefined, [{ name: 'n', passwordFile: 'missing' }])] },
      /passwords\[0\]\.passwordFile: .*missing cannot be read \(ENOENT\)/,
    ],
    [
      'the same mailbox twice',
      { accounts: [one('a.b@gmail.com'), one('AB@googlemail.com')] },
      /accounts\[1\]\.email/,
    ],
    [
      'the same name twice',
      {
        accounts: [
          one('a@x.test', undefined, [
            { name: 'n', password: '1' },
            { name: 'n', password: '2' },
          ]),
        ],
      },
      /passwords\[1\]\.name/,
    ],
  ]
  for (const [fault, content, pattern] of faults) {
    it(`names the place of ${fault}, and no secret`, async () => {
      await assert.rejects(read(content), (error) => {
        assert.ok(error instanceof AccountsFileError)
        assert.ok(error.message.startsWith(path))
        assert.match(error.message, pattern)
        assert.doesNotMatch(
          `${error.message} ${String(error.cause)}`,
          fault === 'no auth' ? /1\/\// : /sesame/,
        )
        return true
      })
    })
  }

  it('says when the file is not there', async () => {
    await assert.rejects(readAccountsFile(path), /cannot be read \(ENOENT\)/)
  })
})

function house() {
  const renewed: number[] = []
  return {
    store: memoryStore(),
    tokens: { renewed: (account: number) => renewed.push(account) },
    chosen: new ChosenPasswords(),
    clientId: 'client' as string | undefined,
    clientSecret: 'secret' as string | undefined,
    log: bookLog(),
    renewed,
  }
}

describe('applyAccountsFile', () => {
  it('adds accounts, grants and passwords, and changes nothing the second time', async () => {
    const parts = house()
    const accounts = await read({ accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'p' }])] })
    const [row] = await applyAccountsFile(accounts, parts)
    assert.ok(row !== undefined)
    assert.deepEqual(await loadGrant(parts.store, row.id), {
      kind: 'refresh-token',
      refreshToken: '1//token',
      scopes: [],
      clientId: 'client',
      clientSecret: 'secret',
    })
    assert.equal(parts.chosen.find(row.id, 'p')?.name, 'n')
    await applyAccountsFile(accounts, parts)
    assert.deepEqual(parts.renewed, [row.id])
  })

  it('does not undo a grant that Google rotated or a person renewed, but takes a new one from the file', async () => {
    const parts = house()
    const [row] = await applyAccountsFile(await read({ accounts: [one('a@x.test')] }), parts)
    assert.ok(row !== undefined)
    const rotated: Grant = {
      kind: 'refresh-token',
      refreshToken: '1//rotated',
      scopes: [],
      clientId: 'client',
    }
    await saveGrant(parts.store, row.id, rotated)
    await applyAccountsFile(await read({ accounts: [one('a@x.test')] }), parts)
    assert.deepEqual(await loadGrant(parts.store, row.id), rotated)
    await applyAccountsFile(await read({ accounts: [one('A@x.test', { refreshToken: '1//new' })] }), parts)
    const grant = await loadGrant(parts.store, row.id)
    assert.ok(grant?.kind === 'refresh-token')
    assert.equal(grant.refreshToken, '1//new')
  })

  it('takes passwords that left the file away, and keeps the account', async () => {
    const parts = house()
    const full = await read({ accounts: [one('a@x.test', undefined, [{ name: 'n', password: 'p' }])] })
    const [row] = await applyAccountsFile(full, parts)
    await applyAccountsFile(await read({ accounts: [] }), parts)
    assert.equal(parts.chosen.find(row?.id, 'p'), undefined)
    assert.equal((await parts.store.accounts()).length, 1)
  })

  it('changes nothing when a refresh token has no client', async () => {
    const parts = { ...house(), clientId: undefined }
    const accounts = await read({ accounts: [one('a@x.test')] })
    await assert.rejects(
      applyAccountsFile(accounts, parts),
      /accounts\[0\]\.auth\.refreshToken: .*GOOGLE_CLIENT_ID/,
    )
    assert.deepEqual(await parts.store.accounts(), [])
  })
})

describe('watchFile', () => {
  for (const pollEveryMs of [20, 60_000]) {
    it(`notices a file that is written, and one that is replaced (looking every ${pollEveryMs} ms)`, async () => {
      await writeFile(path, 'one')
      const stop = new AbortController()
      const log = bookLog()
      let changed = Promise.withResolvers<void>()
      const watching = watchFile({
        path,
        signal: stop.signal,
        clock: systemClock,
        log,
        pollEveryMs,
        onChange: async () => {
          changed.resolve()
          throw new AccountsFileError('a fault')
        },
      })
      await writeFile(path, 'two!')
      await changed.promise
      changed = Promise.withResolvers<void>()
      await writeFile(join(folder, 'next'), 'three')
      await rename(join(folder, 'next'), path)
      await changed.promise
      stop.abort()
      await watching
      assert.match(log.lines.join('\n'), /cannot be used.*a fault/)
    })
  }
})
