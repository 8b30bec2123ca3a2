/**
 * A text that may hold references. Addresses stay symbolic until a renderer or an engine asks for them from a
 * given place, so none is ever written twice.
 */
export type Value = readonly Part[];

export type Part =
  /** `from`: the named value of a node that it is; a chart has it among its values. */
  | { readonly kind: 'text'; readonly text: string; readonly from?: ValueOrigin | undefined }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string | undefined }
  | {
      readonly kind: 'address';
      readonly node: string;
      readonly endpoint: string;
      readonly property: AddressProperty;
    };

export interface ValueOrigin {
  readonly node: string;
  readonly name: string;
}

/** `url` is scheme://host:port, `address` is host:port. */
export type AddressProperty = 'url' | 'host' | 'port' | 'address';

/** Joins a value's parts, each turned into text by its kind. */
export function joinValue(
  value: Value,
  write: { [K in Part['kind']]: (part: Extract<Part, { kind: K }>) => string },
): string {
  let text = '';
  for (const part of value) {
    if (part.kind === 'text') text += write.text(part);
    else if (part.kind === 'secret') text += write.secret(part);
    else if (part.kind === 'variable') text += write.variable(part);
    else text += write.address(part);
  }
  return text;
}

/** Whether a value needs any secret. */
export function holdsSecret(value: Value): boolean {
  return value.some((part) => part.kind === 'secret');
}

/** The secrets that a value needs. */
export function secretsOf(value: Value): string[] {
  return value.flatMap((part) => (part.kind === 'secret' ? [part.name] : []));
}
