import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Pod, Secret, Service, ServiceAccount } from 'kubernetes-models/v1';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Model {
  new (object: object): { validate(): void };
}

interface ParsedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const MODELS: Readonly<Record<string, Model>> = {
  'v1 ConfigMap': ConfigMap as Model,
  'v1 Pod': Pod as Model,
  'v1 Secret': Secret as Model,
  'v1 Service': Service as Model,
  'v1 ServiceAccount': ServiceAccount as Model,
  'apps/v1 Deployment': Deployment as Model,
  'apps/v1 StatefulSet': StatefulSet as Model,
  'batch/v1 Job': Job as Model,
  'autoscaling/v2 HorizontalPodAutoscaler': HorizontalPodAutoscaler as Model,
  'networking.k8s.io/v1 Ingress': Ingress as Model,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy as Model,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget as Model,
};

const run = promisify(execFile);

/**
 * What Kubernetes 1.34 would not accept of parsed objects, a line each: values against its OpenAPI schema, and fields that
 * it does not have. Those the validator lets pass, so the compiler looks for them: an object literal may not have a
 * property that its type does not know.
 */
export async function kubernetesProblems(objects: readonly unknown[]): Promise<string[]> {
  const parsed = objects as readonly ParsedObject[];
  return [...parsed.flatMap(schemaProblems), ...(await unknownFields(parsed.filter(isKnown)))];
}

function isKnown({ apiVersion, kind }: ParsedObject): boolean {
  return Object.hasOwn(MODELS, `${apiVersion} ${kind}`);
}

function schemaProblems(object: ParsedObject): string[] {
  const label = `${object.kind} ${object.metadata.name}`;
  const Model = MODELS[`${object.apiVersion} ${object.kind}`];
  if (Model === undefined) return [`${label}: no schema for ${object.apiVersion}`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return [`${label}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

const CONFIG = {
  compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', types: [] },
  files: ['objects.ts'],
};

async function unknownFields(objects: readonly ParsedObject[]): Promise<string[]> {
  const cache = path.join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'kubernetes-objects-'));
  try {
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
    writeFileSync(path.join(folder, 'objects.ts'), objects.map(typedLiteral).join('\n'));
    await run(process.execPath, [
      path.join(ROOT, 'node_modules/typescript/bin/tsc'),
      '-p',
      folder,
      '--pretty',
      'false',
    ]);
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined) throw error;
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function typedLiteral(object: ParsedObject, index: number): string {
  const { apiVersion, kind } = object;
  return [
    `import type { I${kind} as Type${index} } from 'kubernetes-models/${apiVersion}';`,
    `export const object${index}: Type${index} = ${JSON.stringify(object, undefined, 2)};`,
  ].join('\n');
}
