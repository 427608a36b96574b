import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qrCode } from './qr-code.ts'

/** The picture that the path draws, row by row. */
function drawn(svg: string): string[] {
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => ' '))
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let dark = 0; dark < Number(width); dark++) (rows[Number(y)] as string[])[Number(x) + dark] = '#'
  return rows.map((row) => row.join(''))
}

test('a code has its three finder patterns inside a border of four, and a name', () => {
  const svg =
    qrCode('http://192.0.2.7:8025/clients/ios?account=a%40x.test', 'QR code: "this" page')?.text ?? ''
  const rows = drawn(svg)
  const finder = ['#######', '#     #', '# ### #', '# ### #', '# ### #', '#     #', '#######']
  const far = rows.length - 11
  for (const [x, y] of [
    [4, 4],
    [far, 4],
    [4, far],
  ] as const)
    assert.deepEqual(
      rows.slice(y, y + 7).map((row) => row.slice(x, x + 7)),
      finder,
    )
  for (const edge of [...rows.slice(0, 4), ...rows.slice(-4)]) assert.equal(edge.trim(), '')
  for (const row of rows) assert.equal(row.slice(0, 4) + row.slice(-4), ' '.repeat(8))
  // ISO/IEC 18004 section 6.3.5: light and dark in turn between the finder patterns.
  const timing = rows[10]?.slice(11, far + 1) ?? ''
  assert.match(timing, /^(?: #)+$/)
  assert.match(svg, /role="img"\s+aria-label="QR code: &quot;this&quot; page"/)
})

test('what is too long for a code has none', () => {
  assert.ok(qrCode('x'.repeat(2_300), '') !== undefined)
  assert.equal(qrCode('x'.repeat(2_301), ''), undefined)
})
