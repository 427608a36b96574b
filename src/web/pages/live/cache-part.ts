import type { CacheState } from '../../house.ts'
import { html } from '../../html.ts'
import type { Html } from '../../html.ts'

/** What the message cache holds, and how often it spared a download. */
export function cachePart({ diskBytes, limitBytes, entries, hits, misses }: CacheState): Html {
  const asked = hits + misses
  const what = entries === undefined ? 'Messages take' : `${entries.toLocaleString('en')} messages take`
  const room = limitBytes === undefined || limitBytes === 0 ? '' : ` of ${sizeOf(limitBytes)}`
  return html`<p>${what} ${sizeOf(diskBytes)}${room} on disk.</p>
    <p class="quiet">
      ${
        asked === 0
          ? 'No message has been read since Postern was started.'
          : `${Math.round((hits / asked) * 100)} % of ${asked.toLocaleString('en')} readings needed no download.`
      }
    </p>`
}

function sizeOf(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024
  if (mebibytes >= 1024) return `${Number((mebibytes / 1024).toFixed(1))} GiB`
  return mebibytes < 1 ? `${Math.ceil(bytes / 1024)} KiB` : `${Number(mebibytes.toFixed(1))} MiB`
}
