import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** What templates of tags and caches can refer to. What takes git is found out only when it is used. */
export interface TemplateValues {
  readonly version: string;
  readonly sha: () => string;
  readonly branch: () => string;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** @returns the problems of templates that use something else than the allowed names */
export function checkTemplates(templates: readonly string[], allowed: readonly string[]): Diagnostic[] {
  return templates.flatMap((template) =>
    [...template.matchAll(PLACEHOLDER)].flatMap(([whole, name = '']): Diagnostic[] =>
      allowed.includes(name)
        ? []
        : [
            {
              code: 'MESH1501',
              severity: 'error',
              message: `"${template}" uses ${whole}, which does not exist`,
              hint: `there are: ${allowed.map((one) => `{${one}}`).join(', ')}`,
            },
          ],
    ),
  );
}

/** The tag that a template gives, with what a tag cannot have turned into dashes. */
export function renderTag(template: string, values: TemplateValues): string {
  const text = template.replace(PLACEHOLDER, (whole, name: string) => {
    if (name === 'version') return values.version;
    if (name === 'sha') return values.sha();
    return name === 'branch' ? values.branch() : whole;
  });
  return tagOf(text);
}

/**
 * At most 128 letters, digits, dots, dashes and underscores, of which the first is neither dot nor dash.
 * Source: https://pkg.go.dev/github.com/distribution/reference
 */
function tagOf(text: string): string {
  return (
    text
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 128) || 'latest'
  );
}

export interface ImageNaming {
  /** `ghcr.io/acme/shop`; empty when images keep the name that the manifest gives them. */
  readonly registry: string | undefined;
  /** Ready tags; none: the one that the name has. */
  readonly tags: readonly string[];
}

/** The names that an image gets beside the one that the manifest gives it. */
export function imageNames(image: string, { registry, tags }: ImageNaming): string[] {
  if (registry === undefined && tags.length === 0) return [];
  const { repository, tag } = splitImage(image);
  const name = registry === undefined ? repository : `${placeOf(registry)}/${withoutRegistry(repository)}`;
  return [...new Set(tags.length === 0 ? [tag] : tags)].map((one) => `${name}:${one}`);
}

/** In lower case, as names of images have to be; those of repositories of sources, which stand in CI's variables, do not. */
function placeOf(registry: string): string {
  return registry.replace(/\/+$/, '').toLowerCase();
}

function splitImage(image: string): { repository: string; tag: string } {
  const match = /^(.*?)(?::([^:/]+))?$/.exec(image);
  return { repository: match?.[1] ?? image, tag: match?.[2] ?? 'latest' };
}

/** `ghcr.io/acme/web` → `acme/web`: the first part is a host when it has a dot or a port, or is localhost. */
function withoutRegistry(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : repository;
}

/** A cache as `--cache-from` and `--cache-to` take it, for one service. */
export function renderCache(template: string, service: string, values: TemplateValues): string {
  const text = template.replace(PLACEHOLDER, (whole, name: string) => {
    if (name === 'service') return service;
    if (name === 'version') return tagOf(values.version);
    if (name === 'sha') return values.sha();
    return name === 'branch' ? tagOf(values.branch()) : whole;
  });
  // All services would share the one scope that is there by default, and each would replace what the last one kept.
  return /^type=gha(,|$)/.test(text) && !/(^|,)scope=/.test(text) ? `${text},scope=${service}` : text;
}
