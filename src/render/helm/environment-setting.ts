import type { MeshNode } from '../../mesh/mesh.ts';
import { type Chart, chartNode } from './chart.ts';

/** What .NET programs read the name of their environment from. */
const ENVIRONMENT_SETTINGS: ReadonlySet<string> = new Set(['ASPNETCORE_ENVIRONMENT', 'DOTNET_ENVIRONMENT']);

const DEVELOPMENT = 'Development';
const PRODUCTION = 'Production';

/** The value `environment` in both values files. */
export const ENVIRONMENTS = { dev: DEVELOPMENT, prod: PRODUCTION } as const;

/**
 * Whether a setting of a service is the value `environment`: its text is that of the environment in both. Another text,
 * such as `Staging`, is a setting like any other.
 */
export function followsEnvironment(chart: Chart, node: string, setting: string): boolean {
  if (!ENVIRONMENT_SETTINGS.has(setting)) return false;
  const { dev, prod } = chartNode(chart, node);
  const before = settingText(dev, setting);
  const after = chart.hasProd ? settingText(prod, setting) : PRODUCTION;
  return (before ?? DEVELOPMENT) === DEVELOPMENT && (after ?? PRODUCTION) === PRODUCTION;
}

function settingText(node: MeshNode | undefined, name: string): string | undefined {
  const value = node?.env.find((setting) => setting.name === name)?.value;
  return value?.map((part) => (part.kind === 'text' ? part.text : '\0')).join('');
}
