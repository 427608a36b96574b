export const style = `:root{color-scheme:light dark;--text:#1c2024;--quiet:#5b636d;--back:#fbfcfd;--card:#fff;--line:#d9dde2;--accent:#0b57b0;--on-accent:#fff;--bad:#a3261f;--bad-back:#fdecea;--warn:#b26a00;--warn-back:#fff4e0}
@media (prefers-color-scheme:dark){:root{--text:#e7eaee;--quiet:#a2abb6;--back:#14171b;--card:#1d2126;--line:#363c44;--accent:#8ab8f5;--on-accent:#0b1b30;--bad:#ffb4ab;--bad-back:#40201d;--warn:#e0a34a;--warn-back:#3a2d16}}
*{box-sizing:border-box}
body{margin:0;color:var(--text);background:var(--back);font:16px/1.5 system-ui,sans-serif}
header,main{max-width:46rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;color:var(--quiet)}
.home{font-size:1.25rem;font-weight:700;color:var(--text);text-decoration:none}
a{color:var(--accent)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem}
h1{overflow-wrap:anywhere;font-size:1.6rem;line-height:1.2;margin:.5rem 0 1rem}h2{font-size:1.2rem;margin:0 0 .5rem}
section,.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 1rem}
ul.plain{list-style:none;margin:0;padding:0}ul.plain>li+li{border-top:1px solid var(--line);margin-top:.75rem;padding-top:.75rem}
.address{font-weight:600;overflow-wrap:anywhere}.quiet{color:var(--quiet)}p{margin:.25rem 0 .75rem}
.alert{color:var(--bad);background:var(--bad-back);border-radius:.4rem;padding:.6rem .8rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:0 0 .75rem;padding:.5rem .75rem}legend{padding:0 .3rem;font-weight:600}
label{display:block;margin:.3rem 0}label.field{font-weight:600}
input[type=text],input[type=password],input[type=url],select,textarea{display:block;width:100%;max-width:28rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--quiet);border-radius:.4rem;padding:.45rem .6rem;margin:.15rem 0 .6rem}
button{font:inherit;font-weight:600;border:1px solid var(--accent);border-radius:.4rem;padding:.45rem 1rem;background:var(--accent);color:var(--on-accent);cursor:pointer;min-height:2.75rem}
button.second{background:transparent;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code.password{display:inline-block;font-size:1.5rem;letter-spacing:.05em;padding:.5rem .75rem;border:2px dashed var(--accent);border-radius:.4rem;user-select:all;overflow-wrap:anywhere}
summary{cursor:pointer;font-weight:600}
@media (prefers-reduced-motion:no-preference){button{transition:opacity .15s}}button:hover{opacity:.9}
form.out{margin-left:auto}form.out button{min-height:2.25rem;padding:.2rem .75rem}nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}nav a{padding:.35rem 0}nav a[aria-current]{color:var(--text);font-weight:600;text-decoration-thickness:2px}
.warning{color:var(--text);background:var(--warn-back);border-left:4px solid var(--warn);border-radius:.3rem;padding:.6rem .8rem}[hidden]{display:none!important}
.broken{border-color:var(--bad)}ol{padding-left:1.5rem;margin:.25rem 0 .75rem}li{overflow-wrap:anywhere}ol>li+li{margin-top:.5rem}ol.steps{list-style-position:inside;padding:0}ol.steps h2{display:inline}
ul.tiles{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.75rem}ul.tiles li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.75rem}ul.tiles a{display:block;font-weight:600;padding:.2rem 0}ul.tiles .quiet{font-size:.9rem}
dt{font-weight:600;margin-top:.6rem}dd{margin:.1rem 0 .5rem;overflow-wrap:anywhere}code.wrap{overflow-wrap:anywhere}
h3{font-size:1rem;margin:1rem 0 .25rem}pre{overflow-x:auto;background:var(--back);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;margin:.25rem 0 .5rem}
a.download{display:inline-block;border:1px solid var(--accent);border-radius:.4rem;padding:.5rem 1rem;font-weight:600;text-decoration:none;margin:0 .5rem .5rem 0}
progress{width:100%;height:.75rem;accent-color:var(--accent)}.chart{width:100%;height:60px;fill:var(--accent);border-bottom:1px solid var(--line)}
label:has(>input[type=radio],>input[type=checkbox]){padding:.2rem 0 .2rem 1.75rem;text-indent:-1.75rem}input[type=radio],input[type=checkbox]{width:1.1rem;height:1.1rem;margin:0 .45rem 0 0;vertical-align:-.15rem;accent-color:var(--accent)}
@media (max-width:30rem){table{font-size:.9rem}th,td{padding-right:.4rem}header,main{padding:.75rem}}
button.copy{display:block;margin:.25rem 0 .75rem}details{margin:.75rem 0}input[type=file]{max-width:100%;font:inherit}
`
