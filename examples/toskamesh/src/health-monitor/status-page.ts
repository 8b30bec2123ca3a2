import { createHash } from 'node:crypto';
import type { InstanceView, MeshView, ServiceView } from './describe.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './status-page-assets.ts';
import type { Status } from './watched.ts';

const HEADLINES: Readonly<Record<Status, string>> = {
  healthy: 'Every service is healthy',
  degraded: 'Some instances do not answer',
  unhealthy: 'A service does not work',
  gone: 'A service is gone',
  unknown: 'Nothing is known yet',
};

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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(HEADLINES[mesh.status])} · ToskaMesh</title>
<noscript><meta http-equiv="refresh" content="10"></noscript>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header class="${mesh.status}">
<h1>${escapeHtml(HEADLINES[mesh.status])}</h1>
<p>${escapeHtml(renderCounts(mesh))}</p>
</header>
${mesh.services.map(renderService).join('\n')}
${renderChanges(mesh)}
<footer>Instances from ${escapeHtml(source)}. As of ${renderTime(now.toISOString())}.</footer>
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

function renderCounts({ counts, services }: MeshView): string {
  if (services.length === 0) {
    return 'No instance is registered.';
  }
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return `${total} ${total === 1 ? 'instance' : 'instances'} of ${services.length} services: ${parts.join(', ')}`;
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
<span class="status ${status}">${status}</span><span class="id">${escapeHtml(id)}</span><code>${escapeHtml(address)}</code>${took}<span class="since">since ${renderTime(since)}</span>
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
function renderTime(iso: string): string {
  return `<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
