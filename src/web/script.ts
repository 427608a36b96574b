/** The pages' only script. They work without it; it adds copying, dropping a file, local times, and showing what changes. */
export const script = `'use strict'
for (const block of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'second copy'
  button.textContent = 'Copy'
  button.setAttribute('aria-live', 'polite')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(block.textContent)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(block)
      button.textContent = 'Selected: press Ctrl+C'
    }
  })
  block.after(button)
}
for (const area of document.querySelectorAll('[data-drop]')) {
  const label = document.createElement('label')
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = '.json,application/json'
  label.append('Choose the file, or drop it on the field: ', input)
  const take = async (file) => {
    if (file && file.size < 10000) area.value = await file.text()
  }
  input.addEventListener('change', () => take(input.files[0]))
  area.addEventListener('dragover', (event) => {
    event.preventDefault()
    area.classList.add('over')
  })
  area.addEventListener('dragleave', () => area.classList.remove('over'))
  area.addEventListener('drop', (event) => {
    event.preventDefault()
    area.classList.remove('over')
    take(event.dataTransfer.files[0])
  })
  area.after(label)
}
function localise(within) {
  for (const time of within.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime)
    const today = at.toDateString() === new Date().toDateString()
    time.textContent = today
      ? at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
      : at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
    time.title = time.dateTime
  }
}
localise(document)
const live = document.querySelector('[data-live]')
if (live) {
  const source = new EventSource('/live')
  const shown = new Map()
  source.addEventListener('message', ({ data }) => {
    const { shape, parts } = JSON.parse(data)
    if (shape !== live.dataset.live) return renew()
    for (const [id, text] of Object.entries(parts)) {
      const part = document.getElementById(id)
      if (part && shown.get(id) !== text && show(part, text)) shown.set(id, text)
    }
  })
  // What is unfolded stays so, and the focus stays where it is: on an element with an id, or nothing is changed.
  function show(part, text) {
    const at = document.activeElement
    const isInside = part.contains(at)
    if (isInside && !at.id) return false
    const open = [...part.querySelectorAll('details')].map((one) => one.open)
    part.innerHTML = text
    part.querySelectorAll('details').forEach((one, index) => (one.open = open[index] === true))
    if (isInside) document.getElementById(at.id)?.focus({ preventScroll: true })
    localise(part)
    return true
  }
  // Signed out, or too many look: the browser does not try again by itself then.
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) tell('This page does not follow any more. ')
  })
  addEventListener('pagehide', () => source.close())
  function renew() {
    source.close()
    const at = document.activeElement
    if (!at || !at.closest('form')) return location.reload()
    tell('Something changed. ')
  }
  function tell(sentence) {
    const notice = document.getElementById('notice')
    notice.textContent = sentence
    const link = document.createElement('a')
    link.href = '/'
    link.textContent = 'Show it'
    notice.append(link)
    notice.hidden = false
  }
}
`
