import assert from 'node:assert/strict'
import { it } from 'node:test'
import { accountId } from '#mail/ids.ts'
import { ChosenPasswords } from './chosen-passwords.ts'

const one = (name: string, password: string, readOnly = false) => ({
  name,
  password,
  doors: ['imap'] as const,
  readOnly,
  mailboxes: undefined,
  expiresAt: undefined,
})

it('tells which chosen passwords are good no more: gone, other words, other rights', () => {
  const gone: string[] = []
  const chosen = new ChosenPasswords((account, name) => gone.push(`${account} ${name}`))
  const [ada, bob] = [accountId(1), accountId(2)]
  chosen.replace(
    new Map([
      [ada, [one('phone', 'a'), one('laptop', 'b'), one('tablet', 'c'), one('desk', 'd')]],
      [bob, [one('phone', 'a')]],
    ]),
  )
  assert.deepEqual(gone, [])
  chosen.replace(new Map([[ada, [one('phone', 'a'), one('laptop', 'other'), one('tablet', 'c', true)]]]))
  assert.deepEqual(gone, ['1 laptop', '1 tablet', '1 desk', '2 phone'])
})
