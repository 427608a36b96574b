/**
 * The page's only script. Without it everything works after a reload; with it the page fetches itself anew when the
 * simulator reports a change, and says so to screen readers.
 */
export const liveScript = `'use strict'
const live = document.getElementById('live')
const regions = ['labels', 'status', 'main']
let waiting = false
let known = new Set(ids())

function ids() {
  return [...document.querySelectorAll('.messages > li')].map((line) => line.id)
}

function focusKey() {
  const active = document.activeElement
  if (!active || active === document.body) return undefined
  const line = active.closest('.messages > li')
  return { line: line && line.id, tag: active.localName, place: active.getAttribute('href') || active.className }
}

function focusAgain(key) {
  if (!key || document.activeElement !== document.body) return
  const scope = (key.line && document.getElementById(key.line)) || document
  for (const candidate of scope.querySelectorAll(key.tag)) {
    if ((candidate.getAttribute('href') || candidate.className) === key.place) return candidate.focus()
  }
}

async function refresh() {
  waiting = false
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    if (!response.ok) return
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
    const key = focusKey()
    for (const id of regions) {
      const ours = document.getElementById(id)
      const theirs = fresh.getElementById(id)
      if (ours && theirs && ours.innerHTML !== theirs.innerHTML) ours.replaceChildren(...theirs.childNodes)
    }
    focusAgain(key)
    const arrived = ids().filter((id) => !known.has(id))
    known = new Set(ids())
    if (arrived.length === 0) return
    for (const id of arrived) document.getElementById(id).classList.add('arrived')
    const first = document.getElementById(arrived[0])
    const text = (part) => (first.querySelector(part) || {}).textContent || ''
    live.textContent = arrived.length === 1
      ? 'New message: ' + text('.subject') + ', from ' + text('.who').replace('Unread. ', '')
      : arrived.length + ' new messages'
  } catch {
    live.textContent = 'The simulator does not answer.'
  }
}

const events = new EventSource(live.dataset.events)
events.addEventListener('change', () => {
  if (waiting) return
  waiting = true
  setTimeout(refresh, 150)
})
events.addEventListener('open', () => {
  live.textContent = 'Live: changes appear by themselves.'
})
events.addEventListener('error', () => {
  live.textContent = 'Not connected to the simulator. Reload the page to see changes.'
})
`
