import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

type Role = 'link' | 'button' | 'textbox' | 'radio' | 'checkbox'

/** More stops than any page has. */
const mostPresses = 80

/**
 * Moves on with the Tab key until the element of this accessible name has the focus, as a person without a mouse does. Fails
 * for a stop on the way, or at the end, whose focus is not to be seen.
 */
export async function tabTo(page: Page, role: Role, name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name }).first()
  for (let presses = 0; presses < mostPresses; presses++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
    assert.deepEqual(await hiddenFocus(page), undefined)
  }
  assert.fail(`Tab never reaches the ${role} ${String(name)}`)
}

/** What has the focus, when nothing shows that it has: an outline inside the window. WCAG 2.2, 2.4.7 and 2.4.11. */
function hiddenFocus(page: Page): Promise<string | undefined> {
  return page.evaluate<string | undefined>(`(() => {
    const at = document.activeElement
    // Inside of a control of the browser's own, such as the button of a date field, it is the browser that draws.
    if (at === null || at === document.body || !at.matches(':focus')) return undefined
    const { outlineStyle, outlineWidth } = getComputedStyle(at)
    const { top, bottom, left, right } = at.getBoundingClientRect()
    const isDrawn = at.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
    const isInside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
    return isDrawn && isInside ? undefined : at.outerHTML.slice(0, 200)
  })()`)
}
