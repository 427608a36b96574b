import { encode } from 'uqr'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** Modules of white around it, which readers need. ISO/IEC 18004 section 6.3.8. */
const border = 4
/** A code of version 40 with this correction holds so many octets at least. */
const mostBytes = 2_300

/** A QR code as SVG inside the page, black on white whatever the theme; undefined for text that is too long for one. */
export function qrCode(text: string, label: string): Html | undefined {
  if (Buffer.byteLength(text) > mostBytes) return undefined
  const { data, size } = encode(text, { ecc: 'M', border })
  let path = ''
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < size; x++) {
      let width = 0
      while (row[x + width] === true) width++
      if (width > 0) path += `M${x} ${y}h${width}v1h-${width}z`
      x += width
    }
  }
  return html`<svg
    viewBox="0 0 ${size} ${size}"
    role="img"
    aria-label="${label}"
    shape-rendering="crispEdges"
  >
    <rect width="${size}" height="${size}" fill="#fff"></rect>
    <path d="${path}" fill="#000"></path>
  </svg>`
}
