import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { addressLimit, parseAddresses, type Address } from './address.ts'

/** `name|route|mailbox|host`, `-` for what is absent. */
function shown({ name, route, mailbox, host }: Address): string {
  return [name, route, mailbox, host].map((part) => part ?? '-').join('|')
}

const end = '-|-|-|-'

for (const [text, expected] of [
  // RFC 5322 appendix A.1.
  ['John Doe <jdoe@machine.example>', ['John Doe|-|jdoe|machine.example']],
  [
    'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
    ['Mary Smith|-|mary|x.test', '-|-|jdoe|example.org', 'Who?|-|one|y.test'],
  ],
  [
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
    ['-|-|boss|nil.test', 'Giant; "Big" Box|-|sysservices|example.net'],
  ],
  [
    'A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
    ['-|-|A Group|-', 'Ed Jones|-|c|a.test', '-|-|joe|where.test', 'John|-|jdoe|one.test', end],
  ],
  ['Undisclosed recipients:;', ['-|-|Undisclosed recipients|-', end]],
  // Appendix A.5 and A.6.1.
  ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', ['Pete|-|pete|silly.test']],
  [
    "A Group(Some people)     :Chris Jones <c@(Chris's host.)public.example>,     joe@example.org,  John <jdoe@one.test> (my dear friend); (the end of the group)",
    ['-|-|A Group|-', 'Chris Jones|-|c|public.example', '-|-|joe|example.org', 'John|-|jdoe|one.test', end],
  ],
  ['(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;', ['-|-|Hidden recipients|-', end]],
  ['Joe Q. Public <john.q.public@example.com>', ['Joe Q. Public|-|john.q.public|example.com']],
  [
    'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
    ['Mary Smith|@node.test|mary|example.net', '-|-|jdoe|test.example'],
  ],
  // RFC 822 style names, domain literals, empty and broken ones.
  ['ada@example.org (Ada Lovelace)', ['Ada Lovelace|-|ada|example.org']],
  ['ada@[127.0.0.1], ada@[IPv6:::1]', ['-|-|ada|[127.0.0.1]', '-|-|ada|[IPv6:::1]']],
  ['"a,b"@example.org', ['-|-|a,b|example.org']],
  ['', []],
  [' , ,, ', []],
  ['<>', ['-|-|MISSING_MAILBOX|MISSING_DOMAIN']],
  ['ada', ['-|-|ada|MISSING_DOMAIN']],
  ['Ada <ada@example.org', ['Ada|-|ada|example.org']],
  ['"Ada <ada@example.org>', ['-|-|Ada <ada@example.org>|MISSING_DOMAIN']],
  ['a@b@c', ['-|-|a@b|c']],
  ['a @ b , c@d e', ['-|-|a|b', '-|-|c|de']],
  ['<a@b@c>', ['-|-|a@b|c']],
  ['x: y: a@b;', ['-|-|x|-', end, '-|-|y|-', '-|-|a|b', end]],
  ['x: a@b', ['-|-|x|-', '-|-|a|b', end]],
  [';', []],
  ['=?UTF-8?Q?Ad=C3=A4?= <ada@example.org>', ['=?UTF-8?Q?Ad=C3=A4?=|-|ada|example.org']],
] as const)
  test(`parseAddresses reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseAddresses(text).map(shown), expected)
  })

test('a group is opened and closed in turn, whatever comes', () => {
  const piece = fc.constantFrom(
    'a',
    '@',
    '<',
    '>',
    ':',
    ';',
    ',',
    '"',
    '(',
    ')',
    '\\',
    ' ',
    '.',
    '[',
    ']',
    '\xe4',
    '\t',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      let open = false
      for (const { mailbox, host } of parseAddresses(pieces.join(''))) {
        if (host !== undefined) continue
        assert.equal(mailbox !== undefined, !open)
        open = !open
      }
      assert.equal(open, false)
    }),
    { numRuns: 2000 },
  )
})

test('more addresses than the limit are left out', () => {
  assert.equal(parseAddresses('a@b,'.repeat(addressLimit * 5)).length, addressLimit)
  assert.ok(parseAddresses('x:a@b;'.repeat(addressLimit)).length <= addressLimit + 1)
})
