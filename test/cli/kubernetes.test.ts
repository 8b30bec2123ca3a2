import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesProblems } from '../support/kubernetes-schema.ts';
import { runKubernetesTool } from '../support/kubernetes-tools.ts';
import { mesh, ROOT } from '../support/mesh-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOSKAMESH = { 'mesh.yaml': 'extends: toskamesh\n' };

interface Parsed {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
}

describe('kubectl kustomize', () => {
  it.each([
    // The reference mesh's health-monitor has a Secret, too.
    ['k8s', 30, 31],
    ['k8s/gateway', 4, 4],
    ['k8s/infra', 13, 13],
    ['k8s/local', 43, 44],
  ])('takes the committed %s of this project and of the reference mesh', async (folder, own, reference) => {
    const projects = [[ROOT, own] as const, [path.join(ROOT, 'examples/toskamesh'), reference] as const];
    for (const [project, count] of projects) {
      const objects = await kustomize(path.join(project, folder));
      expect(objects).toHaveLength(count);
      expect(await kubernetesProblems(objects)).toEqual([]);
    }
  });

  it('takes what is generated for production', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    await mesh(['generate', '--environment', 'prod'], { cwd: folder.path });
    const objects = await kustomize(path.join(folder.path, 'k8s'));
    expect(await kubernetesProblems(objects)).toEqual([]);
  });

  it('makes a local mesh whose secrets are as long as the services ask, and agree', async () => {
    const objects = await kustomize(path.join(ROOT, 'k8s/local'));
    const secret = (name: string) => objects.find(({ metadata }) => metadata.name === name)?.stringData ?? {};
    const signs = secret('auth-service-secret').Jwt__Secret ?? '';
    expect(signs.length).toBeGreaterThanOrEqual(32);
    expect(secret('gateway-secret').Jwt__SecretKey).toBe(signs);
  });

  it('lets a production overlay change images, and add to what is generated', async () => {
    using folder = temporaryFolder({
      'prod/kustomization.yaml': [
        'resources: [../k8s]',
        'namespace: toskamesh',
        'images: [{ name: toskamesh-gateway, newName: registry.example.com/gateway, newTag: 1.4.2 }]',
      ].join('\n'),
    });
    cpSync(path.join(ROOT, 'k8s'), path.join(folder.path, 'k8s'), { recursive: true });
    const text = JSON.stringify(await kustomize(path.join(folder.path, 'prod')));
    expect(text).toContain('registry.example.com/gateway:1.4.2');
  });
});

describe('mesh generate --secrets', () => {
  it('prints one stream of objects with the values of the secrets file, infrastructure first', async () => {
    using folder = temporaryFolder({ ...TOSKAMESH, '.mesh/secrets.env': `MESH_SECRET_JWT=${'j'.repeat(32)}\n` });
    const { stdout, exitCode } = await mesh(['generate', 'k8s', 'infra', '--secrets', '--stdout'], {
      cwd: folder.path,
    });
    expect(exitCode).toBe(0);
    const objects = parse(stdout);
    expect(objects.map(({ kind }) => kind)).not.toContain('Kustomization');
    expect(objects).toHaveLength(43);
    expect(await kubernetesProblems(objects)).toEqual([]);
    expect(objects[1]).toMatchObject({ kind: 'Secret', metadata: { name: 'postgres-secret' } });
    const gateway = objects.find(({ metadata }) => metadata.name === 'gateway-secret');
    expect(gateway?.stringData?.Jwt__SecretKey).toBe('j'.repeat(32));
    expect(stdout).not.toContain('${');
    expect(existsSync(path.join(folder.path, 'k8s'))).toBe(false);
  });

  it('takes variables from the environment, and says which one is missing', async () => {
    const manifest = 'name: shop\nservices: { api: { image: api, env: { A: "${env.SHOP_A}" } } }\n';
    using folder = temporaryFolder({ 'mesh.yaml': manifest });
    const args = ['generate', 'k8s', '--secrets', '--stdout'];
    const missing = await mesh(args, { cwd: folder.path });
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('SHOP_A');
    const { stdout } = await mesh(args, { cwd: folder.path, env: { SHOP_A: 'yes' } });
    expect(stdout).toContain('A: "yes"');
  });

  it.each([
    [['k8s', '--secrets'], '--stdout'],
    [['k8s', '--secrets', '--check'], '--stdout'],
    [['--secrets', '--stdout'], 'k8s and infra only'],
    [['compose', 'k8s', '--secrets', '--stdout'], 'k8s and infra only'],
  ])('refuses %j', async (args, message) => {
    using folder = temporaryFolder(TOSKAMESH);
    const result = await mesh(['generate', ...args], { cwd: folder.path });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(message);
    expect(result.stderr).toContain('mesh generate k8s infra --secrets --stdout | kubectl apply -f -');
    expect(existsSync(path.join(folder.path, '.mesh'))).toBe(false);
  });

  it('never writes a value to a file', async () => {
    using folder = temporaryFolder({ ...TOSKAMESH, '.mesh/secrets.env': `MESH_SECRET_JWT=${'j'.repeat(32)}\n` });
    await mesh(['generate'], { cwd: folder.path });
    expect(readFileSync(path.join(folder.path, 'k8s/gateway/secret.yaml'), 'utf8')).toContain('${MESH_SECRET_JWT}');
  });
});

async function kustomize(folder: string): Promise<Parsed[]> {
  const { stdout, stderr, exitCode } = await runKubernetesTool('kubectl', ['kustomize', folder]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return parse(stdout);
}

function parse(text: string): Parsed[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Parsed);
}
