import { formatAddress } from '../../mesh/address.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { camelCase } from './camel-case.ts';
import type { Chart, External } from './chart.ts';
import { include, yamlText } from './go-template.ts';
import { fullnameLength } from './names.ts';

/** templates/_helpers.tpl: the named templates that all others use. */
export function renderHelpers(chart: Chart): string {
  return `${[`{{/* ${GENERATED_NOTICE} */}}`, ...general(chart), ...[...chart.externals.values()].flatMap((external) => addressHelpers(chart, external))].join('\n\n')}\n`;
}

function define(chart: Chart, name: string, about: string, body: string): string {
  return `{{/* ${about} */}}\n{{- define "${chart.name}.${name}" -}}\n${body}\n{{- end }}`;
}

function general(chart: Chart): string[] {
  const length = fullnameLength(chart);
  const c = chart.name;
  return [
    define(
      chart,
      'name',
      'The name of the chart.',
      `{{- default .Chart.Name .Values.nameOverride | trunc ${length} | trimSuffix "-" }}`,
    ),
    define(
      chart,
      'fullname',
      'What the name of every object begins with; short enough for the longest name of a service behind it.',
      `{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc ${length} | trimSuffix "-" }}
{{- else }}
{{- $name := include "${c}.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc ${length} | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc ${length} | trimSuffix "-" }}
{{- end }}
{{- end }}`,
    ),
    define(
      chart,
      'chart',
      'Name and version of the chart, as a label has it.',
      '{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}',
    ),
    define(
      chart,
      'labels',
      'The labels of an object. Takes root, name and component.',
      `helm.sh/chart: {{ include "${c}.chart" .root }}
{{ include "${c}.selectorLabels" . }}
app.kubernetes.io/version: {{ regexReplaceAll "[^A-Za-z0-9._-]+" .root.Chart.AppVersion "_" | trunc 63 | trimAll "._-" | quote }}
app.kubernetes.io/component: {{ .component | quote }}
app.kubernetes.io/part-of: ${yamlText(c)}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}`,
    ),
    define(
      chart,
      'selectorLabels',
      'What tells the pods of one service from all others. It can never be changed in a cluster. Takes root and name.',
      `app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}`,
    ),
    define(
      chart,
      'isProduction',
      'Not empty where the rules of production hold.',
      `{{- if has (lower .Values.environment) (list "production" "prod") }}true{{ end }}`,
    ),
    define(
      chart,
      'image',
      'The whole name of an image. Takes root, image and registry, empty where the name has one; a tag may be a digest.',
      `{{- $tag := .image.tag | default .root.Chart.AppVersion }}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .image.repository }}{{ if contains ":" $tag }}@{{ else }}:{{ end }}{{ $tag }}`,
    ),
    define(
      chart,
      'text',
      'A value as text. A number that went through YAML would else be printed with an exponent.',
      '{{- if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end }}',
    ),
    define(
      chart,
      'connectionValue',
      'A value in a connection string: what has special characters is quoted by the rules of ADO.NET.',
      `{{- if regexMatch "^[^\\"'=;\\\\pZ\\\\pC]*$" . }}{{ . }}{{ else }}"{{ replace "\\"" "\\"\\"" . }}"{{ end }}`,
    ),
    define(
      chart,
      'urlPart',
      'A value in a URL, with what would end it encoded.',
      '{{- urlquery . | replace "+" "%20" }}',
    ),
    define(
      chart,
      'operatorText',
      'A text in a template of the External Secrets operator, which must not take braces in it for its own.',
      `{{- replace "{{" "{{ \\"{{\\" }}" . }}`,
    ),
    define(
      chart,
      'secretProblem',
      'What is wrong with a secret in production. Takes path, value, minLength (bytes) and known: values that are public.',
      `{{- if not (trim .value) }}{{ .path }} is empty
{{- else if or (has .value .known) (regexMatch ${PLACEHOLDER} (trim .value)) }}{{ .path }} is a placeholder or a default
{{- else if lt (len .value) (int .minLength) }}{{ .path }} has {{ len .value }} bytes, and needs at least {{ .minLength }}
{{- end }}`,
    ),
  ];
}

/** Texts that stand for a secret in examples, and passwords that servers come with; the whole text has to be one. */
const PLACEHOLDER =
  '`(?i)^(change.?(me|it|this)([^a-z0-9].*)?|.*insecure.?development.*|.*(place.?holder|replace.?(me|this)).*|password|passwd|secret|guest|admin|root|test|todo|tbd|none|null|example|default|your[^a-z0-9].*|<.*>|\\$\\{.*\\}|\\$\\(.*\\)|x{3,}|…+|\\*{3,}|\\.{3,})$`';

/** Where a server is: in the cluster, when the chart brings it along, or where the values say. */
function addressHelpers(chart: Chart, external: External): string[] {
  const { node, main, others } = external;
  const c = chart.name;
  const name = node.name;
  const values = `.Values.externalServices.${node.key}`;
  const host = `include "${c}.${name}.host" .`;
  const inCluster = `{{- if ${include(`${c}.${name}.inCluster`)} }}`;
  const own = `{{ ${include(`${c}.fullname`)} }}-${name}`;
  const portOf = (port: number, value: string) => `${inCluster}${port}{{ else }}${value}{{ end }}`;
  return [
    define(
      chart,
      `${name}.inCluster`,
      `Not empty when the chart brings ${name} along.`,
      `{{- if and .Values.infrastructure.enabled .Values.infrastructure.${node.key}.enabled }}true{{ end }}`,
    ),
    ...(external.form === 'address' ? splitAddress(chart, external) : []),
    ...(external.form === 'host'
      ? [
          define(
            chart,
            `${name}.host`,
            `The host of ${name}.`,
            `${inCluster}${own}{{ else }}{{ ${values}.host }}{{ end }}`,
          ),
          define(chart, `${name}.port`, `The port of ${name}.`, portOf(main.port, `{{ ${values}.port }}`)),
          define(
            chart,
            `${name}.address`,
            `host:port of ${name}; IPv6 in brackets.`,
            `{{- if contains ":" (${host}) }}[{{ ${host} }}]{{ else }}{{ ${host} }}{{ end }}:{{ ${include(`${c}.${name}.port`)} }}`,
          ),
          urlHelper(chart, name, main.protocol),
        ]
      : []),
    ...others.flatMap((endpoint) => [
      define(
        chart,
        `${name}.${endpoint.name}.port`,
        `The port of ${name} for ${endpoint.name}.`,
        portOf(endpoint.port, `{{ ${values}.${camelCase(endpoint.name)}Port }}`),
      ),
      define(
        chart,
        `${name}.${endpoint.name}.address`,
        `host:port of ${name} for ${endpoint.name}.`,
        `{{- if contains ":" (${host}) }}[{{ ${host} }}]{{ else }}{{ ${host} }}{{ end }}:{{ ${include(`${c}.${name}.${endpoint.name}.port`)} }}`,
      ),
      urlHelper(chart, `${name}.${endpoint.name}`, endpoint.protocol),
    ]),
  ];
}

function urlHelper(chart: Chart, name: string, protocol: External['main']['protocol']): string {
  return define(
    chart,
    `${name}.url`,
    `The URL of ${name}.`,
    `${schemeOf(protocol)}{{ ${include(`${chart.name}.${name}.address`)} }}`,
  );
}

function schemeOf(protocol: External['main']['protocol']): string {
  return formatAddress({ protocol, host: 'x', port: 1 }, 'url').replace('x:1', '');
}

/** One text that may be host:port or a URL gives both forms, and its parts. */
function splitAddress(chart: Chart, { node, main }: External): string[] {
  const c = chart.name;
  const name = node.name;
  const given = `.Values.externalServices.${node.key}.address`;
  const inCluster = `{{- if ${include(`${c}.${name}.inCluster`)} }}`;
  const own = `{{ ${include(`${c}.fullname`)} }}-${name}`;
  const address = include(`${c}.${name}.address`);
  return [
    define(
      chart,
      `${name}.address`,
      `host:port of ${name}. A URL without a port has that of its scheme, a name alone has ${main.port}.`,
      `${inCluster}${own}:${main.port}
{{- else }}
{{- $rest := ${given} | trimPrefix "https://" | trimPrefix "http://" | trimSuffix "/" }}
{{- if regexMatch ":[0-9]+$" $rest }}{{ $rest }}
{{- else if hasPrefix "https://" ${given} }}{{ $rest }}:443
{{- else if hasPrefix "http://" ${given} }}{{ $rest }}:80
{{- else }}{{ $rest }}:${main.port}
{{- end }}
{{- end }}`,
    ),
    define(
      chart,
      `${name}.url`,
      `The URL of ${name}; a scheme that is given stays.`,
      `{{- if and (not (${include(`${c}.${name}.inCluster`)})) (contains "://" ${given}) }}{{ ${given} | trimSuffix "/" }}{{ else }}http://{{ ${address} }}{{ end }}`,
    ),
    define(
      chart,
      `${name}.host`,
      `The host of ${name}.`,
      `{{- ${address} | splitList ":" | initial | join ":" | trimAll "[]" }}`,
    ),
    define(chart, `${name}.port`, `The port of ${name}.`, `{{- ${address} | splitList ":" | last }}`),
  ];
}
