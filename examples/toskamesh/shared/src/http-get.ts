import { Agent, request } from 'node:http';

export interface GetOptions {
  /** For the whole answer, not only its beginning. */
  readonly timeoutMs: number;
  /** More than this is an error. */
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GetAnswer {
  readonly status: number;
  readonly text: string;
}

/** A connection for each: one that is kept could be answered by an instance that is long told to stop. */
const agent = new Agent({ keepAlive: false });

/** A GET that ends by itself and holds no more than it is allowed to. `fetch` refuses some ports that services use. */
export function httpGet(url: URL, { timeoutMs, maxBytes, headers = {} }: GetOptions): Promise<GetAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) {
          // Its end may have come with this chunk, so destroying alone would not do.
          reject(new Error(`the answer is larger than ${maxBytes} bytes`));
          sent.destroy();
        }
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    sent.on('close', () => clearTimeout(timer));
    sent.on('error', reject);
    sent.end();
  });
}
