import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on a TCP port, as far as this user may see it. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  return process.platform === 'linux' ? findOnLinux(port) : findWithLsof(port);
}

const LISTEN = '0A';

/** The kernel lists sockets with their inode; the process that has the inode open is the holder. */
function findOnLinux(port: number): PortHolder | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of entries('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (entries(`/proc/${pid}/fd`).some((fd) => inodes.has(socketInode(`/proc/${pid}/fd/${fd}`)))) {
      return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return undefined;
}

function listeningInodes(file: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(file)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(wanted) === true && columns[3] === LISTEN)
    .flatMap((columns) => columns[9] ?? []);
}

function socketInode(link: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? '';
  } catch {
    return '';
  }
}

function commandOf(pid: string): string {
  const [program = ''] = read(`/proc/${pid}/cmdline`).split('\0');
  return program.split('/').at(-1) || read(`/proc/${pid}/comm`).trim();
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** macOS and the BSDs: fields of one letter each, `p` the process id and `c` the command. */
async function findWithLsof(port: number): Promise<PortHolder | undefined> {
  try {
    const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
    const pid = Number(/^p(\d+)$/m.exec(stdout)?.[1]);
    return Number.isNaN(pid) ? undefined : { pid, command: /^c(.+)$/m.exec(stdout)?.[1] ?? 'a process' };
  } catch {
    return undefined;
  }
}
