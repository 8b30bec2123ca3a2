import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { docker, lines } from './docker.ts';

/** A name that nobody else gives to images. Whatever happens, none of that name is left. */
export function imagePrefix(): AsyncDisposable & { readonly prefix: string } {
  const prefix = `mesh-test-${randomBytes(4).toString('hex')}`;
  return {
    prefix,
    [Symbol.asyncDispose]: async () => {
      const all = await lines('images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
      const own = all.filter((line) => line.includes(prefix));
      const names = own.map((line) => line.split(' ')[0] ?? '').filter((name) => !name.endsWith(':<none>'));
      if (names.length > 0) await docker('rmi', '--force', ...names);
      // What lost its name to a later build of the same test.
      const dangling = await lines(
        'images',
        '--quiet',
        '--filter',
        'dangling=true',
        '--filter',
        `label=test=${prefix}`,
      );
      if (dangling.length > 0) await docker('rmi', '--force', ...new Set(dangling));
    },
  };
}

/** Those of the words that stand anywhere in an image: its configuration, its history, or a layer, compressed or not. */
export async function wordsInImage(image: string, words: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const child = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] });
  const blobs = extract();
  child.stdout.pipe(blobs);
  for await (const blob of blobs) {
    const chunks: Buffer[] = [];
    for await (const chunk of blob) chunks.push(chunk as Buffer);
    const whole = Buffer.concat(chunks);
    const content = whole[0] === 0x1f && whole[1] === 0x8b ? gunzipSync(whole) : whole;
    for (const word of words) if (content.includes(word)) found.add(word);
  }
  return words.filter((word) => found.has(word));
}
