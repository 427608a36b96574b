import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assert as check,
  constant,
  property,
  shuffledSubarray,
  stringMatching,
  tuple,
  uniqueArray,
} from 'fast-check'
import { match, readPattern } from './pattern.ts'

const none = new Map<string, string>()

function matches(pattern: string, text: string, bindings: ReadonlyMap<string, string> = none): boolean {
  return match(readPattern(pattern), text, bindings).bindings !== undefined
}

test('text is the text and nothing more', () => {
  assert.ok(matches('* 3 EXISTS', '* 3 EXISTS'))
  assert.ok(!matches('* 3 EXISTS', '* 3 EXISTS '))
  assert.ok(!matches('* 3 EXISTS', '* 33 EXISTS'))
  assert.ok(!matches('* FLAGS (x)', '* flags (x)'))
})

test('the words of a status line are free, its code is not', () => {
  for (const line of ['a OK', 'a OK done', 'a OK [READ-ONLY] done']) assert.ok(matches('a OK', line), line)
  assert.ok(!matches('a OK [READ-WRITE]', 'a OK [READ-ONLY] done'))
  assert.ok(!matches('a OK', 'b OK'))
  assert.ok(!matches('a OK', 'a NO'))
  assert.ok(matches('+', '+ idling'))
  assert.ok(matches('* BYE', '* BYE Until next time'))
  assert.ok(!matches('a OK done', 'a OK done indeed'))
  assert.ok(matches('+OK', '+OK 3 messages'))
  assert.ok(!matches('+OK', '-ERR [IN-USE] no'))
  assert.ok(matches('-ERR [IN-USE]', '-ERR [IN-USE] no'))
  assert.ok(matches('250 2.1.0', '250 2.1.0 Accepted'))
  assert.ok(!matches('250 2.1.0', '550 5.7.1 no'))
})

test('a name takes one value: an atom, a number, a string, a literal, a list', () => {
  for (const value of [
    '7',
    'NIL',
    '"a \\" b)"',
    '{5}\r\na b\r\n',
    '(a (b) "c)")',
    'BODY[HEADER.FIELDS (TO)]',
  ])
    assert.deepEqual(match(readPattern('* $x y'), `* ${value} y`, none).bindings?.get('x'), value)
  assert.ok(!matches('* $x y', '* a b y'))
  assert.ok(!matches('* $x', '* '))
})

test('a name that is bound is the same', () => {
  assert.ok(matches('$x $x', '5 5'))
  assert.ok(!matches('$x $x', '5 6'))
  assert.ok(matches('$from:$to', '5:6'))
  assert.ok(matches('$_ $_', '5 6'))
  assert.ok(!matches('$x', '6', new Map([['x', '5']])))
  assert.ok(matches('* FLAGS ($Forwarded)', '* FLAGS ($Forwarded)'))
})

test('after ~ values come in any order, all of them and each once', () => {
  assert.ok(matches('(~ a b)', '(b a)'))
  for (const text of ['(a)', '(a b c)', '(a a)', '(a b']) assert.ok(!matches('(~ a b)', text), text)
  assert.ok(matches('(~ a ...)', '(x a y)'))
  assert.ok(!matches('(~ a !b ...)', '(x a b)'))
  assert.ok(matches('* OK [CAPABILITY ~ A ... !B] x', '* OK [CAPABILITY C A] x'))
  assert.ok(matches('* SEARCH ~ 2 $n', '* SEARCH 4 2'))
  assert.ok(matches('(~ UID 1 FLAGS (~ a b)) x', '(FLAGS (b a) UID 1) x'))
})

test('a literal has the octets below it', () => {
  const pattern = [...readPattern('BODY[] '), { kind: 'literal', octets: 'a\r\nb' } as const]
  assert.ok(match(pattern, 'BODY[] {4}\r\na\r\nb', none).bindings)
  assert.ok(!match(pattern, 'BODY[] {4}\r\na\r\nc', none).bindings)
  assert.ok(!match(pattern, 'BODY[] "a"', none).bindings)
})

test('any order of any flags is the same set', () => {
  const flags = uniqueArray(stringMatching(/^[A-Za-z]{1,8}$/), { minLength: 1, maxLength: 6 })
  check(
    property(
      flags.chain((list) => tuple(constant(list), shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => matches(`(~ ${list.join(' ')})`, `(${shuffled.join(' ')})`),
    ),
  )
})
