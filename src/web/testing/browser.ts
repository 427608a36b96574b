import assert from 'node:assert/strict'

/** A browser as far as these pages need one: cookies with path and lifetime, forms, redirects by hand. */
export class Browser {
  readonly base: string
  readonly #cookies = new Map<string, { value: string; path: string; sameSite: string }>()

  constructor(base: string) {
    this.base = base.replace(/\/$/, '')
  }

  get(
    path: string,
    options: { fromOtherSite?: boolean; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return this.#send(path, { headers: options.headers ?? {} }, options.fromOtherSite ?? false)
  }

  /** As the browser sends its own page's form. */
  post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const own = { origin: this.base, 'sec-fetch-site': 'same-origin', ...headers }
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields), headers: own }, false)
  }

  /** Fills in and sends the first form of the page that leads to `action`. */
  async submit(page: string, action: string, fields: Record<string, string> = {}): Promise<Response> {
    const text = await (await this.get(page)).text()
    const form = text.split('<form').find((part) => part.includes(`action="${action}"`))
    assert.ok(form !== undefined, `${page} has no form to ${action}`)
    return this.post(action, { ...hiddenFields(form), ...fields })
  }

  /** Somebody who got hold of its cookies. */
  copy(): Browser {
    const other = new Browser(this.base)
    for (const [name, cookie] of this.#cookies) other.#cookies.set(name, cookie)
    return other
  }

  cookies(): string[] {
    return [...this.#cookies.keys()]
  }

  async #send(path: string, init: RequestInit, fromOtherSite: boolean): Promise<Response> {
    const { pathname } = new URL(path, this.base)
    const cookie = [...this.#cookies]
      .filter(([, one]) => pathname.startsWith(one.path) && !(fromOtherSite && one.sameSite === 'Strict'))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(new URL(path, this.base), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=')
    const of = (attribute: string) => attributes.find((one) => one.startsWith(`${attribute}=`))?.split('=')[1]
    assert.ok(attributes.includes('HttpOnly'), line)
    if (of('Max-Age') === '0') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path: of('Path') ?? '/', sameSite: of('SameSite') ?? 'None' })
  }
}

function hiddenFields(form: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [tag] of (form.split('</form>')[0] ?? '').matchAll(/<input [^>]*type="hidden"[^>]*>/g))
    fields[unescaped(/ name="([^"]*)"/.exec(tag)?.[1])] = unescaped(/ value="([^"]*)"/.exec(tag)?.[1])
  return fields
}

function unescaped(text = ''): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
