import { createHash } from 'node:crypto';
import type { InstanceView, MeshView, ServiceView } from './describe.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './status-page-assets.ts';
import type { Status } from './watched.ts';

/** What needs a look stands at the top: on a phone the rest is far below. */
const WORST_FIRST: readonly Status[] = ['unhealthy', 'gone', 'degraded', 'unknown', 'healthy'];

/** Allows what the page itself holds and nothing else, should something in it not be escaped after all. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(PAGE_STYLE)}'`,
  `script-src '${hashOf(PAGE_SCRIPT)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A whole page without anything from elsewhere. */
export function renderStatusPage(mesh: MeshView, source: string, now: Date): string {
  const headline = renderHeadline(mesh);
  const services = [...mesh.services].sort((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${headline} · ToskaMesh</title>
<noscript><meta http-equiv="refresh" content="10"></noscript>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header class="${mesh.status}">
<h1>${headline}</h1>
<p>${escapeHtml(renderCounts(mesh))}</p>
</header>
${services.map(renderService).join('\n')}
${renderChanges(mesh)}
<footer>Instances from ${escapeHtml(source)}. Updated ${renderTime(now.toISOString())}.</footer>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

function renderHeadline({ status, services }: MeshView): string {
  const count = services.filter((service) => service.status === status).length;
  const subject = count === 1 ? '1 service' : `${count} services`;
  const headlines: Readonly<Record<Status, string>> = {
    healthy: 'Every service is healthy',
    degraded: `${subject} ${count === 1 ? 'works' : 'work'} only in part`,
    unhealthy: `${subject} ${count === 1 ? 'does' : 'do'} not work`,
    gone: `${subject} ${count === 1 ? 'is' : 'are'} gone`,
    unknown: count === 0 ? 'Nothing to watch' : `${subject} not heard of yet`,
  };
  return headlines[status];
}

function renderCounts({ counts, services }: MeshView): string {
  if (services.length === 0) {
    return 'No instance is registered.';
  }
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return `${total} ${total === 1 ? 'instance' : 'instances'} of ${services.length} ${services.length === 1 ? 'service' : 'services'}: ${parts.join(', ')}`;
}

function renderService({ service, status, instances }: ServiceView): string {
  return `<section>
<h2><span class="dot ${status}"></span>${escapeHtml(service)}<small class="${status}">${status}</small></h2>
<ul>
${instances.map(renderInstance).join('\n')}
</ul>
</section>`;
}

function renderInstance({ id, address, status, since, tookMs, reason }: InstanceView): string {
  const took = tookMs === undefined || status === 'gone' ? '' : `<span class="took">${tookMs} ms</span>`;
  const why = reason === undefined ? '' : `<p class="why">${escapeHtml(reason)}</p>`;
  return `<li>
<span class="status ${status}">${status}</span><span class="id">${escapeHtml(id)}</span><code>${escapeHtml(address)}</code>${took}${renderTime(since, 'since')}
${why}</li>`;
}

function renderChanges({ changes }: MeshView): string {
  if (changes.length === 0) {
    return '';
  }
  const rows = changes.map(({ at, id, from, to, reason }) => {
    const why = reason === undefined ? '' : `<span class="why">${escapeHtml(reason)}</span>`;
    return `<li>${renderTime(at)} <span class="id">${escapeHtml(id)}</span> <span class="${from}">${from}</span> → <span class="${to}">${to}</span> ${why}</li>`;
  });
  return `<section class="changes">
<h2>Last changes</h2>
<ol>
${rows.join('\n')}
</ol>
</section>`;
}

/** UTC for who has no script; the page's script puts it in the reader's own words. */
function renderTime(iso: string, kind: 'at' | 'since' = 'at'): string {
  const text = `${iso.slice(0, 19).replace('T', ' ')} UTC`;
  return `<time class="${kind}" datetime="${iso}">${kind === 'since' ? 'since ' : ''}${text}</time>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
