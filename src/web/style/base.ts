/** Each has contrast enough for small text on all grounds (WCAG AA). */
const colours: readonly (readonly [name: string, light: string, dark: string])[] = [
  ['text', '#1b2027', '#e8ebef'],
  ['quiet', '#57606c', '#a7b0bc'],
  ['back', '#f4f6f9', '#12151a'],
  ['card', '#fff', '#1b1f26'],
  ['field', '#fff', '#14181e'],
  ['line', '#dfe3e9', '#323943'],
  ['edge', '#7d8794', '#6f7a88'],
  ['accent', '#1652a6', '#8cbaf7'],
  ['on-accent', '#fff', '#0b1a2e'],
  ['tint', '#e6effb', '#1d2c42'],
  ['good', '#1a6b3c', '#8fd8a8'],
  ['good-back', '#e2f4e8', '#17311f'],
  ['bad', '#a3261f', '#ffb4ab'],
  ['bad-back', '#fdebe9', '#3d1f1c'],
  ['warn', '#b26a00', '#e0a34a'],
  ['warn-back', '#fff4e0', '#352915'],
  ['shade', '#1b202712', '#0005'],
]
const light = colours.map(([name, value]) => `--${name}:${value}`).join(';')
const dark = colours.map(([name, , value]) => `--${name}:${value}`).join(';')
const root = `:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}`

/** Letters, and the frame of every page. */
export const base = `${root}
*{box-sizing:border-box}
html{scroll-padding:1rem}
body{margin:0;color:var(--text);background:var(--back);font:16px/1.55 system-ui,sans-serif;-webkit-text-size-adjust:100%}
header{background:var(--card);border-bottom:1px solid var(--line)}
header>div,main,footer{max-width:56rem;margin:0 auto;padding:0 1.25rem}
header>div{display:flex;flex-wrap:wrap;gap:0 1.5rem;align-items:center;min-height:3.5rem}
main{padding-top:1.5rem;padding-bottom:1rem}
footer{color:var(--quiet);font-size:.875rem;padding-bottom:2rem}
.home{display:flex;align-items:center;gap:.6rem;font-size:1.15rem;font-weight:700;color:var(--text);text-decoration:none;padding:.5rem 0}
.home svg{width:1.75rem;height:1.75rem;color:var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:0 .25rem;margin:0 -.7rem}
nav a{padding:.5rem .7rem;color:var(--quiet);text-decoration:none;border-radius:.4rem}
nav a:hover{color:var(--text);text-decoration:underline}
nav a[aria-current]{color:var(--accent);font-weight:600;text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:.4rem}
a{color:var(--accent);text-underline-offset:.15em}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.6rem 1rem;z-index:1;border-radius:.4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 1.25rem;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.15rem;line-height:1.3;margin:0 0 .6rem}
h3{font-size:1rem;margin:1.1rem 0 .25rem}
p{margin:.25rem 0 .75rem}p:last-child,details:last-child,dl:last-child,ul:last-child,ol:last-child{margin-bottom:0}
ol{padding-left:1.5rem;margin:.25rem 0 .75rem}li{overflow-wrap:anywhere}ol>li+li{margin-top:.5rem}
dt{font-weight:600;margin-top:.6rem}dd{margin:.1rem 0 .5rem;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace;font-size:.95em}code.wrap{overflow-wrap:anywhere}
.lead{font-size:1.05rem;margin-bottom:1.25rem;max-width:42rem}.quiet{color:var(--quiet)}.small{font-size:.9rem}.address{font-weight:600;overflow-wrap:anywhere}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.25rem}
@media (max-width:30rem){header>div,main,footer{padding-left:.9rem;padding-right:.9rem}main{padding-top:1.1rem}h1{font-size:1.45rem}nav a{padding:.45rem .6rem}}
@media (forced-colors:active){.tag,.chart rect{forced-color-adjust:none}}
`
