import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinContinuations } from './continuations.ts'
import { decodeParameter } from './encoded-word.ts'
import { parameter, parseParameterised } from './parameters.ts'

for (const [text, value, parameters] of [
  ['text/plain; charset=us-ascii (Plain text)', 'text/plain', [['charset', 'us-ascii']]],
  ['text/plain; charset="us-ascii"', 'text/plain', [['charset', 'us-ascii']]],
  ['Text / Plain ; Charset = UTF-8', 'Text/Plain', [['Charset', 'UTF-8']]],
  ['text/plain;;; ; a=1;', 'text/plain', [['a', '1']]],
  ['image/png; name=two words.png; x', 'image/png', [['name', 'two words.png']]],
  [
    'a/b; n="q\\"\\\\ ;x"; m=2',
    'a/b',
    [
      ['n', 'q"\\ ;x'],
      ['m', '2'],
    ],
  ],
  ['a/b; n="never closed; m=2', 'a/b', [['n', 'never closed; m=2']]],
  ['a/b; n=', 'a/b', [['n', '']]],
  ['a/b; =v', 'a/b', []],
  ['(comment) a/b (more (nested)); n=v', 'a/b', [['n', 'v']]],
  ['', '', []],
  ['; n=v', '', [['n', 'v']]],
] as const)
  test(`parseParameterised reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseParameterised(text), { value, parameters })
  })

test('parseParameterised reads a hundred parameters and no more', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `p*${index}*=x`).join(';')
  assert.ok(parseParameterised(`a/b;${many}`).parameters.length <= 100)
})

test('parameter() finds the first of a name in any letter case', () => {
  assert.equal(
    parameter(
      [
        ['A', '1'],
        ['a', '2'],
      ],
      'a',
    ),
    '1',
  )
  assert.equal(parameter([], 'a'), undefined)
})

for (const [name, text, joined, decoded] of [
  // RFC 2231 sections 3 and 4.
  [
    'URL',
    'message/external-body; access-type=URL; URL*0="ftp://"; URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"',
    [
      ['access-type', 'URL'],
      ['URL', 'ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar'],
    ],
    'ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar',
  ],
  [
    'title',
    "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
    [['title*', "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"]],
    'This is ***fun***',
  ],
  [
    'title',
    "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
    [['title*', "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!"]],
    "This is even more ***fun*** isn't it!",
  ],
  [
    'name',
    'a/b; name*1=b; x=1; name*0=a',
    [
      ['name', 'ab'],
      ['x', '1'],
    ],
    'ab',
  ],
  ['name', 'a/b; name*0=50% ; name*1*=%41', [['name*', "''50%25%41"]], '50%A'],
  ['name', 'a/b; name*0=a; name*2=c', [['name', 'a']], 'a'],
  ['name', 'a/b; name*1=b', [], undefined],
  [
    'name',
    'a/b; name*0=a; name*0=z; name*00=y',
    [
      ['name', 'a'],
      ['name*00', 'y'],
    ],
    'a',
  ],
  ['name', 'a/b; name="=?UTF-8?Q?K=C3=A4se?="', [['name', '=?UTF-8?Q?K=C3=A4se?=']], 'Käse'],
  [
    'name',
    "a/b; name=plain; name*=utf-8''b%C3%A4sser",
    [
      ['name', 'plain'],
      ['name*', "utf-8''b%C3%A4sser"],
    ],
    'bässer',
  ],
  ['name', "a/b; name*=utf-8''100%", [['name*', "utf-8''100%"]], '100%'],
  ['name', 'a/b; name*=no-quotes', [['name*', 'no-quotes']], 'no-quotes'],
] as const)
  test(`RFC 2231: ${text}`, () => {
    const { parameters } = parseParameterised(text)
    assert.deepEqual(joinContinuations(parameters), joined)
    assert.equal(decodeParameter(parameters, name.toLowerCase()), decoded)
    // What a client makes of what we show is what we make of the original.
    assert.equal(decodeParameter(joinContinuations(parameters), name.toLowerCase()), decoded)
  })
