import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runKubernetesTool } from '../support/kubernetes-tools.ts';
import { mesh, ROOT } from '../support/mesh-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('mesh generate helm', () => {
  it('writes a chart with both environments, whichever the command is about', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': 'extends: toskamesh\n' });
    const result = await mesh(['generate', 'helm', '--environment', 'prod'], { cwd: folder.path });
    expect(result.stdout).toContain('helm/toskamesh/Chart.yaml');
    expect(readdirSync(folder.path).sort()).toEqual(['.mesh', 'helm', 'mesh.yaml']);
    const chart = path.join(folder.path, 'helm/toskamesh');
    const read = (file: string) => parse(readFileSync(path.join(chart, file), 'utf8'));
    expect(read('values.yaml').gateway.replicaCount).toBe(1);
    expect(read('values-prod.yaml').gateway.replicaCount).toBe(3);
    const linted = await runKubernetesTool('helm', ['lint', '--strict', chart]);
    expect(linted.exitCode).toBe(0);
    expect((await mesh(['generate', 'helm', '--check'], { cwd: folder.path })).exitCode).toBe(0);
  });

  it('removes the templates of a service that is gone, since Helm would render them', async () => {
    const manifest = (services: string) => `name: shop\nservices:\n${services}`;
    const web = '  web: { image: web, endpoints: { http: 80 } }\n';
    using folder = temporaryFolder({ 'mesh.yaml': manifest(`${web}  old: { image: old }\n`) });
    await mesh(['generate', 'helm'], { cwd: folder.path });
    const old = path.join(folder.path, 'helm/shop/templates/old/deployment.yaml');
    expect(existsSync(old)).toBe(true);
    folder.write('helm/shop/templates/own.yaml', '# mine\n');
    folder.write('mesh.yaml', manifest(web));
    const checked = await mesh(['generate', 'helm', '--check'], { cwd: folder.path });
    expect(checked.exitCode).toBe(1);
    expect(checked.stdout).toContain('--- helm/shop/templates/old/deployment.yaml');
    const result = await mesh(['generate', 'helm'], { cwd: folder.path });
    expect(result.stdout).toContain('removed helm/shop/templates/old/deployment.yaml');
    expect(existsSync(old)).toBe(false);
    expect(existsSync(path.join(folder.path, 'helm/shop/templates/own.yaml'))).toBe(true);
    expect((await mesh(['generate', 'helm', '--check'], { cwd: folder.path })).exitCode).toBe(0);
  });

  it('renders the committed chart of the reference mesh', async () => {
    const chart = path.join(ROOT, 'examples/toskamesh/helm/toskamesh-reference');
    const rendered = await runKubernetesTool('helm', [
      'template',
      'mesh',
      chart,
      '--set',
      'infrastructure.enabled=true',
    ]);
    expect(rendered.stdout).toContain('mesh-toskamesh-reference-gateway');
  });
});
