import path from 'node:path/posix';

export interface ArchiveFile {
  /** Absolute path inside the container. */
  readonly path: string;
  readonly text: string;
}

/** A tar of config files, to be unpacked at the root of a container. Missing folders are made by the engine. */
export async function packFiles(files: readonly ArchiveFile[]): Promise<Buffer> {
  const { default: tar } = await import('tar-stream');
  const archive = tar.pack();
  for (const file of files) {
    // As Compose mounts them: owned by root and readable by whoever the image runs as.
    archive.entry({ name: path.relative('/', file.path), mode: 0o444, mtime: new Date(0) }, file.text);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
