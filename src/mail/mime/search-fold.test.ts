import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { foldForSearch } from './search-fold.ts'

const alike = [
  ['Straße', 'STRASSE', 'straẞe', 'ſtrasse'],
  ['İstanbul', 'ISTANBUL', 'ıstanbul', 'I\u0307stanbul'],
  ['ΟΔΟΣ', 'οδος', 'οδοσ'],
  ['\u00b5', '\u03bc', '\u039c'],
  ['e\u0301', 'é', 'É', 'E\u0301'],
  ['ﬁn', 'FIN'],
  ['\u{10400}', '\u{10428}'],
  ['ᾳ', 'ΑΙ', 'α\u0345', 'ᾼ'],
] as const

for (const texts of alike)
  test(`foldForSearch makes ${texts.join(', ')} alike`, () => {
    assert.equal(new Set(texts.map(foldForSearch)).size, 1, texts.map(foldForSearch).join(' '))
  })

test('foldForSearch keeps accents and letters of other kinds apart', () => {
  const texts = ['a', 'ä', 'e', 'é', 'o', 'ø', 'i', 'j', 'ss', 's', 'σ', 's̈']
  assert.equal(new Set(texts.map(foldForSearch)).size, texts.length)
})

test('foldForSearch folds every character of Unicode to the same as its capital and its small letter', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code === 0xd800) code = 0xe000
    const character = String.fromCodePoint(code)
    const folded = foldForSearch(character)
    if (
      folded !== foldForSearch(character.toUpperCase()) ||
      folded !== foldForSearch(character.toLowerCase())
    )
      assert.fail(`U+${code.toString(16)} becomes ${folded}`)
  }
})

test('foldForSearch changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const folded = foldForSearch(text)
      assert.equal(foldForSearch(folded), folded)
    }),
    { numRuns: 2000 },
  )
})
