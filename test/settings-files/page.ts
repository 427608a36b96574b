import assert from 'node:assert/strict'

/** Text to copy as a page for a mail program shows it, by the file that it belongs into. */
export interface ShownGuide {
  /** What stands under “Step by step”. */
  readonly steps: readonly string[]
  readonly snippets: ReadonlyMap<string, string>
}

/** Reads what a person reads on `/clients/NAME`. */
export async function shownGuide(pages: string, name: string): Promise<ShownGuide> {
  const response = await fetch(`${pages}/clients/${name}`)
  assert.equal(response.status, 200)
  const text = await response.text()
  const snippets = [...text.matchAll(/<h3 id="snippet-\d+">([^<]*)<\/h3>\s*<pre[^>]*><code>([^<]*)</g)]
  return {
    steps: [...text.matchAll(/<li>([^<]*)<\/li>/g)].map(([, step]) => unescaped(step)),
    snippets: new Map(snippets.map(([, file, snippet]) => [unescaped(file), unescaped(snippet)])),
  }
}

function unescaped(text = ''): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}
