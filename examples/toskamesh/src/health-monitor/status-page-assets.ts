export const PAGE_STYLE = `
:root {
  --page: #f6f7f9; --card: #fff; --line: #e3e6ea; --text: #1c2127; --quiet: #5c6672;
  --healthy: #17803d; --degraded: #a15c00; --unhealthy: #c62828; --gone: #6b7280; --unknown: #4466b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111418; --card: #1a1f25; --line: #2c333b; --text: #e6e9ed; --quiet: #98a2ae;
    --healthy: #4cc276; --degraded: #f0a63a; --unhealthy: #ff7b72; --gone: #8b949e; --unknown: #86a9f5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 54rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
header { border-left: .35rem solid currentColor; padding: .1rem 0 .1rem .9rem; margin: .5rem 0 1.5rem; }
header p { margin: .15rem 0 0; color: var(--quiet); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { display: flex; align-items: center; gap: .55rem; font-size: 1rem; margin: 0; }
h2 small { margin-left: auto; font-weight: 600; font-size: .85rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; margin: .75rem 0; }
ul, ol { list-style: none; margin: .4rem 0 0; padding: 0; }
li { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem .8rem; padding: .45rem 0; border-top: 1px solid var(--line); }
.dot { width: .7rem; height: .7rem; border-radius: 50%; background: currentColor; flex: none; }
.status { min-width: 5.2rem; font-weight: 600; font-size: .9rem; }
.id { font-weight: 500; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, Menlo, Consolas, monospace; color: var(--quiet); overflow-wrap: anywhere; }
.took, .since, time, footer { color: var(--quiet); font-size: .88rem; font-variant-numeric: tabular-nums; }
.since { margin-left: auto; }
.why { margin: 0; color: var(--quiet); font-size: .88rem; overflow-wrap: anywhere; }
p.why { flex-basis: 100%; padding-left: 6rem; }
.changes li { font-size: .92rem; gap: .1rem .5rem; }
.changes time { min-width: 7.5rem; }
footer { margin-top: 1.25rem; }
.healthy { color: var(--healthy); } .degraded { color: var(--degraded); } .unhealthy { color: var(--unhealthy); }
.gone { color: var(--gone); } .unknown { color: var(--unknown); }
header h1 { color: var(--text); }
@media (max-width: 36rem) {
  .since { margin-left: 0; } p.why { padding-left: 0; } .changes time { min-width: 0; }
}
`;

/** Fetches the page anew whenever something changes, and now and then; a tab that is not looked at waits. */
export const PAGE_SCRIPT = `
'use strict';
const spoken = (ms) => {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 5) return 'just now';
  if (s < 90) return s + ' s ago';
  if (s < 5400) return Math.round(s / 60) + ' min ago';
  return s < 129600 ? Math.round(s / 3600) + ' h ago' : Math.round(s / 86400) + ' days ago';
};
const speak = () => {
  for (const time of document.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    time.title = at.toLocaleString();
    time.textContent = spoken(Date.now() - at);
  }
};
let waiting;
const refresh = () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      document.title = page.title;
      document.querySelector('main').replaceWith(page.querySelector('main'));
    } catch {
      document.querySelector('footer').textContent = 'The health monitor does not answer; what is shown may be old.';
    }
    speak();
  }, 200);
};
speak();
setInterval(speak, 5000);
setInterval(refresh, 15000);
document.addEventListener('visibilitychange', refresh);
new EventSource('/api/health/events').addEventListener('change', refresh);
`;
