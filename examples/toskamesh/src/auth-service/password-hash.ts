/** What a scrypt hash costs. N is 2 to the power of `ln`. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

export interface PasswordHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/**
 * N = 2^15, r = 8, p = 3: of OWASP's equally strong settings the one that takes 32 MiB, so that a few at once fit a
 * container of 512 MiB. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
export const CURRENT_COST: ScryptCost = { ln: 15, r: 8, p: 3 };
export const SALT_BYTES = 16;
export const KEY_BYTES = 32;

/** A cost beyond these in a stored hash would let one login take all memory. */
const MAX_COST: ScryptCost = { ln: 17, r: 8, p: 10 };

/** Bytes that a hash of this cost needs: https://www.rfc-editor.org/rfc/rfc7914 */
export function memoryOf({ ln, r }: ScryptCost): number {
  return 128 * r * 2 ** ln;
}

/**
 * A PHC string, such as `$scrypt$ln=15,r=8,p=3$<salt>$<key>`: with the parameters in it they can change later.
 * https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */
export function renderPasswordHash({ cost: { ln, r, p }, salt, key }: PasswordHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** @throws Error when the text is no scrypt hash that this service may compute */
export function parsePasswordHash(text: string): PasswordHash {
  const found = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text);
  const [, ln = '', r = '', p = '', salt = '', key = ''] = found ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isAllowed = cost.ln <= MAX_COST.ln && cost.r <= MAX_COST.r && cost.p <= MAX_COST.p;
  if (found === null || !isAllowed) {
    throw new Error('a stored password hash is not one of this service');
  }
  return { cost, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

/** Whether a hash was made with other parameters than one of today would be. */
export function isOutdated({ cost }: PasswordHash, wanted: ScryptCost = CURRENT_COST): boolean {
  return cost.ln !== wanted.ln || cost.r !== wanted.r || cost.p !== wanted.p;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
