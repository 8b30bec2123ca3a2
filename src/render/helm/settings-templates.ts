import type { ConfigFile, MeshNode, Setting } from '../../mesh/mesh.ts';
import { holdsSecret, secretsOf, type Value } from '../../mesh/value.ts';
import { placeFiles } from '../kubernetes/node-data.ts';
import { byEnvironment } from './by-environment.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { followsEnvironment } from './environment-setting.ts';
import { goString, indent, lines, section, yamlKey, yamlText } from './go-template.ts';
import { objectHead } from './names.ts';
import { inlineTemplate, type SecretSource, settingExpression } from './setting-template.ts';

/** A setting as one line of `data`. */
interface Entry {
  readonly key: string;
  readonly value: Value;
}

/** Whether some environment of the node has a setting that holds a secret. */
export function hasSecretSettings(node: ChartNode): boolean {
  return versionsOf(node).some((version) => version.env.some(isSecret));
}

/** The literal settings of a service: these are values, all others are made from values. */
export function literalSettings(chart: Chart, version: MeshNode | undefined): Readonly<Record<string, string>> {
  if (version === undefined) return {};
  const entries = version.env.flatMap((setting): [string, string][] =>
    isLiteral(chart, version, setting) ? [[setting.name, textOf(setting)]] : [],
  );
  return Object.fromEntries(entries);
}

/** The names of the settings that are made from other values in both environments, so that `env` cannot set them. */
export function composedSettings(chart: Chart, node: ChartNode): string[] {
  const literal = new Set(versionsOf(node).flatMap((version) => Object.keys(literalSettings(chart, version))));
  const names = versionsOf(node).flatMap((version) => version.env.map(({ name }) => name));
  return [...new Set(names)].filter((name) => !literal.has(name));
}

function textOf({ value }: Setting): string {
  return value.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

function isLiteral(chart: Chart, version: MeshNode, setting: Setting): boolean {
  const isText = setting.value.every((part) => part.kind === 'text' && part.from === undefined);
  return isText && !followsEnvironment(chart, version.name, setting.name);
}

/** The ConfigMap of a service: what is made from other values, then what `env` says. */
export function renderConfigMap(chart: Chart, node: ChartNode): string {
  const env = `.Values.${node.key}.env`;
  return lines(
    `{{- if .Values.${node.key}.enabled }}`,
    objectHead(chart, node, { apiVersion: 'v1', kind: 'ConfigMap', suffix: '-config' }),
    byEnvironment(chart, node, (version) => {
      const composed = version.env.filter((setting) => !isSecret(setting) && !isLiteral(chart, version, setting));
      const body = plainLines(chart, version, composed);
      return lines(body === '' ? `data:{{ if not ${env} }} {}{{ end }}` : 'data:', body);
    }),
    `  {{- range $name, $value := ${env} }}`,
    `  {{ $name | quote }}: {{ include ${goString(`${chart.name}.text`)} $value | quote }}`,
    '  {{- end }}',
    '{{- end }}',
  );
}

/** `data` of a server that the chart brings along, all of it fixed by the manifest. */
export function serverConfig(chart: Chart, node: ChartNode): string {
  return byEnvironment(chart, node, (version) =>
    section(
      'data:',
      plainLines(
        chart,
        version,
        version.env.filter((setting) => !isSecret(setting)),
      ),
    ),
  );
}

/** Whether some environment of the node has a setting that holds no secret. */
export function hasPlainSettings(node: ChartNode): boolean {
  return versionsOf(node).some((version) => version.env.some((setting) => !isSecret(setting)));
}

function plainLines(chart: Chart, version: MeshNode, settings: readonly Setting[]): string {
  return lines(
    ...settings.map(({ name, value }) => {
      const expression = followsEnvironment(chart, version.name, name)
        ? '.Values.environment'
        : settingExpression(value, { chart, self: version, source: 'values' });
      return entryLine(name, expression);
    }),
  );
}

/** What a node's Secrets hold. Settings and files are apart, since every key of the former becomes a variable. */
export type SecretContent = 'settings' | 'secret-files';

/** Files that hold secrets, or all others. */
export type FileContent = 'files' | 'secret-files';

/** The mapping of what holds secrets: `stringData` of a Secret, or `data` of what an operator fills in. */
export function secretData(chart: Chart, node: ChartNode, content: SecretContent, source: SecretSource): string {
  return byEnvironment(chart, node, (version) =>
    section(
      source === 'values' ? 'stringData:' : 'data:',
      lines(
        ...secretEntries(version, content).map(({ key, value }) =>
          entryLine(key, settingExpression(value, { chart, self: version, source })),
        ),
      ),
    ),
  );
}

/** The secrets that those lines hold. */
export function secretNames(node: ChartNode, content: SecretContent): string[] {
  const names = versionsOf(node).flatMap((version) =>
    secretEntries(version, content).flatMap(({ value }) => secretsOf(value)),
  );
  return [...new Set(names)];
}

function secretEntries(version: MeshNode, content: SecretContent): Entry[] {
  if (content === 'settings') return version.env.filter(isSecret).map(({ name, value }) => ({ key: name, value }));
  const keys = fileKeys(version);
  return filesOf(version, content).map((file) => ({ key: keys.get(file) ?? '', value: file.content }));
}

/** Whether some environment of the node has files of that sort. */
export function hasFiles(node: ChartNode, content: FileContent): boolean {
  return versionsOf(node).some((version) => filesOf(version, content).length > 0);
}

/** The files of a node of that sort. */
function filesOf(version: MeshNode, content: FileContent): ConfigFile[] {
  return version.files.filter((file) => holdsSecret(file.content) === (content === 'secret-files'));
}

function fileKeys(version: MeshNode): ReadonlyMap<ConfigFile, string> {
  const placed = placeFiles(version.files);
  return new Map(version.files.map((file, index) => [file, placed[index]?.key ?? '']));
}

/** The ConfigMap with a service's files. */
export function renderFiles(chart: Chart, node: ChartNode): string {
  return lines(
    `{{- if .Values.${node.key}.enabled }}`,
    objectHead(chart, node, { apiVersion: 'v1', kind: 'ConfigMap', suffix: '-files' }),
    fileData(chart, node),
    '{{- end }}',
  );
}

/** `data` of the files that hold no secret. */
export function fileData(chart: Chart, node: ChartNode): string {
  return byEnvironment(chart, node, (version) => {
    const keys = fileKeys(version);
    const texts = filesOf(version, 'files').map((file) => {
      const key = keys.get(file) ?? '';
      const inline = inlineTemplate(file.content, { chart, self: version });
      if (inline !== undefined) return `  ${yamlKey(key)}: |\n${indent(inline.trimEnd(), 4)}`;
      return entryLine(key, settingExpression(file.content, { chart, self: version, source: 'values' }));
    });
    return section('data:', lines(...texts));
  });
}

function isSecret(setting: Setting): boolean {
  return holdsSecret(setting.value);
}

// A text that no value of the chart changes, and that no template takes for its own.
const LITERAL = /^"(?:[^"\\]|\\.)*"$/;

function entryLine(key: string, expression: string): string {
  const isLiteral = LITERAL.test(expression) && !expression.includes('{{');
  return `  ${yamlKey(key)}: ${isLiteral ? yamlText(JSON.parse(expression)) : `{{ ${expression} | quote }}`}`;
}
