import type { Source } from '../../diagnostics/location.ts';

/**
 * What `helm template` prints, as a source for each object, named after the template that it comes from: a line of the
 * whole stream would lead nowhere.
 */
export function splitRendered(
  text: string,
  options: { readonly folder: string; readonly environment: string },
): Source[] {
  const counts = new Map<string, number>();
  return text
    .split(/^---[^\S\n]*(?:#.*)?$/m)
    .map((document) => document.replace(/^\n/, ''))
    .filter((document) => document.trim() !== '')
    .map((document) => {
      // The first part of the path is the name of the chart, which its folder may differ from.
      const template = /^# Source: [^/\n]+\/(.*)$/m.exec(document)?.[1] ?? 'a template';
      const count = (counts.get(template) ?? 0) + 1;
      counts.set(template, count);
      const number = count === 1 ? '' : `, ${count}`;
      return { file: `${options.folder}/${template} (${options.environment}${number})`, text: document };
    });
}
