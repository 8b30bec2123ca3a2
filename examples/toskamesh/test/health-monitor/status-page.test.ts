import { expect, it } from 'vitest';
import { describeMesh } from '../../src/health-monitor/describe.ts';
import { renderStatusPage } from '../../src/health-monitor/status-page.ts';
import { after, NOW } from './instances.ts';

const render = (...watched: Parameters<typeof describeMesh>[0]) =>
  renderStatusPage(describeMesh(watched), 'Consul', new Date(NOW));

/** Without what is the same on every page. */
const bodyOf = (page: string) => page.slice(page.indexOf('<main>'), page.indexOf('<script>'));

it('shows services, instances and changes', () => {
  expect(bodyOf(render(after([undefined, 'HTTP 503'])))).toMatchInlineSnapshot(`
    "<main>
    <header class="degraded">
    <h1>Some instances do not answer</h1>
    <p>1 instance of 1 services: 1 degraded</p>
    </header>
    <section>
    <h2><span class="dot degraded"></span>config-service<small class="degraded">degraded</small></h2>
    <ul>
    <li>
    <span class="status degraded">degraded</span><span class="id">config-1</span><code>10.0.0.5:80</code><span class="took">3 ms</span><span class="since">since <time datetime="2026-01-31T12:00:01.000Z">2026-01-31 12:00:01 UTC</time></span>
    <p class="why">HTTP 503</p></li>
    </ul>
    </section>
    <section class="changes">
    <h2>Last changes</h2>
    <ol>
    <li><time datetime="2026-01-31T12:00:01.000Z">2026-01-31 12:00:01 UTC</time> <span class="id">config-1</span> <span class="healthy">healthy</span> → <span class="degraded">degraded</span> <span class="why">HTTP 503</span></li>
    <li><time datetime="2026-01-31T12:00:00.000Z">2026-01-31 12:00:00 UTC</time> <span class="id">config-1</span> <span class="unknown">unknown</span> → <span class="healthy">healthy</span> </li>
    </ol>
    </section>
    <footer>Instances from Consul. As of <time datetime="2026-01-31T12:00:00.000Z">2026-01-31 12:00:00 UTC</time>.</footer>
    </main>
    "
  `);
});

it('says so when nothing is registered', () => {
  expect(bodyOf(render())).toContain('No instance is registered.');
});

it('escapes all that comes from elsewhere', () => {
  const evil = `<script>alert('"&')</script>`;
  const page = bodyOf(render(after([evil], { id: evil, service: evil, address: evil })));
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;');
});
